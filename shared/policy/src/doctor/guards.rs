//! Whether the policies of buckets and topics keep everybody out who has no business there.
//!
//! They have the last word: what IAM allows a role, they may refuse, and what IAM can't see, they may let
//! in. So two things are read of each. Without TLS nobody gets anything: a Deny for everybody under
//! `aws:SecureTransport` false, and under nothing else. And the account is by itself: whatever is allowed
//! is allowed to this account's principals, or to a service or anybody on this account's behalf; or a Deny
//! for everybody else settles it. What this doesn't understand counts as open.
//!
//! Sources: IAM User Guide, "AWS global condition context keys"; Amazon SNS Developer Guide, "Default
//! access policy" (`AWS:SourceOwner`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::doctor::{Area, Check, Seen};
use crate::ids::AccountId;

/// Condition keys of which one that names the account keeps all others out.
const OF_ACCOUNT: [&str; 3] = ["aws:principalaccount", "aws:sourceaccount", "aws:sourceowner"];

/// Something with a policy of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// Its ARN.
    pub arn: String,
    /// What must not be done without TLS, such as `sns:Publish`.
    pub action: &'static str,
}

impl Guarded {
    /// A bucket: without TLS nothing at all may be done.
    #[must_use]
    pub fn bucket(partition: &str, name: &str) -> Self {
        Self { arn: format!("arn:{partition}:s3:::{name}"), action: "s3:*" }
    }

    /// A topic: a policy of SNS may deny no more than this to everybody.
    #[must_use]
    pub fn topic(arn: &str) -> Self {
        Self { arn: arn.to_owned(), action: "sns:Publish" }
    }
}

/// Judges the policy of `guarded`: empty if it has none, `None` if the thing itself isn't there.
#[must_use]
pub fn guards(guarded: &Guarded, account: &AccountId, policy: &Seen<Option<String>>) -> Vec<Check> {
    let (area, Guarded { arn, .. }) = (Area::Guards, guarded);
    let text = match policy {
        Err(unseen) => return vec![Check::unseen(area, unseen)],
        Ok(None) => {
            let next = "apply the module, or correct its name";
            return vec![Check::unknown(area, format!("{arn} isn't deployed yet"), next)];
        }
        Ok(Some(text)) if text.is_empty() => Ok(Policy::default()),
        Ok(Some(text)) => serde_json::from_str(text),
    };
    let Ok(Policy { statements }) = text else {
        let what = format!("the policy of {arn} can't be read");
        return vec![Check::unknown(area, what, "look at it in the console")];
    };
    let next = "apply the module again: it writes that policy";
    let mut checks = Vec::new();
    if !statements.iter().any(|each| each.asks_for_tls(guarded)) {
        checks.push(Check::wrong(area, format!("{arn} can be reached without TLS"), next));
    }
    let is_shut = statements.iter().any(|each| each.shuts_out_others(guarded, account));
    if let Some(open) = statements.iter().find(|each| !is_shut && each.lets_in_others(account)) {
        let what = format!("{arn} lets in more than account {account} ({})", open.name());
        checks.push(Check::wrong(area, what, next));
    }
    if checks.is_empty() {
        let what = format!("{arn} asks for TLS, and lets in nobody but account {account}");
        checks.push(Check::ok(area, what));
    }
    checks
}

#[derive(Debug, Default, Deserialize)]
struct Policy {
    #[serde(rename = "Statement", deserialize_with = "one_or_many")]
    statements: Vec<Statement>,
}

/// What isn't among these fields, such as `NotPrincipal`, is what isn't understood.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    #[serde(default)]
    sid: String,
    effect: String,
    #[serde(default)]
    principal: Value,
    #[serde(default)]
    action: Value,
    #[serde(default)]
    resource: Value,
    /// Operator, then key, then values.
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Statement {
    fn asks_for_tls(&self, guarded: &Guarded) -> bool {
        self.denies_all(guarded)
            && self.is_only_under("Bool", |key, values| {
                key == "aws:securetransport" && values == ["false"]
            })
    }

    fn shuts_out_others(&self, guarded: &Guarded, account: &AccountId) -> bool {
        self.denies_all(guarded)
            && self.is_only_under("StringNotEquals", |key, values| {
                key == "aws:principalaccount" && values == [account.as_str()]
            })
    }

    /// A Deny for everybody, on all of it.
    fn denies_all(&self, guarded: &Guarded) -> bool {
        let Guarded { arn, action } = guarded;
        let service = action.split(':').next().unwrap_or_default();
        let (actions, resources) = (texts(&self.action), texts(&self.resource));
        let has = |list: &[String], wanted: &str| list.iter().any(|each| each == wanted);
        let is_whole = !action.ends_with('*') || has(&resources, &format!("{arn}/*"));
        self.effect == "Deny"
            && self.principals().is_none()
            && (has(&actions, action) || has(&actions, &format!("{service}:*")))
            && (has(&resources, "*") || (has(&resources, arn) && is_whole))
    }

    /// Whether it counts under one condition and no other.
    fn is_only_under(&self, operator: &str, is_it: impl Fn(&str, &[String]) -> bool) -> bool {
        let mut pairs = self.condition.iter().flat_map(|(operator, pairs)| {
            pairs.iter().map(move |(key, values)| (operator, key.to_lowercase(), texts(values)))
        });
        matches!((pairs.next(), pairs.next()), (Some((of, key, values)), None)
            if of == operator && is_it(&key, &values))
    }

    fn lets_in_others(&self, account: &AccountId) -> bool {
        self.effect != "Deny" && !self.is_on_behalf_of(account) && !self.is_for(account)
    }

    /// Whether a condition binds it to the account.
    fn is_on_behalf_of(&self, account: &AccountId) -> bool {
        let equal = self.condition.get("StringEquals").into_iter().flatten();
        equal.into_iter().any(|(key, values)| {
            OF_ACCOUNT.contains(&key.to_lowercase().as_str()) && texts(values) == [account.as_str()]
        })
    }

    /// Whether all of its principals are the account's.
    fn is_for(&self, account: &AccountId) -> bool {
        let of_account = |arn: &String| {
            arn == account.as_str() || arn.split(':').nth(4) == Some(account.as_str())
        };
        self.principals().is_some_and(|arns| !arns.is_empty() && arns.iter().all(of_account))
    }

    /// The ARNs or accounts that it is about, services by their name; `None` for everybody.
    fn principals(&self) -> Option<Vec<String>> {
        let kinds = self.principal.as_object();
        let named = kinds.map_or_else(
            || texts(&self.principal),
            |kinds| kinds.values().flat_map(texts).collect::<Vec<_>>(),
        );
        (!named.contains(&"*".to_owned())).then_some(named)
    }

    fn name(&self) -> &str {
        if self.sid.is_empty() { "a statement without a Sid" } else { &self.sid }
    }
}

/// A text, a truth or a list of them, as texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(truth) => vec![truth.to_string()],
        Value::Null | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Statement>, D::Error> {
    let value = Value::deserialize(from)?;
    let found = if let Value::Array(many) = value { many } else { vec![value] };
    let read = |each| serde_json::from_value(each).map_err(serde::de::Error::custom);
    found.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-west-2:123456789012:prod-alarms";
    const BUCKET: &str = "arn:aws:s3:::keep";

    fn said(guarded: &Guarded, statements: &[&Value]) -> Vec<String> {
        let policy = Ok(Some(json!({ "Statement": statements }).to_string()));
        let checks = guards(guarded, &"123456789012".parse().unwrap(), &policy);
        checks.into_iter().map(|check| check.what).collect()
    }

    fn tls(actions: &Value, resources: &Value) -> Value {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resources,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        })
    }

    #[test]
    fn tls_is_asked_for_if_all_is_denied_to_everybody_without_it() {
        let bucket = Guarded::bucket("aws", "keep");
        let whole = json!([BUCKET, format!("{BUCKET}/*")]);
        let good = tls(&json!("s3:*"), &whole);
        let fine = format!("{BUCKET} asks for TLS, and lets in nobody but account 123456789012");
        assert_eq!(said(&bucket, &[&good]), [fine]);
        let changed = |pointer: &str, value: Value| {
            let mut changed = good.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            changed
        };
        for wrong in [
            changed("/Effect", json!("Allow")),
            changed("/Principal", json!({ "AWS": "123456789012" })),
            changed("/Action", json!("s3:GetObject")),
            changed("/Resource", json!(BUCKET)),
            changed("/Condition/Bool/aws:SecureTransport", json!("true")),
            changed("/Condition", json!({})),
            changed(
                "/Condition",
                json!({
                    "Bool": { "aws:SecureTransport": "false" },
                    "StringEquals": { "aws:SourceVpc": "vpc-1" },
                }),
            ),
        ] {
            let open = format!("{BUCKET} can be reached without TLS");
            assert_eq!(said(&bucket, &[&wrong])[0], open, "{wrong}");
        }
        assert_eq!(said(&bucket, &[]).len(), 1);
    }

    #[test]
    fn a_policy_lets_in_others_unless_each_statement_or_a_deny_names_the_account() {
        let topic = Guarded::topic(TOPIC);
        let tls = tls(&json!("sns:Publish"), &json!(TOPIC));
        let allow = |principal: Value, condition: Value| {
            json!({
                "Sid": "It", "Effect": "Allow", "Principal": principal, "Action": "sns:Publish",
                "Resource": TOPIC, "Condition": condition,
            })
        };
        let account = json!({ "StringEquals": { "aws:SourceAccount": "123456789012" } });
        let owner = json!({ "StringEquals": { "AWS:SourceOwner": ["123456789012"] } });
        let other = json!({ "StringEquals": { "aws:SourceAccount": "999999999999" } });
        let anyhow = json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::*" } });
        let (nothing, service) = (json!({}), json!({ "Service": "cloudwatch.amazonaws.com" }));
        let root = |account: &str| json!({ "AWS": format!("arn:aws:iam::{account}:root") });
        for (statement, lets_in) in [
            (allow(root("123456789012"), nothing.clone()), false),
            (allow(json!({ "AWS": ["123456789012"] }), nothing.clone()), false),
            (allow(json!("*"), owner), false),
            (allow(service.clone(), account), false),
            (allow(root("999999999999"), nothing.clone()), true),
            (allow(json!({ "AWS": "*" }), nothing.clone()), true),
            (allow(service.clone(), nothing), true),
            (allow(service.clone(), other), true),
            (allow(service, anyhow), true),
        ] {
            let open = format!("{TOPIC} lets in more than account 123456789012 (It)");
            let said = said(&topic, &[&tls, &statement]);
            assert_eq!(said.contains(&open), lets_in, "{statement}");
        }
    }

    #[test]
    fn a_deny_for_all_other_accounts_settles_what_an_allow_leaves_open() {
        let bucket = Guarded::bucket("aws", "keep");
        let whole = json!([BUCKET, format!("{BUCKET}/*")]);
        let tls = tls(&json!("s3:*"), &whole);
        let open = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": whole });
        let shut = |account: &str| {
            json!({
                "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": whole,
                "Condition": { "StringNotEquals": { "aws:PrincipalAccount": account } },
            })
        };
        let count = |statements: &[&Value]| {
            said(&bucket, statements).iter().filter(|what| what.contains("lets in more")).count()
        };
        assert_eq!(count(&[&tls, &open]), 1);
        assert_eq!(count(&[&tls, &open, &shut("999999999999")]), 1);
        assert_eq!(count(&[&tls, &open, &shut("123456789012")]), 0);
    }

    #[test]
    fn without_a_policy_nothing_asks_for_tls() {
        let account = "123456789012".parse().unwrap();
        let checks = guards(&Guarded::topic(TOPIC), &account, &Ok(Some(String::new())));
        let what: Vec<_> = checks.iter().map(|check| check.what.as_str()).collect();
        assert_eq!(what, [format!("{TOPIC} can be reached without TLS")]);
        let whole = tls(&json!("sns:*"), &json!(TOPIC));
        assert!(said(&Guarded::topic(TOPIC), &[&whole])[0].contains("asks for TLS"));
    }

    #[test]
    fn what_isnt_there_or_cant_be_read_is_unknown() {
        for policy in [Ok(None), Ok(Some("{".to_owned()))] {
            let account = "123456789012".parse().unwrap();
            let checks = guards(&Guarded::topic(TOPIC), &account, &policy);
            assert_eq!(checks[0].verdict, crate::doctor::Verdict::Unknown);
        }
    }
}

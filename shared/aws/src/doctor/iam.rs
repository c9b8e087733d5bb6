//! Asks IAM what a role may do.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::PolicyEvaluationDecisionType as Word;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};
use futures_util::{StreamExt, TryStreamExt, stream};
use snapkeep_policy::doctor::{Answers, Decision, Need, Question};

use super::{Caller, there, unseen};
use crate::{Aws, Failure};

/// For each principal. IAM's limit for an account's callers together is low, and nobody publishes it.
const ASKED_AT_ONCE: usize = 2;
/// Condition keys that hold a list, however many values are in it.
const LISTS: [&str; 1] = ["aws:TagKeys"];

/// What IAM says of each need of `principal`, in the order of the needs.
pub async fn answers(aws: &Aws, principal: &str, needs: &[Need]) -> Answers {
    let client = Client::new(&aws.config_in(aws.home()));
    let asked = needs.iter().map(|need| decisions(&client, principal, &need.question));
    let answers = stream::iter(asked).buffered(ASKED_AT_ONCE).try_collect::<Vec<_>>().await;
    // One answer that there is no such principal is enough.
    answers.map(|answers| answers.into_iter().collect()).map_err(unseen)
}

/// ARN of the user or role behind the caller. A session's ARN doesn't tell a role's path, so IAM is asked.
///
/// # Errors
/// As the call; [`crate::FailureClass::Invalid`] for the account itself, which has no policies.
pub async fn caller_principal(aws: &Aws, caller: &Caller) -> Result<String, Failure> {
    let resource = caller.arn.splitn(6, ':').nth(5).unwrap_or_default();
    let Some(session) = resource.strip_prefix("assumed-role/") else {
        if resource.starts_with("user/") {
            return Ok(caller.arn.clone());
        }
        let message = "its permissions can't be simulated: call as a user or a role";
        return Err(Failure::invalid(format!("simulate {}", caller.arn), message));
    };
    let name = session.split('/').next().unwrap_or_default();
    let client = Client::new(&aws.config_in(aws.home()));
    let sent = client.get_role().role_name(name).send().await;
    let answer = sent.map_err(|error| Failure::of(format!("look at role {name}"), &error))?;
    let role = answer.role.map(|role| role.arn);
    role.ok_or_else(|| Failure::doubtful(format!("look at role {name}"), "the answer has no role"))
}

/// All actions on all resources; `None` if there is no such principal. What an answer leaves out is asked
/// again: emulators answer for the first resource only.
async fn decisions(
    client: &Client,
    principal: &str,
    question: &Question,
) -> Result<Option<Vec<Decision>>, Failure> {
    let subject = format!("simulate {} for {principal}", question.actions.join(", "));
    let (mut decided, mut left) = (Vec::new(), question.resources.clone());
    while !left.is_empty() {
        let call = client.simulate_principal_policy().policy_source_arn(principal);
        let call = call.set_action_names(Some(question.actions.clone()));
        let call = call.set_resource_arns(Some(left.clone()));
        let call = call.set_context_entries(Some(context(question)));
        let answer = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let answer = there(answer.map_err(|error| Failure::of(&subject, &error)))?;
        let Some(results) = answer else { return Ok(None) };
        let new: Vec<Decision> = results.into_iter().flat_map(read).collect();
        let before = left.len();
        left.retain(|resource| {
            let is_decided = |action: &String| {
                new.iter().any(|said| said.action == *action && said.resource == *resource)
            };
            !question.actions.iter().all(is_decided)
        });
        if left.len() == before {
            let doubt = format!("the answer leaves out {}", left.join(", "));
            return Err(Failure::doubtful(subject, doubt));
        }
        decided.extend(new);
    }
    let is_asked = |said: &Decision| question.resources.contains(&said.resource);
    decided.retain(is_asked);
    decided.sort_by(|a, b| (&a.action, &a.resource).cmp(&(&b.action, &b.resource)));
    decided.dedup_by(|a, b| (&a.action, &a.resource) == (&b.action, &b.resource));
    Ok(Some(decided))
}

fn context(question: &Question) -> Vec<ContextEntry> {
    let entry = |(key, values): (&String, &Vec<String>)| {
        let is_flag = values.iter().all(|value| value == "true" || value == "false");
        let kind = if LISTS.contains(&key.as_str()) {
            ContextKeyTypeEnum::StringList
        } else if is_flag {
            ContextKeyTypeEnum::Boolean
        } else {
            ContextKeyTypeEnum::String
        };
        ContextEntry::builder()
            .context_key_name(key)
            .set_context_key_values(Some(values.clone()))
            .context_key_type(kind)
            .build()
    };
    question.context.iter().map(entry).collect()
}

/// The decision for each resource; of one resource alone, that for the whole.
fn read(result: EvaluationResult) -> Vec<Decision> {
    let decision = |resource: String, word: &Word, missing: &[String]| Decision {
        action: result.eval_action_name.clone(),
        resource,
        allowed: *word == Word::Allowed,
        because: because(word, missing),
    };
    let each = result.resource_specific_results();
    if each.is_empty() {
        let resource = result.eval_resource_name.clone().unwrap_or_else(|| "*".to_owned());
        return vec![decision(resource, &result.eval_decision, result.missing_context_values())];
    }
    let of = |said: &aws_sdk_iam::types::ResourceSpecificResult| {
        let missing = said.missing_context_values();
        decision(said.eval_resource_name.clone(), &said.eval_resource_decision, missing)
    };
    each.iter().map(of).collect()
}

/// `implicitDeny, a policy asks for aws:SourceIp`
fn because(word: &Word, missing: &[String]) -> String {
    if missing.is_empty() {
        return word.as_str().to_owned();
    }
    format!("{}, a policy asks for {}", word.as_str(), missing.join(", "))
}

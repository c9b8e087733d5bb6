//! Whether each function may do what it needs, and no more.
//!
//! IAM is asked for what a role's own policies say, and its permissions boundary. It doesn't answer for
//! the policies of buckets, topics and keys, which can refuse all the same.

use std::collections::BTreeMap;

use crate::doctor::{Area, Check, Function, Need, Seen};

/// Who carries out a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A role of its own, by ARN. Whether somebody named it, or it follows from the module's naming.
    Role {
        /// Its ARN.
        arn: String,
        /// Whether somebody named it.
        is_named: bool,
    },
    /// Whoever asks, for all of them.
    Caller {
        /// ARN of the user or role.
        arn: String,
    },
}

impl Principal {
    /// The ARN that IAM is asked about.
    #[must_use]
    pub fn arn(&self) -> &str {
        match self {
            Self::Role { arn, .. } | Self::Caller { arn } => arn,
        }
    }

    /// Whether `need` is a question for it: of one who does everything nothing must be refused.
    #[must_use]
    pub fn is_asked(&self, need: &Need) -> bool {
        match self {
            Self::Role { .. } => true,
            Self::Caller { .. } => need.may,
        }
    }
}

/// IAM's answer for one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Whether it is allowed.
    pub allowed: bool,
    /// IAM's word for it, and the condition keys that it would have needed.
    pub because: String,
}

/// The decisions on each need, in the order of the needs; `None` if there is no such principal.
pub type Answers = Seen<Option<Vec<Vec<Decision>>>>;

/// Judges the permissions of one function.
#[must_use]
pub fn permissions(
    function: Function,
    principal: &Principal,
    needs: &[Need],
    answers: &Answers,
) -> Vec<Check> {
    let area = Area::Permissions;
    let arn = principal.arn();
    let answers = match (answers, principal) {
        (Err(unseen), _) => {
            let what = format!("{function}: {}", unseen.what);
            return vec![Check::unknown(area, what, &unseen.next)];
        }
        (Ok(Some(answers)), _) => answers,
        (Ok(None), Principal::Role { is_named: false, .. }) => {
            let next = "apply the module, or name the role with --role";
            let what = format!("{function}: {arn} isn't deployed yet");
            return vec![Check::unknown(area, what, next)];
        }
        (Ok(None), Principal::Role { is_named: true, .. } | Principal::Caller { .. }) => {
            let what = format!("{function}: {arn} doesn't exist");
            return vec![Check::wrong(area, what, "correct --role")];
        }
    };
    let (mut allowed, mut refused) = (0_usize, 0_usize);
    let mut off: BTreeMap<(bool, &str), Off<'_>> = BTreeMap::new();
    for (need, decisions) in needs.iter().zip(answers) {
        for decision in decisions {
            if decision.allowed == need.may {
                *(if need.may { &mut allowed } else { &mut refused }) += 1;
                continue;
            }
            let off = off.entry((need.may, &decision.action));
            off.or_insert_with(|| Off { why: &need.why, decisions: Vec::new() })
                .decisions
                .push(decision);
        }
    }
    if off.is_empty() {
        let what = format!("{function}: {arn} may do what it needs ({allowed} permissions)");
        let refusals = format!(", and is refused what it must not ({refused})");
        let refusals = if refused > 0 { refusals } else { String::new() };
        return vec![Check::ok(area, what + &refusals)];
    }
    off.into_iter().map(|((may, action), off)| off.check(function, arn, may, action)).collect()
}

/// Decisions on one action that aren't as they should be.
struct Off<'a> {
    why: &'a str,
    decisions: Vec<&'a Decision>,
}

impl Off<'_> {
    fn check(&self, function: Function, arn: &str, may: bool, action: &str) -> Check {
        let Self { why, decisions } = self;
        let Some(Decision { resource, because, .. }) = decisions.first() else {
            return Check::unknown(
                Area::Permissions,
                format!("{function}: {action}"),
                "run it again",
            );
        };
        let more = match decisions.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if may {
            let what = format!("{function} is refused {action} on {resource}{more} ({because})");
            Check::wrong(Area::Permissions, what, format!("allow it to {arn}: {why}"))
        } else {
            let what = format!("{function} is allowed {action} on {resource}{more}");
            Check::wrong(Area::Permissions, what, format!("take it from {arn}: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Question, Unseen, Verdict};
    use crate::verb::Verb;

    const ROLE: &str = "arn:aws:iam::123456789012:role/snapkeep-prune";

    fn need(may: bool, action: &str) -> Need {
        let question = Question {
            actions: vec![action.to_owned()],
            resources: vec!["a".to_owned(), "b".to_owned()],
            context: BTreeMap::new(),
        };
        Need { may, why: "so it is".to_owned(), question }
    }

    fn said(action: &str, allowed: [bool; 2]) -> Vec<Decision> {
        let decision = |(resource, allowed): (&str, bool)| Decision {
            action: action.to_owned(),
            resource: resource.to_owned(),
            allowed,
            because: "implicitDeny".to_owned(),
        };
        ["a", "b"].into_iter().zip(allowed).map(decision).collect()
    }

    fn lines(is_named: bool, answers: &Answers) -> Vec<(Verdict, String)> {
        let role = Principal::Role { arn: ROLE.to_owned(), is_named };
        let needs = [need(true, "rds:DeleteDBSnapshot"), need(false, "rds:AddTagsToResource")];
        let checks = permissions(Function::Of(Verb::Prune), &role, &needs, answers);
        let line = |check: Check| {
            let next = check.next.map_or(String::new(), |next| format!(": {next}"));
            (check.verdict, check.what + &next)
        };
        checks.into_iter().map(line).collect()
    }

    #[test]
    fn a_role_is_well_if_it_may_what_it_needs_and_is_refused_what_it_must_not() {
        let answers = |deletes, tags| {
            Ok(Some(vec![
                said("rds:DeleteDBSnapshot", deletes),
                said("rds:AddTagsToResource", tags),
            ]))
        };
        let table: [(Answers, &[(Verdict, &str)]); 4] = [
            (
                answers([true, true], [false, false]),
                &[(
                    Verdict::Ok,
                    "prune: arn:aws:iam::123456789012:role/snapkeep-prune may do what it needs (2 \
                     permissions), and is refused what it must not (2)",
                )],
            ),
            (
                answers([true, false], [false, false]),
                &[(
                    Verdict::Wrong,
                    "prune is refused rds:DeleteDBSnapshot on b (implicitDeny): allow it to \
                     arn:aws:iam::123456789012:role/snapkeep-prune: so it is",
                )],
            ),
            (
                answers([true, true], [true, true]),
                &[(
                    Verdict::Wrong,
                    "prune is allowed rds:AddTagsToResource on a and 1 more: take it from \
                     arn:aws:iam::123456789012:role/snapkeep-prune: so it is",
                )],
            ),
            (
                Err(Unseen { what: "simulate: AccessDenied".to_owned(), next: "ask".to_owned() }),
                &[(Verdict::Unknown, "prune: simulate: AccessDenied: ask")],
            ),
        ];
        for (answers, expected) in table {
            let lines = lines(false, &answers);
            let lines: Vec<_> = lines.iter().map(|(verdict, line)| (*verdict, &**line)).collect();
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn a_role_that_isnt_there_is_unknown_unless_somebody_named_it() {
        assert_eq!(lines(false, &Ok(None))[0].0, Verdict::Unknown);
        assert_eq!(lines(true, &Ok(None))[0].0, Verdict::Wrong);
    }
}

//! Doctor's questions to IAM: who carries out each function, and whether they may.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use snapkeep_aws::doctor::{self as looks, Caller};
use snapkeep_policy::doctor::{
    Area, Check, Deployed, Facts, Function, Need, Principal, Question, Seen, needs, permissions,
    unnamed,
};
use snapkeep_policy::view::View;

use super::Visit;
use crate::ui;

impl Visit<'_> {
    pub(super) async fn permissions(
        &self,
        view: &View<'_>,
        facts: &Facts,
        deployed: &Seen<Deployed>,
        caller: &Seen<Caller>,
    ) -> Vec<Check> {
        let deployed = match deployed {
            Ok(deployed) => deployed,
            Err(unseen) => return vec![Check::unseen(Area::Permissions, unseen)],
        };
        let principals = match self.principals(deployed, caller).await {
            Ok(principals) => principals,
            Err(unseen) => return vec![Check::unseen(Area::Permissions, &unseen)],
        };
        let bar = ui::progress(principals.len().try_into().unwrap_or(0), "functions", "asking IAM");
        let looks = principals.iter().map(async |(function, principal)| {
            let needs = needs(view, facts, deployed, *function);
            let asked: Vec<Need> = needs.into_iter().filter(|n| principal.is_asked(n)).collect();
            let answers = looks::answers(self.aws, principal.arn(), &asked).await;
            bar.inc(1);
            permissions(*function, principal, &asked, &answers)
        });
        let checks = join_all(looks).await.concat();
        bar.finish_and_clear();
        checks
    }

    /// Who carries out each function that is deployed.
    async fn principals(
        &self,
        deployed: &Deployed,
        caller: &Seen<Caller>,
    ) -> Seen<BTreeMap<Function, Principal>> {
        let standby = deployed.standby.as_ref().map(|_| Function::Standby);
        let functions = Function::FIVE.into_iter().chain(standby);
        if self.args.as_caller {
            let caller = caller.as_ref().map_err(Clone::clone)?;
            let arn = looks::caller_principal(self.aws, caller).await.map_err(looks::unseen)?;
            let caller = |function| (function, Principal::Caller { arn: arn.clone() });
            return Ok(functions.map(caller).collect());
        }
        let named: BTreeMap<Function, &String> =
            self.args.roles.iter().map(|(function, arn)| (*function, arn)).collect();
        let role = |function| {
            let is_named = named.contains_key(&function);
            let by_name = || self.role_by_name(deployed, function);
            let arn = named.get(&function).map_or_else(by_name, ToString::to_string);
            (function, Principal::Role { arn, is_named })
        };
        Ok(functions.map(role).collect())
    }

    /// As the module names it.
    fn role_by_name(&self, deployed: &Deployed, function: Function) -> String {
        let (account, partition) = (&deployed.account, Deployed::partition(self.home));
        format!("arn:{partition}:iam::{account}:role/{}", function.role_name(&self.args.name))
    }

    /// A standby of which nothing was said, but whose role is there. Roles are the account's, in no
    /// region; and whoever may ask IAM for what the five may, may ask for this one too.
    pub(super) async fn unnamed_standby(&self, deployed: &Deployed) -> Option<Check> {
        if self.args.as_caller {
            return None;
        }
        let role = self.role_by_name(deployed, Function::Standby);
        let question = Question {
            actions: vec!["rds:DescribeDBInstances".to_owned()],
            resources: vec!["*".to_owned()],
            context: BTreeMap::new(),
        };
        let need = Need { may: true, why: String::new(), question };
        match looks::answers(self.aws, &role, &[need]).await {
            Ok(Some(_)) => Some(unnamed(&role)),
            // What IAM refuses to say is told of the five.
            Ok(None) | Err(_) => None,
        }
    }
}

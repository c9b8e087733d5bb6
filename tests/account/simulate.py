"""iam:SimulatePrincipalPolicy by the evaluator that judges real calls.

MiniStack's own ignores the context entries, all resources but the first, and the permissions
boundary. Resource policies and tags of resources are not looked at: as in IAM, what a decision
depends on has to be given as a context entry.
"""

import re
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


def install() -> None:
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate_principal_policy


def simulate_principal_policy(params: dict):
    source = one(params, "PolicySourceArn")
    name = source.rsplit("/", 1)[-1]
    account = get_account_id()
    if ":role/" not in source or name not in iam._roles:
        text = f"The role with name {name} cannot be found."
        return iam._error(404, "NoSuchEntity", text, ns="iam")
    policies = iam_evaluator._gather_role_policies(name, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    context = entries(params)
    results = []
    for action in many(params, "ActionNames"):
        for resource in many(params, "ResourceArns") or ["*"]:
            asked = iam_evaluator.EvalContext(
                principal_arn=one(params, "CallerArn") or source,
                principal_type="AssumedRole",
                principal_account=account,
                action=action,
                resource_arn=resource,
                region=context.get("aws:requestedregion", get_region()),
                service_context=context,
            )
            result = iam_evaluator.evaluate(asked, policies, *limits)
            results.append(member(action, resource, DECISIONS[result.decision]))
    answer = "".join(results)
    return iam._xml(
        200,
        "SimulatePrincipalPolicyResponse",
        "<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{answer}</EvaluationResults></SimulatePrincipalPolicyResult>",
        ns="iam",
    )


def member(action: str, resource: str, decision: str) -> str:
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision>"
        "<MatchedStatements/><MissingContextValues/></member>"
    )


def entries(params: dict) -> dict:
    """The context entries by their key, in lower case as the evaluator keeps them."""
    context: dict = {"aws:tagkeys": None}
    for name in sorted(params):
        found = re.fullmatch(r"ContextEntries\.member\.(\d+)\.ContextKeyName", name)
        if not found:
            continue
        prefix = f"ContextEntries.member.{found.group(1)}"
        values = many(params, f"{prefix}.ContextKeyValues")
        lists = one(params, f"{prefix}.ContextKeyType").endswith("List")
        context[one(params, name).lower()] = values if lists else values[0]
    return context


def one(params: dict, name: str) -> str:
    value = params.get(name, "")
    return value[0] if isinstance(value, list) else value


def many(params: dict, name: str) -> list[str]:
    found, number = [], 1
    while value := one(params, f"{name}.member.{number}"):
        found.append(value)
        number += 1
    return found

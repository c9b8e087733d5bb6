"""With --enforce a service delivers only what it may, as in AWS: MiniStack doesn't ask.

A rule needs the policy of its target, a schedule its own role, a notification the policy of the
function, a destination the role of the function, an alarm the policy of its topic. What is
encrypted needs the policy of the key too. Refusals are kept (refusals.py), for AWS itself
tells nobody of them.
Sources: "Using resource-based policies for EventBridge"; "Setting up the execution role", of
Scheduler; "Resource-based policies", of Lambda; "Key management", of SNS.
"""

from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, eventbridge, iam, sns

import encryption
import refusals

EVENTS, SCHEDULER = "events.amazonaws.com", "scheduler.amazonaws.com"
NOTIFICATIONS, LAMBDA = "sns.amazonaws.com", "lambda.amazonaws.com"
ALARMS, ALARMS_TO_FUNCTIONS = "cloudwatch.amazonaws.com", "lambda.alarms.cloudwatch.amazonaws.com"
# What a delivery is, by the service in the ARN of the target.
ACTIONS = {
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
}


def install() -> None:
    eventbridge._invoke_target = with_leave(eventbridge._invoke_target)
    sns._deliver_to_sqs = with_key(sns._deliver_to_sqs)
    cloudwatch._dispatch_alarm_actions = to_allowed(cloudwatch._dispatch_alarm_actions)


def with_leave(invoke_target):
    """Of a rule or, if the event is of Scheduler, of a schedule."""

    def invoke(target, event, source, view=None):
        if event["Source"] == "aws.scheduler":
            allowed = role_may_deliver(target["RoleArn"], SCHEDULER, target["Arn"])
        else:
            allowed = service_may_deliver(EVENTS, target["Arn"], source["Arn"])
        if allowed:
            invoke_target(target, event, source, view)

    return invoke


def with_key(deliver):
    """Of a topic to a queue. MiniStack asks the queue's policy, but not that of its key."""

    def deliver_to_sqs(queue, *args, topic_arn="", **more):
        if service_may_deliver(NOTIFICATIONS, queue, topic_arn):
            deliver(queue, *args, topic_arn=topic_arn, **more)

    return deliver_to_sqs


def to_allowed(dispatch):
    """Tells only those topics of an alarm that let it."""

    def dispatch_alarm_actions(alarm, old, state, reason):
        name = actions_in(state)
        topics = [action for action in alarm.get(name) or [] if ":sns:" in action]
        source = alarm["AlarmArn"]
        allowed = [topic for topic in topics if service_may_deliver(ALARMS, topic, source)]
        dispatch({**alarm, name: allowed}, old, state, reason)

    return dispatch_alarm_actions


def actions_in(state: str) -> str:
    """The name under which an alarm keeps what it does in a state."""
    return {"ALARM": "AlarmActions", "OK": "OKActions"}.get(state, "InsufficientDataActions")


def service_may_deliver(service: str, target: str, source: str) -> bool:
    """Whether the target's own policy, and that of its key, let the service come from `source`."""
    if not ministack.AUTH:
        return True
    kind = target.split(":")[2]
    actions = [(ACTIONS[kind], target)]
    if key := encryption.key_of(target):
        actions += [(action, key) for action in encryption.TO_SEND]
    for action, resource in actions:
        if not policy_allows(service, action, resource, source):
            return refuse(f"{service} may not {action} on {resource} for {source}")
    return True


def policy_allows(service: str, action: str, resource: str, source: str) -> bool:
    found = iam_evaluator._resource_policy(action.split(":")[0], resource)
    asked = request(action, resource, service, source)
    policy = found[0] if found else None
    result = iam_evaluator.evaluate_resource_policy(policy, asked, service=service)
    return result.decision == "Allow"


def role_may_deliver(role: str, service: str, target: str) -> bool:
    """Whether the role trusts the service and may deliver to the target."""
    if not ministack.AUTH:
        return True
    action = ACTIONS[target.split(":")[2]]
    asked = request(action, target, service, "")
    name = role.rsplit("/", 1)[-1]
    if not trusts(name, service):
        return refuse(f"{service} may not sts:AssumeRole on {role}")
    policies = iam_evaluator._gather_role_policies(name, get_account_id())
    limits = iam_evaluator._permissions_boundary(iam._roles, name, get_account_id())
    if iam_evaluator.evaluate(asked, policies, *limits).decision != "Allow":
        return refuse(f"{role} may not {action} on {target}")
    return True


def trusts(role: str, service: str) -> bool:
    document = (iam._roles.get(role) or {}).get("AssumeRolePolicyDocument")
    asked = request("sts:AssumeRole", "*", service, "")
    result = iam_evaluator.evaluate_resource_policy(document, asked, service=service)
    return result.decision == "Allow"


def request(action: str, resource: str, service: str, source: str):
    """What a policy may ask of a delivery."""
    account = get_account_id()
    keys = {
        "aws:sourceaccount": account,
        "aws:sourceowner": account,
        "aws:principalservicename": service,
    }
    return iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={**keys, "aws:sourcearn": source} if source else keys,
    )


def refuse(why: str) -> bool:
    refusals.note(why)
    return False

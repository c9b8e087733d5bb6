"""Asynchronous invocations as Lambda makes them, wherever they come from.

MiniStack tries once for events of EventBridge and SNS, gives up on a function that is busy, and
sends nothing on success. Here all of them are tried again, and end at the function's destinations
and dead-letter queue. Only the waits are short.
Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous
invocation".
"""

import contextvars
import json
import threading
import time
import uuid
from datetime import datetime, timezone

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge, lambda_svc, sns

import deliveries

# One minute and two in Lambda.
RETRY_WAITS_S = (0.5, 1.0)
# A busy function is asked again for as long as an event may be old, six hours if nothing is said.
BUSY_WAIT_S = 0.5
EVENT_AGE_S_MAX = 21600


def install() -> None:
    lambda_svc.invoke_async_with_retry = invoke
    eventbridge._dispatch_to_lambda = deliver_event
    sns._deliver_to_lambda = deliver_notification


def invoke(function: dict, event) -> None:
    """Has the function run with `event` in its own time. `function` is its record."""
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(run_to_its_end, function, event), daemon=True).start()


def invoke_by_arn(arn: str, event) -> None:
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function and config:
        invoke(lambda_svc._execution_record_for_config(function, config), event)


def deliver_event(arn: str, payload: str) -> None:
    invoke_by_arn(arn, json.loads(payload))


def deliver_notification(
    endpoint, envelope, topic_arn, subscription_arn, message_id, message, attributes
) -> None:
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "EventSource": "aws:sns",
        "Sns": json.loads(envelope),
    }
    if deliveries.service_may_deliver(deliveries.NOTIFICATIONS, endpoint, topic_arn):
        invoke_by_arn(endpoint, {"Records": [record]})


def run_to_its_end(function: dict, event) -> None:
    config = function["config"]
    account, region = lambda_svc._account_region_from_function_config(config)
    set_request_account_id(account)
    set_request_region(region)
    settings = settings_of(config)
    deadline = time.monotonic() + int(settings.get("MaximumEventAgeInSeconds") or EVENT_AGE_S_MAX)
    retries = settings.get("MaximumRetryAttempts")
    attempts = 1 + (2 if retries is None else int(retries))
    for attempt in range(1, attempts + 1):
        result = run_when_free(function, event, deadline)
        if not result.get("error") or attempt == attempts or time.monotonic() > deadline:
            break
        time.sleep(RETRY_WAITS_S[attempt - 1])
    report(config, settings, event, result, attempt)


def run_when_free(function: dict, event, deadline: float) -> dict:
    """The result of one run. A throttled one is no run and counts as none."""
    result = lambda_svc._execute_function(function, event)
    while result.get("throttle") and time.monotonic() < deadline:
        time.sleep(BUSY_WAIT_S)
        result = lambda_svc._execute_function(function, event)
    return result


def settings_of(config: dict) -> dict:
    """The event-invoke configuration of the version that runs, or of an alias of it."""
    version = config.get("Version", "$LATEST")
    function = lambda_svc._functions.get(config["FunctionName"]) or {}
    configured = function.get("event_invoke_configs") or {}
    aliases = function.get("aliases") or {}
    of_version = [name for name, a in aliases.items() if a.get("FunctionVersion") == version]
    for qualifier in (version, *of_version, ""):
        if qualifier in configured:
            return configured[qualifier]
    return {}


def report(config: dict, settings: dict, event, result: dict, attempts: int) -> None:
    """Tells the destination, and on failure the dead-letter queue, how it ended."""
    failed = bool(result.get("error"))
    destinations = settings.get("DestinationConfig") or {}
    destination = destinations.get("OnFailure" if failed else "OnSuccess") or {}
    if arn := destination.get("Destination"):
        send(config["Role"], arn, record_of(config, event, result, attempts))
    dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if failed and dead_letters:
        send(config["Role"], dead_letters, event)


def record_of(config: dict, event, result: dict, attempts: int) -> dict:
    failed = bool(result.get("error"))
    error = {"functionError": "Unhandled"} if failed else {}
    return {
        "version": "1.0",
        "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": f"{config['FunctionArn']}:{config.get('Version', '$LATEST')}",
            "condition": "RetriesExhausted" if failed else "Success",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": config.get("Version", "$LATEST"),
            **error,
        },
        "responsePayload": result.get("body"),
    }


def send(role: str, target: str, body) -> None:
    """A message to a queue, a topic or a function, by leave of the function's role."""
    if not deliveries.role_may_deliver(role, deliveries.LAMBDA, target):
        return
    text = json.dumps(body)
    if ":lambda:" in target:
        invoke_by_arn(target, body)
    elif ":sqs:" in target:
        eventbridge._dispatch_to_sqs(eventbridge.parse_arn(target), text)
    elif ":sns:" in target:
        sns._fanout(target, str(uuid.uuid4()), text, "")

"""CloudWatch alarms that are evaluated as CloudWatch does, and metrics out of function logs.

MiniStack looks at an alarm only when a metric comes in, at all dimensions at once, and never at
missing data. Here each alarm is looked at every second: M of the N newest whole periods, of exactly
its dimensions. Alarms on metric math are kept and stay without a verdict.
Source: CloudWatch User Guide, "Using Amazon CloudWatch alarms" and "How CloudWatch alarms treat
missing data"; "Embedded metric format specification".
"""

import json
import operator
import threading
import time

from ministack.core.responses import (
    get_account_id,
    get_region,
    set_request_account_id,
    set_request_region,
)
from ministack.services import cloudwatch, lambda_svc

import asynchronous
import deliveries

LOOK_EVERY_S = 1.0
# CloudWatch looks some periods further back when newer ones are empty.
EXTRA_PERIODS = 3
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def install() -> None:
    cloudwatch._evaluate_alarm = evaluate
    lambda_svc._emit_lambda_logs = with_metrics(lambda_svc._emit_lambda_logs)
    cloudwatch._put_metric_alarm = with_metric_math(cloudwatch._put_metric_alarm)
    threading.Thread(target=watch, daemon=True).start()


def watch() -> None:
    while True:
        time.sleep(LOOK_EVERY_S)
        for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
            set_request_account_id(account)
            set_request_region(region)
            evaluate(alarm)


def evaluate(alarm: dict) -> None:
    """Moves the alarm to the state that its metric calls for, and tells whom it names."""
    if not alarm.get("MetricName"):
        return
    values = newest(alarm)
    state = state_of(alarm, values)
    old = alarm["StateValue"]
    if state == old:
        return
    shown = ", ".join("missing" if v is None else f"{v:g}" for v in values)
    reason = f"Threshold {alarm['Threshold']:g}: the newest datapoints are {shown}"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    invoke_functions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def newest(alarm: dict) -> list[float | None]:
    """The alarm's statistic over its newest periods, the newest first; None where there is none."""
    dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points = list(cloudwatch._metrics.get(key) or [])
    period, count, now = alarm["Period"], alarm["EvaluationPeriods"], time.time()
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    values: list[float | None] = []
    for number in range(count + EXTRA_PERIODS):
        start, end = now - (number + 1) * period, now - number * period
        inside = [p for p in points if start < p["Timestamp"] <= end]
        stats = cloudwatch._calc_stats(inside) if inside else None
        values.append(
            float(cloudwatch._stat_value(stats, statistic, inside)) if inside else None
        )
    return values


def state_of(alarm: dict, looked_at: list[float | None]) -> str:
    count = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm") or count
    treatment = alarm.get("TreatMissingData") or "missing"
    breaches = COMPARISONS[alarm["ComparisonOperator"]]
    present = [v for v in looked_at if v is not None][:count]
    if not present and treatment in ("missing", "ignore"):
        return "INSUFFICIENT_DATA" if treatment == "missing" else alarm["StateValue"]
    # Missing ones are filled in only where too few are present.
    filled = (count - len(present)) if treatment == "breaching" else 0
    breaching = sum(breaches(v, alarm["Threshold"]) for v in present) + filled
    return "ALARM" if breaching >= needed else "OK"


def invoke_functions(alarm: dict, old: str, state: str, reason: str) -> None:
    """Functions among the alarm's actions, which MiniStack passes over."""
    if not alarm.get("ActionsEnabled", True):
        return
    event = {
        "source": "aws.cloudwatch",
        "alarmArn": alarm["AlarmArn"],
        "accountId": get_account_id(),
        "region": get_region(),
        "alarmData": {
            "alarmName": alarm["AlarmName"],
            "state": {"value": state, "reason": reason},
            "previousState": {"value": old},
        },
    }
    source, service = alarm["AlarmArn"], deliveries.ALARMS_TO_FUNCTIONS
    for action in alarm.get(deliveries.actions_in(state)) or []:
        if ":lambda:" in action and deliveries.service_may_deliver(service, action, source):
            asynchronous.invoke_by_arn(action, event)


def with_metric_math(put):
    """Keeps the queries of an alarm on metric math, which MiniStack drops."""

    def put_metric_alarm(params, request, is_cbor, is_json=False):
        answer = put(params, request, is_cbor, is_json)
        if answer[0] == 200 and request.get("Metrics"):
            alarm = cloudwatch._alarms[request["AlarmName"]]
            for name in ("MetricName", "Namespace", "Statistic", "Period"):
                alarm[name] = None
            alarm["Metrics"] = request["Metrics"]
        return answer

    return put_metric_alarm


def with_metrics(emit):
    """Metrics in the embedded format become metrics when a function has logged them."""

    def emit_lambda_logs(function, request_id, text, *args, **kwargs):
        for line in (text or "").splitlines():
            if '"_aws"' in line:
                store(line)
        return emit(function, request_id, text, *args, **kwargs)

    return emit_lambda_logs


def store(line: str) -> None:
    try:
        logged = json.loads(line[line.index("{") :])
        for directive in logged["_aws"]["CloudWatchMetrics"]:
            store_directive(logged, directive)
    except (ValueError, KeyError, TypeError):
        return  # Not in the format: only a log line, to CloudWatch too.


def store_directive(logged: dict, directive: dict) -> None:
    at = logged["_aws"]["Timestamp"] / 1000
    for names in directive.get("Dimensions") or [[]]:
        dimensions = {name: str(logged[name]) for name in names}
        for metric in directive["Metrics"]:
            value = logged[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            cloudwatch._store_datum(
                directive["Namespace"],
                metric["Name"],
                dimensions,
                at,
                metric.get("Unit", "None"),
                None,
                values,
                None,
                None,
            )

"""CloudWatch: alarms and dashboards."""

import tagging
from checks import between, json_document, one_of
from entry import Resource, Values


def period(value: int) -> str | None:
    if value in (10, 20, 30) or value > 0 and value % 60 == 0:
        return None
    return f"{value} is no period: 10, 20, 30 or a multiple of 60 seconds"


def dimensions(value: dict) -> str | None:
    return f"{len(value)} dimensions are more than 30" if len(value) > 30 else None


def alarm_arguments(account, operation: str, values: Values) -> dict:
    if operation != "put_metric_alarm":
        return {"AlarmNames": [values["alarm_name"]]}
    # Of an alarm that exists, PutMetricAlarm ignores the tags.
    return {"Tags": None} if values.get("arn") else {}


def composite_arguments(account, operation: str, values: Values) -> dict:
    if operation == "put_composite_alarm":
        return {"Tags": None} if values.get("arn") else {}
    names = {"AlarmNames": [values["alarm_name"]]}
    return names | ({"AlarmTypes": ["CompositeAlarm"]} if operation == "describe_alarms" else {})


def dashboard_arguments(account, operation: str, values: Values) -> dict:
    if operation == "delete_dashboards":
        return {"DashboardNames": [values["dashboard_name"]]}
    return {}


RESOURCES = {
    "aws_cloudwatch_metric_alarm": Resource(
        service="cloudwatch",
        create="put_metric_alarm",
        read="describe_alarms",
        found="MetricAlarms.0",
        delete="delete_alarms",
        id="{alarm_name}",
        names={
            "arn": "AlarmArn",
            "metric_query": "Metrics",
            "metric_query.metric": "MetricStat",
            "evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile",
        },
        spread=("Metric",),
        keep_empty=("alarm_actions", "ok_actions", "insufficient_data_actions"),
        arguments=alarm_arguments,
        filled="evaluate_low_sample_count_percentiles",
        replaced_by="alarm_name",
        defaults={"actions_enabled": True, "treat_missing_data": "missing"},
        checks={
            "period": period,
            "metric_query.period": period,
            "metric_query.metric.period": period,
            "evaluation_periods": between(1, 1440),
            "dimensions": dimensions,
            "treat_missing_data": one_of("breaching", "notBreaching", "ignore", "missing"),
        },
        exactly_one=("metric_name metric_query",),
        tags=tagging.by_arn("ResourceARN"),
    ),
    "aws_cloudwatch_composite_alarm": Resource(
        service="cloudwatch",
        create="put_composite_alarm",
        read="describe_alarms",
        found="CompositeAlarms.0",
        delete="delete_alarms",
        id="{alarm_name}",
        names={"arn": "AlarmArn"},
        keep_empty=("alarm_actions", "ok_actions", "insufficient_data_actions"),
        arguments=composite_arguments,
        replaced_by="alarm_name actions_enabled",
        defaults={"actions_enabled": True},
        unsupported="actions_suppressor",
        tags=tagging.by_arn("ResourceARN"),
    ),
    "aws_cloudwatch_dashboard": Resource(
        service="cloudwatch",
        create="put_dashboard",
        read="get_dashboard",
        delete="delete_dashboards",
        id="{dashboard_name}",
        arguments=dashboard_arguments,
        replaced_by="dashboard_name",
        checks={"dashboard_body": json_document},
    ),
}

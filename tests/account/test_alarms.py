"""Alarms of the emulated account go off, and go back, when CloudWatch's would."""

import datetime
import json
import unittest

from on_account import OnTheAccount, eventually

NAMESPACE = "snapkeep"


class Alarms(OnTheAccount):
    def setUp(self) -> None:
        super().setUp()
        self.metrics = self.account.client("cloudwatch")

    def put(self, value: float, ago_s: float = 0, **dimensions: str) -> None:
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago_s)
        datum = {
            "MetricName": self.name,
            "Value": value,
            "Timestamp": at,
            "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
        }
        self.metrics.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])

    def alarm(self, missing: str = "missing", of: int = 1, needed: int = 1, **more) -> None:
        wanted = {
            "AlarmName": self.name,
            "Namespace": NAMESPACE,
            "MetricName": self.name,
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": of,
            "DatapointsToAlarm": needed,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": missing,
        }
        self.metrics.put_metric_alarm(**wanted | more)

    def state(self) -> str:
        return self.metrics.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]["StateValue"]

    def assertState(self, state: str) -> None:
        eventually(lambda: self.state() == state)

    def test_only_the_alarms_own_dimensions_count(self) -> None:
        dimensions = [{"Name": "database", "Value": "orders"}]
        self.alarm(Dimensions=dimensions)
        self.put(5, database="users")
        self.put(5)
        self.put(0, database="orders")
        self.assertState("OK")
        self.put(5, database="orders")
        self.assertState("ALARM")

    def test_without_any_data_the_treatment_of_missing_data_decides(self) -> None:
        for missing, state in (
            ("missing", "INSUFFICIENT_DATA"),
            ("breaching", "ALARM"),
            ("notBreaching", "OK"),
            ("ignore", "OK"),
        ):
            with self.subTest(missing):
                self.alarm(missing)
                self.assertState(state)

    def test_m_of_n_periods_must_breach(self) -> None:
        self.alarm(of=3, needed=2)
        self.put(5, ago_s=90)
        self.put(0, ago_s=150)
        self.put(0, ago_s=30)
        self.assertState("OK")
        self.put(5, ago_s=25)
        self.assertState("ALARM")

    def test_a_breach_that_is_older_than_the_periods_does_not_count(self) -> None:
        self.alarm("notBreaching")
        self.put(5, ago_s=600)
        self.assertState("OK")

    def test_a_gap_is_bridged_by_the_datapoint_before_it(self) -> None:
        self.alarm("breaching")
        self.assertState("ALARM")
        self.put(0, ago_s=90)
        self.assertState("OK")

    def test_missing_data_turns_to_alarm_as_time_goes_by(self) -> None:
        self.alarm("breaching", Period=10)
        self.put(0, ago_s=31)
        self.assertState("OK")
        self.assertState("ALARM")

    def test_alarms_reach_topics_and_functions_and_so_does_their_end(self) -> None:
        url, arn = self.queue()
        sns = self.account.client("sns")
        topic = sns.create_topic(Name=self.name)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        function = self.function(self.role())
        self.alarm(AlarmActions=[topic, function], OKActions=[topic], Period=60)
        self.put(5)
        message = json.loads(eventually(lambda: self.received(url))[0]["Message"])
        self.assertEqual((self.name, "ALARM"), (message["AlarmName"], message["NewStateValue"]))
        logs = self.account.client("logs")
        eventually(
            lambda: logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{self.name}")[
                "logGroups"
            ]
        )
        self.alarm(AlarmActions=[topic], OKActions=[topic], Threshold=10)
        message = json.loads(eventually(lambda: self.received(url))[0]["Message"])
        self.assertEqual("OK", message["NewStateValue"])

    def test_an_alarm_on_metric_math_is_kept(self) -> None:
        statistic = {
            "Metric": {"Namespace": NAMESPACE, "MetricName": self.name},
            "Period": 60,
            "Stat": "Sum",
        }
        queries = [
            {"Id": "all", "Expression": "FILL(taken, 0)", "Label": "all", "ReturnData": True},
            {"Id": "taken", "MetricStat": statistic, "ReturnData": False},
        ]
        self.metrics.put_metric_alarm(
            AlarmName=self.name,
            Metrics=queries,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
        )
        found = self.metrics.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]
        self.assertEqual(queries, found["Metrics"])
        self.assertNotIn("MetricName", found)


if __name__ == "__main__":
    unittest.main()

"""The test provider, through Terraform, against an emulated account.

    python -m unittest -v test_provider
"""

import contextlib
import dataclasses
import os
import pathlib
import sys
import unittest
from unittest import mock

import terraform
from roots import AWAY, ELSEWHERE, HOME, OnAnAccount, resources
from terraform import NOTHING_TO_DO, SOMETHING_TO_DO

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "provider"))

import catalogue  # noqa: E402 (the provider's own modules lie in its folder)
import provider  # noqa: E402
import schema  # noqa: E402


class WhatExists(OnAnAccount):
    """Everything is made once; each test leaves it as it should be."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.made = cls.all_types("everything")
        cls.made.init()
        cls.made.validate()
        cls.made.apply()

    def client(self, service: str, region: str = HOME):
        return self.account.client(service, region)

    def tearDown(self) -> None:
        self.made.apply()

    def test_a_second_plan_finds_nothing_to_do(self) -> None:
        self.assertEqual(NOTHING_TO_DO, self.made.plan())

    def test_an_update_changes_in_place(self) -> None:
        before = {address: each["id"] for address, each in resources(self.made.show()).items()}
        changed = {"greeting": "servus", "timeout": 45, "schedule": "cron(0 2 * * ? *)"}
        changed["tags"] = {"component": "changed", "more": "yes"}
        self.made.apply(**changed)
        after = {address: each["id"] for address, each in resources(self.made.show()).items()}
        self.assertEqual(before, after)
        self.assertEqual(NOTHING_TO_DO, self.made.plan(**changed))

        function = self.client("lambda").get_function(FunctionName="everything")
        self.assertEqual(45, function["Configuration"]["Timeout"])
        variables = function["Configuration"]["Environment"]["Variables"]
        self.assertEqual("servus", variables["GREETING"])
        self.assertEqual(changed["tags"], function["Tags"])
        schedule = self.client("scheduler").get_schedule(GroupName="everything", Name="tick")
        self.assertEqual("cron(0 2 * * ? *)", schedule["ScheduleExpression"])
        body = self.client("s3").get_object(Bucket="everything-state", Key="policy.json")["Body"]
        self.assertIn(b"servus", body.read())

    def test_drift_is_seen_and_repaired(self) -> None:
        for name, drift, look in self.drifts():
            with self.subTest(name):
                meant = look()
                drift()
                self.assertNotEqual(meant, look(), "the drift itself did nothing")
                self.assertEqual(SOMETHING_TO_DO, self.made.plan())
                self.made.apply()
                self.assertEqual(meant, look())

    def drifts(self):
        """What drifts, how, and how to look at it."""
        functions, logs, s3 = self.client("lambda"), self.client("logs"), self.client("s3")
        sqs, sns = self.client("sqs"), self.client("sns")
        name, bucket = {"FunctionName": "everything"}, {"Bucket": "everything-state"}
        function_arn = functions.get_function(**name)["Configuration"]["FunctionArn"]
        group = {"logGroupName": "/aws/lambda/everything"}
        queue = {"QueueUrl": sqs.get_queue_url(QueueName="everything-failures")["QueueUrl"]}
        topic = f"arn:aws:sns:{HOME}:123456789012:everything-alerts"
        yield (
            "a function's timeout",
            lambda: functions.update_function_configuration(**name, Timeout=7),
            lambda: functions.get_function_configuration(**name)["Timeout"],
        )
        yield (
            "a function's tags",
            lambda: functions.tag_resource(Resource=function_arn, Tags={"stray": "1"}),
            lambda: functions.list_tags(Resource=function_arn)["Tags"],
        )
        yield (
            "a log group's retention",
            lambda: logs.put_retention_policy(**group, retentionInDays=1),
            lambda: logs.describe_log_groups()["logGroups"][0]["retentionInDays"],
        )
        yield (
            "a queue's tags",
            lambda: sqs.untag_queue(**queue, TagKeys=["component"]),
            lambda: sqs.list_queue_tags(**queue).get("Tags"),
        )
        yield (
            "a bucket's public access",
            lambda: s3.delete_public_access_block(**bucket),
            lambda: public_access(s3, bucket),
        )
        yield (
            "a topic's subscription",
            lambda: sns.unsubscribe(
                SubscriptionArn=sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0][
                    "SubscriptionArn"
                ]
            ),
            lambda: len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]),
        )

    def test_a_resource_can_have_a_region_of_its_own(self) -> None:
        self.assertEqual(AWAY, self.made.output()["region_of_copies"])
        for region, expected in ((ELSEWHERE, ["elsewhere"]), (HOME, ["alerts"]), (AWAY, [])):
            topics = self.client("sns", region).list_topics()["Topics"]
            self.assertEqual(expected, [each["TopicArn"].rsplit("-", 1)[1] for each in topics])

    def test_what_is_written_is_what_was_asked_for(self) -> None:
        alarms = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        names = sorted(each["AlarmName"] for each in alarms)
        self.assertEqual(["everything-errors", "everything-rate"], names)
        lock = self.client("s3").get_object_lock_configuration(Bucket="everything-state")
        retention = lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
        self.assertEqual({"Mode": "GOVERNANCE", "Days": 1}, retention)
        rules = self.client("ec2").describe_security_group_rules()["SecurityGroupRules"]
        ports = sorted(each["FromPort"] for each in rules if each["FromPort"] != -1)
        self.assertEqual([443, 5432], ports)
        schedule = self.client("scheduler").get_schedule(GroupName="everything", Name="tick")
        # One is given, the other is the real provider's nested default.
        retries = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 86400}
        self.assertEqual(retries, schedule["Target"]["RetryPolicy"])


def public_access(s3, bucket: dict) -> dict | None:
    with contextlib.suppress(s3.exceptions.ClientError):
        return s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]
    return None


class WhatGoes(OnAnAccount):
    def test_a_destroy_leaves_nothing(self) -> None:
        before = self.inventory()
        root = self.all_types("passing")
        root.init()
        root.apply()
        self.assertNotEqual(before, self.inventory())
        root.destroy()
        self.assertEqual(before, self.inventory())

    def inventory(self) -> dict[str, list]:
        """Everything that the account holds, in every region that the root uses."""
        lists = {
            "lambda": [("list_functions", "Functions")],
            "iam": [("list_roles", "Roles")],
            "logs": [("describe_log_groups", "logGroups")],
            "cloudwatch": [("describe_alarms", "MetricAlarms"),
                           ("describe_alarms", "CompositeAlarms"),
                           ("list_dashboards", "DashboardEntries")],
            "scheduler": [("list_schedules", "Schedules"),
                          ("list_schedule_groups", "ScheduleGroups")],
            "events": [("list_rules", "Rules")],
            "sns": [("list_topics", "Topics"), ("list_subscriptions", "Subscriptions")],
            "sqs": [("list_queues", "QueueUrls")],
            "s3": [("list_buckets", "Buckets")],
            "kms": [("list_aliases", "Aliases")],
            "ec2": [("describe_vpcs", "Vpcs"), ("describe_subnets", "Subnets"),
                    ("describe_route_tables", "RouteTables"),
                    ("describe_security_groups", "SecurityGroups"),
                    ("describe_vpc_endpoints", "VpcEndpoints")],
            "rds": [("describe_db_subnet_groups", "DBSubnetGroups")],
        }
        found: dict[str, list] = {}
        for region in (HOME, AWAY, ELSEWHERE):
            for service, calls in lists.items():
                client = self.account.client(service, region)
                for call, member in calls:
                    held = getattr(client, call)().get(member, [])
                    found[f"{region} {service} {member}"] = sorted(map(name_of, held))
            keys = self.account.client("kms", region)
            for key in keys.list_keys()["Keys"]:
                state = keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
                if state != "PendingDeletion":
                    found.setdefault(f"{region} keys", []).append(key["KeyId"])
        return found


def name_of(thing) -> str:
    """What identifies something in a list: its members that are a name, an id or an ARN."""
    if isinstance(thing, str):
        return thing
    return str(sorted(
        (key, value) for key, value in thing.items()
        if isinstance(value, str) and key.lower().endswith(("name", "id", "arn"))
    ))


class Around(OnAnAccount):
    def test_default_tags_are_everywhere_and_no_change(self) -> None:
        queue = {"name": "tagged", "tags": {"own": "1"}}
        defaults = {"default_tags": {"tags": {"owner": "us"}}}
        root = self.root("tags", defaults, resource={"aws_sqs_queue": {"q": queue}})
        root.apply()
        sqs = self.account.client("sqs")
        url = sqs.get_queue_url(QueueName="tagged")["QueueUrl"]
        self.assertEqual({"own": "1", "owner": "us"}, sqs.list_queue_tags(QueueUrl=url)["Tags"])
        self.assertEqual(NOTHING_TO_DO, root.plan())
        sqs.untag_queue(QueueUrl=url, TagKeys=["owner"])
        self.assertEqual(SOMETHING_TO_DO, root.plan())

    def test_the_callers_credentials_are_not_used(self) -> None:
        leaks = {"AWS_PROFILE": "production", "AWS_REGION": "eu-central-1", "TF_VAR_name": "x"}
        with mock.patch.dict(os.environ, leaks):
            environment = terraform.Root(self.folder, {}).environment
        self.assertFalse(leaks.keys() & environment.keys())

    def test_what_was_made_before_a_failure_is_in_the_state(self) -> None:
        """Otherwise nobody would ever delete it."""
        def fail(account, values, prior) -> None:
            raise RuntimeError("no more")

        kind = "aws_cloudwatch_log_group"
        failing = dataclasses.replace(catalogue.RESOURCES[kind], settle=(fail,))
        tested = provider.Provider()
        with mock.patch.dict(os.environ, self.environment()), mock.patch.dict(
            catalogue.RESOURCES, {kind: failing}
        ):
            tested.configure({})
            empty = dict.fromkeys(schema.RESOURCES[kind]["attributes"])
            planned, _ = tested.plan(kind, None, {**empty, "name": "half"})
            with self.assertRaises(provider.FailedApply) as failed:
                tested.apply(kind, None, planned)
        self.assertEqual("half", failed.exception.state["id"])


if __name__ == "__main__":
    unittest.main()

"""Each statement of each role's policy lets through what it is for, and nothing next to it.

The module is applied once, on an account that enforces permissions, with all that it can have, a standby too. Then
every statement's calls are made by the role: as the policy is, and with that statement taken away.
"""

import contextlib
import json
import time
import types
import unittest

import permitted
import permitted_standby
from deployment import ACCOUNT_ID, AWAY, HOME, NAME, VERBS, Account, eventually
from judged import ALLOW_ALL, Permission, Role, as_list, asked, call, changed
from place import applied, furnish, stranger


on = types.SimpleNamespace()


def setUpModule() -> None:
    """One deployment for all: every call finds the same world, and every change is taken back."""
    on.account = Account(enforce=True)
    unittest.addModuleCleanup(on.account.stop)
    on.root, on.place = applied(on.account, NAME, standby={"region": AWAY})
    furnish(on.account, on.place)
    on.tables = {}
    for verb in VERBS:
        own = Role(on.account, f"{NAME}-{verb}", verb)
        wakes = Role(on.account, f"{NAME}-{verb}-schedule", "wake")
        on.tables[own.name] = (own, permitted.of(verb, on.place))
        on.tables[wakes.name] = (wakes, permitted.of_schedule(verb, on.place))
    standby = Role(on.account, f"{NAME}-standby", "alarm")
    wakes = Role(on.account, f"{NAME}-standby-schedule", "wake")
    on.tables[standby.name] = (standby, permitted_standby.standby(on.place))
    on.tables[wakes.name] = (wakes, permitted_standby.schedule(on.place))


class Statements(unittest.TestCase):
    def each_permission(self, effect: str | None = None):
        for role, table in on.tables.values():
            for permission in table:
                if effect in (None, self.statement(role, permission.sid)["Effect"]):
                    yield role, permission

    def statement(self, role: Role, sid: str) -> dict:
        return next(each for each in role.statements if each["Sid"] == sid)

    def assertNone(self, wrong: list[str], what: str) -> None:
        self.assertFalse(wrong, f"{what}:\n" + "\n".join(wrong))

    def test_each_statement_and_each_action_is_in_the_table_and_nothing_else(self) -> None:
        for name, (role, table) in on.tables.items():
            with self.subTest(role=name):
                sids = [each["Sid"] for each in role.statements]
                self.assertEqual(sorted(sids), sorted(each.sid for each in table))
        for role, permission in self.each_permission():
            statement = self.statement(role, permission.sid)
            tried = permission.allowed if statement["Effect"] == "Allow" else permission.denied
            with self.subTest(role=role.name, sid=permission.sid):
                self.assertEqual(set(as_list(statement["Action"])), {each.action for each in tried})
                self.assertTrue(permission.denied, "what is next to it")

    def test_what_a_statement_allows_is_let_through(self) -> None:
        wrong = []
        for role, permission in self.each_permission():
            wrong += role.denied(permission.allowed, permission.sid)
        self.assertNone(wrong, "denied")

    def test_what_is_next_to_it_is_denied(self) -> None:
        wrong = []
        for role, permission in self.each_permission():
            wrong += role.let_through(permission.denied, permission.sid)
        self.assertNone(wrong, "let through")

    def test_without_the_statement_what_it_allows_is_denied(self) -> None:
        wrong = []
        for role, permission in self.each_permission("Allow"):
            with role.without(permission.sid):
                wrong += role.let_through(permission.allowed, permission.sid)
        self.assertNone(wrong, "let through by another statement")

    def test_what_is_denied_for_good_is_denied_whatever_else_is_given(self) -> None:
        wrong, idle = [], []
        for role, permission in self.each_permission("Deny"):
            with role.with_everything():
                wrong += role.let_through(permission.denied, permission.sid)
                with role.without(permission.sid):
                    idle += role.denied(permission.denied, permission.sid)
        self.assertNone(wrong, "let through")
        self.assertNone(idle, "denied by something else")


class AcrossRoles(unittest.TestCase):
    """What exactly one function may, and what none may."""

    def who_may(self, wanted) -> list[str]:
        return [name for name, (role, _) in on.tables.items() if role.may(wanted)]

    def table(self, verb: str) -> dict[str, Permission]:
        return {each.sid: each for each in on.tables[f"{NAME}-{verb}"][1]}

    def test_only_prune_deletes_recovery_points(self) -> None:
        for each in self.table("prune")["DeleteOwnRecoveryPoints"].allowed:
            self.assertEqual([f"{NAME}-prune"], self.who_may(each))

    def test_only_verify_restores_tags_verdicts_and_deletes_scratch_databases(self) -> None:
        sids = (
            "TagVerdicts",
            "TagRehearsals",
            "RestoreIntoScratch",
            "FromAutomatedBackups",
            "RunAndTearDownScratch",
            "QuestionRestoreTests",
        )
        for each in [each for sid in sids for each in self.table("verify")[sid].allowed]:
            self.assertEqual([f"{NAME}-verify"], self.who_may(each), each)

    def test_nobody_shares_or_exports_and_nobody_deletes_or_changes_what_is_protected(self) -> None:
        orders = {"DBInstanceIdentifier": "orders"}
        never = [
            *self.table("create")["NeverShareNorExport"].denied,
            call("rds:DeleteDBInstance", **orders, SkipFinalSnapshot=True),
            call("rds:ModifyDBInstance", **orders, MasterUserPassword="another-one"),
            call("rds:DeleteDBCluster", DBClusterIdentifier="shepherd", SkipFinalSnapshot=True),
            asked("iam:PassRole", "*"),
            asked("sts:AssumeRole", "*"),
            asked("iam:PutRolePolicy", "*"),
            asked("kms:ScheduleKeyDeletion", on.place.copies_key),
        ]
        for each in never:
            self.assertEqual([], self.who_may(each), each)

    def test_nobody_deletes_evidence(self) -> None:
        for verb in VERBS:
            key = on.place.key_of(f"evidence/{verb}/1")
            for each in (
                call("s3:DeleteObject", **key),
                call("s3:DeleteObjectVersion", **key, VersionId="1"),
            ):
                self.assertEqual([], self.who_may(each), each)

    def test_prune_tags_nothing(self) -> None:
        prune, _ = on.tables[f"{NAME}-prune"]
        tagging = [
            each
            for verb in ("create", "copy", "verify")
            for permission in self.table(verb).values()
            for each in permission.allowed
            if each.action == "rds:AddTagsToResource"
        ]
        self.assertGreater(len(tagging), 5)
        self.assertEqual([], prune.let_through(tagging, "tags"))

    def test_only_verify_reads_passwords_and_not_even_who_may_everything(self) -> None:
        secret = call("s3:GetObject", **on.place.key_of("scratch/1"))
        self.assertEqual([f"{NAME}-verify"], self.who_may(secret))
        for name, (role, _) in on.tables.items():
            with role.with_everything():
                self.assertEqual(name == f"{NAME}-verify", role.may(secret), name)


class PoliciesOfResources(unittest.TestCase):
    """Of bucket, topic and queues. What asks for TLS can't be called: test_plan.py reads it."""

    def test_passwords_are_protected_by_the_bucket(self) -> None:
        create, _ = on.tables[f"{NAME}-create"]
        secret = on.place.key_of("scratch/1")
        version = on.account.client("s3").head_object(**secret)["VersionId"]
        reads = [
            call("s3:GetObject", **secret),
            call("s3:GetObjectVersion", **secret, VersionId=version),
        ]
        with create.with_everything():
            self.assertEqual([], create.let_through(reads, "with everything"))
            with self.bucket_policy(without="OnlyVerifyReadsPasswords"):
                self.assertEqual([], create.denied(reads, "without that statement"))

    def test_another_account_gets_nothing_even_if_somebody_lets_it_in(self) -> None:
        s3, bucket = stranger(on.account)("s3"), on.place.bucket
        arn = f"arn:aws:s3:::{bucket}"
        given = {**ALLOW_ALL, "Principal": {"AWS": "999999999999"}, "Resource": [arn, f"{arn}/*"]}
        looks = (
            (s3.list_objects_v2, {"Bucket": bucket}),
            (s3.get_object, on.place.key_of("policy.json")),
        )
        with self.bucket_policy(given):
            for look, params in looks:
                with self.assertRaisesRegex(s3.exceptions.ClientError, "AccessDenied"):
                    look(**params)
        with self.bucket_policy(given, without="OnlyThisAccount"):
            for look, params in looks:
                look(**params)

    @contextlib.contextmanager
    def bucket_policy(self, *more: dict, without: str = ""):
        s3, bucket = on.account.client("s3"), on.place.bucket
        was = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        s3.put_bucket_policy(Bucket=bucket, Policy=changed(was, without, *more))
        try:
            yield
        finally:
            s3.put_bucket_policy(Bucket=bucket, Policy=was)

    def test_the_topic_hears_the_deployments_alarms_and_no_others(self) -> None:
        cloudwatch, sns, topic = (
            on.account.client("cloudwatch"),
            on.account.client("sns"),
            on.place.topic,
        )
        cloudwatch.put_metric_alarm(
            AlarmName="foreign",
            Namespace="any",
            MetricName="any",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[topic],
        )
        own = [f"{NAME}-unprotected", f"{NAME}-prune-failing"]
        self.assertEqual([], self.refused_alarms(*own))
        self.assertEqual(["foreign"], self.refused_alarms("foreign"))
        was = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
        self.addCleanup(
            sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=was
        )
        left = changed(was, without="CloudWatchAlarmsOfThisAccount")
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=left)
        self.assertEqual(own, self.refused_alarms(*own))

    def refused_alarms(self, *names: str) -> list[str]:
        """Which of them are not heard."""
        cloudwatch = on.account.client("cloudwatch")
        on.account.refusals()
        for name in names:
            for state in ("OK", "ALARM"):
                cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="asked")
        said = "\n".join(on.account.refusals())
        return [
            name
            for name in names
            if f"may not sns:Publish on {on.place.topic}" in said and f":alarm:{name}" in said
        ]

    def test_another_account_neither_publishes_nor_sends(self) -> None:
        client = stranger(on.account)
        sns, sqs = client("sns"), client("sqs")
        with self.assertRaisesRegex(sns.exceptions.ClientError, "AuthorizationError"):
            sns.publish(TopicArn=on.place.topic, Message="{}")
        with self.assertRaisesRegex(sqs.exceptions.ClientError, "AccessDenied"):
            sqs.send_message(QueueUrl=on.place.queue("verify"), MessageBody="{}")

    def test_a_queue_takes_what_its_own_functions_rules_could_not_deliver(self) -> None:
        events, sqs = on.account.client("events"), on.account.client("sqs")
        queue, url = (
            f"arn:aws:sqs:{HOME}:{ACCOUNT_ID}:{NAME}-verify-failed",
            on.place.queue("verify"),
        )
        rules = (f"{NAME}-verify-scratch", "foreign")
        for rule in rules:
            events.put_rule(
                Name=rule, EventPattern=json.dumps({"source": ["test"]}), State="ENABLED"
            )
            events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue}])
        # The function isn't to be woken by what is sent here.
        events.remove_targets(Rule=rules[0], Ids=["verify"])
        self.assertEqual(["foreign"], self.refused_rules(rules))
        eventually("event", lambda: sqs.receive_message(QueueUrl=url).get("Messages"), 10)
        was = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"][
            "Policy"
        ]
        left = changed(was, without="EventsThatCouldNotBeDelivered")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": left})
        self.addCleanup(sqs.set_queue_attributes, QueueUrl=url, Attributes={"Policy": was})
        self.assertEqual(list(rules), self.refused_rules(rules))

    def refused_rules(self, rules: tuple[str, ...]) -> list[str]:
        """Which of them may not put an event into the queue."""
        on.account.refusals()
        on.account.client("events").put_events(
            Entries=[{"Source": "test", "DetailType": "any", "Detail": "{}"}]
        )
        time.sleep(1)
        said = "\n".join(on.account.refusals())
        return [
            rule
            for rule in rules
            if f"-failed for arn:aws:events:{HOME}:{ACCOUNT_ID}:rule/{rule}" in said
        ]


if __name__ == "__main__":
    unittest.main()

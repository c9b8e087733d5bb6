"""The module applied, and left to its own schedules: the deployed functions protect a fleet on an account
that enforces their roles, and consumers of the topic hear of it.

One story, told in order. What is woken by itself and what the test asks for is said in each step.
"""

import datetime
import json
import time
import unittest

from botocore.exceptions import ClientError

from deployment import (
    AWAY, NAME, Account, Network, PostgreSQL, binaries, deployment, eventually,
)
from terraform import NOTHING_TO_DO

DATABASE = "orders"
# Which refusals keep every snapshot from being taken: the database is at work.
BUSY = {"times": 10_000, "code": "InvalidDBInstanceState"}
EVERY_MINUTE = {verb: "rate(1 minute)" for verb in ("create", "copy", "verify", "prune", "alarm")}


def daily(hours_ago: int) -> str:
    """Due once a day, and not while the test runs."""
    due = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours_ago)
    return f"cron(0 {due.hour} * * ? *)"


def policies() -> dict:
    """Daily, copied, questioned; only the newest is kept."""
    verify = {
        "schedule": daily(hours_ago=2),
        "pick": "latest",
        "instance_class": "db.t4g.medium",
        "deadline": "PT4H",
        "checks": [{"sql": "select count(*) from users", "min": 1000, "database": "shop"}],
    }
    return {
        "critical": {
            "select": {"tags": {"snapkeep:policy": "critical"}},
            "schedules": [daily(hours_ago=4)],
            "retention": {"keep_last": 1},
            "copies": [{"region": AWAY, "retention": {"keep_last": 1}}],
            "alarms": {"severity": "critical", "missing_after": "PT25H"},
            "verify": verify,
        }
    }


class Consumer:
    """A queue that hears the topic, through a filter if it has one."""

    def __init__(self, account: Account, name: str, topic_arn: str, filter_policy: dict | None) -> None:
        self.sqs, sns = account.client("sqs"), account.client("sns")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        said = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        arn = said["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})
        attributes = {"RawMessageDelivery": "true"}
        if filter_policy:
            attributes["FilterPolicy"] = json.dumps(filter_policy)
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        self.heard: list[tuple[str, str]] = []

    def hears(self, name: str, state: str) -> bool:
        """Whether it has heard of an alarm's state by now."""
        while found := self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in found:
                body = json.loads(message["Body"])
                self.heard.append((body["AlarmName"], body["NewStateValue"]))
                receipt = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
        return any(name in heard and state == said for heard, said in self.heard)


class Deployed(unittest.TestCase):
    def setUp(self) -> None:
        self.server = PostgreSQL()
        self.addCleanup(self.server.stop)
        trusted = {"SNAPKEEP_CA_BUNDLE": self.server.authority}
        self.account = Account(enforce=True, function_env=trusted)
        self.addCleanup(self.account.stop)
        self.rds, self.away = self.account.client("rds"), self.account.client("rds", AWAY)
        self.server.plays(self.account, "postgres")

    def test_its_schedules_alarm_create_copy_verify_and_prune_and_nothing_is_left(self) -> None:
        try:
            self.live()
        except AssertionError as broken:
            raise AssertionError(f"{broken}\n{self.what_the_functions_said()}") from broken

    def live(self) -> None:
        self.make_a_database_that_was_never_backed_up()
        root = self.apply()
        self.a_missed_backup_is_alarmed()
        point = self.it_is_created_and_the_alarm_resolved()
        self.it_is_copied(point)
        self.it_is_verified(point)
        self.what_is_superseded_is_pruned(point)
        self.assertEqual([], self.account.refusals(), "no role lacked anything")
        self.evidence_is_locked()
        self.assertEqual(NOTHING_TO_DO, root.plan(), "nothing that ran changed what was applied")
        self.a_changed_policy_counts_from_the_next_run_on(root)

    def make_a_database_that_was_never_backed_up(self) -> None:
        long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
        self.account.set("clock", now=long_ago.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.rds.create_db_instance(
            DBInstanceIdentifier=DATABASE,
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            EngineVersion="15.4",
            AllocatedStorage=20,
            MasterUsername="keeper",
            MasterUserPassword="only-for-the-emulator",
            BackupRetentionPeriod=7,
            DeletionProtection=True,
            StorageEncrypted=True,
            Tags=[{"Key": "snapkeep:policy", "Value": "critical"}],
        )
        self.account.unset("clock")
        self.account.set("fault::CreateDBSnapshot", **BUSY)

    def apply(self):
        network = Network(self.account)
        self.variables = {
            "name": NAME,
            "artifacts": {"path": str(binaries())},
            "schedules": EVERY_MINUTE,
            "prune_enabled": True,
            "evidence_lock_days": 1,
            "network": {"vpc_id": network.vpc_id, "subnet_ids": network.subnet_ids},
            "policies": policies(),
        }
        root = deployment("deployed", self.account.url, **self.variables)
        root.apply()
        self.said = root.output()
        topic = self.said["topic_arn"]
        self.pager = Consumer(self.account, "pager", topic, {"severity": ["critical"]})
        self.archive = Consumer(self.account, "archive", topic, None)
        self.notices = Consumer(self.account, "notices", topic, {"severity": ["info"]})
        return root

    def a_missed_backup_is_alarmed(self) -> None:
        """Create is woken by its schedule and refused; alarm is woken by its own."""
        eventually("alarm", lambda: self.pager.hears("recovery-point-missing", "ALARM"))
        queue = self.said["functions"]["create"]["failed_queue_url"]
        failed = eventually("failed run in create's queue", lambda: self.depth(queue))
        self.assertGreaterEqual(failed, 1)

    def it_is_created_and_the_alarm_resolved(self) -> str:
        self.account.unset("fault::CreateDBSnapshot")
        point = eventually("recovery point", lambda: self.points(self.rds))[0]
        eventually("OK", lambda: self.pager.hears("recovery-point-missing", "OK"))
        eventually("OK", lambda: self.archive.hears("recovery-point-missing", "OK"))
        self.assertFalse(self.notices.hears("recovery-point-missing", "ALARM"), "it is filtered")
        return point

    def it_is_copied(self, point: str) -> None:
        self.assertEqual([point], eventually("copy", lambda: self.points(self.away)))
        copy = self.away.describe_db_snapshots(DBSnapshotIdentifier=point)["DBSnapshots"][0]
        self.assertEqual(self.said["copy_key_arns"][AWAY], copy["KmsKeyId"], "with the key made there")

    def it_is_verified(self, point: str) -> None:
        verdict = eventually("verdict", lambda: self.tags(point).get("snapkeep:verdict"))
        self.assertEqual("pass", verdict)
        eventually("end of the scratch database", lambda: self.databases() == [DATABASE])

    def what_is_superseded_is_pruned(self, point: str) -> None:
        """Two more are asked for, as before a migration: the first of them is superseded by the second."""
        for name in ("before-migration-1", "before-migration-2"):
            time.sleep(1.1)  # A recovery point's age is in whole seconds.
            asked = self.invoke("create", database=DATABASE, name=name)
            self.assertEqual(["done"], [step["outcome"] for step in asked["steps"]], asked)
        eventually("end of the superseded one", lambda: self.pruned("before-migration-1"))
        left = self.points(self.rds)
        self.assertIn(point, left, "the last one that is proven stays")
        self.assertEqual(2, len(left))

    def evidence_is_locked(self) -> None:
        s3, bucket = self.account.client("s3"), self.said["bucket"]
        for verb in ("create", "copy", "verify", "prune", "alarm"):
            there = s3.list_object_versions(Bucket=bucket, Prefix=f"evidence/{verb}/")["Versions"]
            place = {"Bucket": bucket, "Key": there[0]["Key"], "VersionId": there[0]["VersionId"]}
            self.assertEqual("COMPLIANCE", s3.get_object_retention(**place)["Retention"]["Mode"])
            with self.assertRaises(ClientError) as refused:
                s3.delete_object(**place)
            self.assertIn("AccessDenied", str(refused.exception), "not even the account's own key")

    def a_changed_policy_counts_from_the_next_run_on(self, root) -> None:
        changed = policies()
        changed["critical"]["retention"] = {"keep_last": 2}
        self.variables["policies"] = changed
        root = deployment("deployed", self.account.url, **self.variables)
        root.apply()
        s3 = self.account.client("s3")
        read = s3.get_object(Bucket=self.said["bucket"], Key="policy.json")["Body"].read()
        self.assertEqual(2, json.loads(read)["policies"]["critical"]["retention"]["keep_last"])
        answer = self.invoke("prune", dry_run=True)
        self.assertEqual([], answer["steps"], "what is kept now is kept by the changed policy")
        self.assertEqual(NOTHING_TO_DO, root.plan())

    def what_the_functions_said(self) -> str:
        """The last lines of each, and what was refused: what to read when the story breaks off."""
        logs, said = self.account.client("logs"), []
        for verb in EVERY_MINUTE:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{NAME}-{verb}")["events"]
            said += [f"{verb}: {event['message'].rstrip()}" for event in found[-6:]]
        said += [f"{point}: {tags}" for point, tags in self.tagged(self.rds).items()]
        return "\n".join([*said, *self.account.refusals()])

    # Looks and requests

    def invoke(self, verb: str, **request) -> dict:
        """Asks a function; its schedule may be running it at this moment, so it is asked again."""
        aws_lambda, payload = self.account.client("lambda"), json.dumps({"verb": verb, **request})

        def answered():
            try:
                return aws_lambda.invoke(FunctionName=f"{NAME}-{verb}", Payload=payload.encode())
            except aws_lambda.exceptions.TooManyRequestsException:
                return None

        answer = eventually("answer", answered)
        said = json.loads(answer["Payload"].read())
        self.assertNotIn("FunctionError", answer, said)
        return said

    def points(self, rds) -> list[str]:
        return list(self.tagged(rds))

    def tags(self, point: str) -> dict[str, str]:
        return self.tagged(self.rds)[point]

    def pruned(self, name: str) -> bool:
        asked_for = [tags.get("snapkeep:request") for tags in self.tagged(self.rds).values()]
        return name not in asked_for

    def tagged(self, rds) -> dict[str, dict[str, str]]:
        """Each available snapshot and its tags, in one look: the next moment one may be gone."""
        return {
            each["DBSnapshotIdentifier"]: {tag["Key"]: tag["Value"] for tag in each["TagList"]}
            for each in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
            if each["Status"] == "available"
        }

    def databases(self) -> list[str]:
        there = self.rds.describe_db_instances()["DBInstances"]
        return [each["DBInstanceIdentifier"] for each in there]

    def depth(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages"]
        said = self.account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return int(said["Attributes"][names[0]])


if __name__ == "__main__":
    unittest.main()

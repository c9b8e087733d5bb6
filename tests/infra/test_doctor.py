"""`snapkeep doctor` on a deployment: what it says of the roles is what the applied policies are."""

import json
import os
import subprocess
import unittest

from deployment import (
    AWAY, HOME, NAME, REPOSITORY, Account, Network, deployment, environment, standard_policy,
)
from judged import changed

COMMAND = os.environ.get("SNAPKEEP_TEST_COMMAND", str(REPOSITORY / "target" / "debug" / "snapkeep"))


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.account = Account()
        cls.addClassCleanup(cls.account.stop)
        cls.account.client("rds").create_db_instance(
            DBInstanceIdentifier="orders",
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            EngineVersion="15.4",
            AllocatedStorage=20,
            MasterUsername="keeper",
            MasterUserPassword="only-for-the-emulator",
            StorageEncrypted=True,
            Tags=[{"Key": "snapkeep:policy", "Value": "standard"}],
        )
        network = Network(cls.account)
        verify = {
            "schedule": "cron(0 6 * * ? *)",
            "pick": "latest",
            "instance_class": "db.t4g.medium",
            "deadline": "PT4H",
        }
        cls.root = deployment(
            "doctor",
            cls.account.url,
            name=NAME,
            prune_enabled=True,
            network={"vpc_id": network.vpc_id, "subnet_ids": network.subnet_ids},
            validate_restore_tests=True,
            standby={"region": AWAY},
            policies={"standard": standard_policy(copies=[{"region": AWAY}], verify=verify)},
        )
        cls.root.apply()
        cls.said = cls.root.output()
        cls.there = cls.said["standby"]
        for region, topic in ((HOME, cls.said["topic_arn"]), (AWAY, cls.there["topic_arn"])):
            cls.somebody_hears(region, topic)
        # As the standby writes it once it has heard of home: its zip holds nothing that could run.
        heard = {"alarms": {}, "known": {}, "looked_at": "2026-03-02T10:00:00Z"}
        state = {"memory": heard, "home_looked_at": heard["looked_at"], "standing_in": None, "told": {}}
        cls.account.client("s3", AWAY).put_object(
            Bucket=cls.there["bucket"], Key="state/standby.json", Body=json.dumps(state)
        )

    @classmethod
    def somebody_hears(cls, region: str, topic: str) -> None:
        sqs = cls.account.client("sqs", region)
        queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
        said = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        arn = said["Attributes"]["QueueArn"]
        cls.account.client("sns", region).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def doctor(self, *more: str) -> tuple[int, dict]:
        """Its exit code, and what it said."""
        command = [COMMAND, "doctor", "--bucket", self.said["bucket"], "--name", NAME]
        command += ["--topic", self.said["topic_arn"], "--output", "json"]
        command += more or ("--standby", AWAY)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ran = subprocess.run(
            command, env=kept | environment(self.account.url), text=True, capture_output=True
        )
        self.assertTrue(ran.stdout, ran.stderr)
        return ran.returncode, json.loads(ran.stdout)

    def assertFound(self, *parts: str, verdict: str = "wrong") -> None:
        """Doctor fails, and one of its lines has all of these parts."""
        status, said = self.doctor()
        found = [check["what"] for check in said["checks"] if check["verdict"] == verdict]
        self.assertEqual(1, status)
        self.assertTrue(any(all(part in what for part in parts) for what in found), found)

    def test_a_deployment_as_it_was_applied_is_well(self) -> None:
        status, said = self.doctor()
        self.assertEqual([], [c for c in said["checks"] if c["verdict"] != "ok"])
        self.assertEqual(0, status)
        areas = {check["area"] for check in said["checks"]}
        self.assertLessEqual({"permissions", "selection", "keys", "networks", "quotas"}, areas)
        lines = [check["what"] for check in said["checks"]]
        for part in (
            f"standby: {self.there['role_arn']} may do what it needs",
            f"{self.there['topic_arn']} has 1 confirmed",
            f"policy document in {AWAY} is home's",
            f"the standby in {AWAY} heard of {HOME}",
            f"{self.there['topic_arn']} asks for TLS",
            f"{self.there['bucket']} asks for TLS",
            f"{self.said['bucket']} asks for TLS",
        ):
            self.assertTrue(any(part in line for line in lines), (part, lines))

    def test_a_standby_that_nobody_names_is_not_passed_over(self) -> None:
        status, said = self.doctor("--region", HOME)
        (check,) = [check for check in said["checks"] if check["verdict"] != "ok"]
        self.assertEqual((1, "standby", "unknown"), (status, check["area"], check["verdict"]))
        self.assertEqual("name its region with --standby", check["next"])

    def test_a_standby_that_cannot_hear_of_home_or_may_write_there_is_found(self) -> None:
        with self.subTest("HearOfHome"):
            put_back = self.without("standby", "HearOfHome", policy="alarm")
            self.assertFound("standby is refused s3:GetObject", self.said["bucket"])
            put_back()
        with self.subTest("more"):
            home = f"arn:aws:s3:::{self.said['bucket']}/*"
            self.gives("standby", {"Effect": "Allow", "Action": "s3:PutObject", "Resource": home})
            self.assertFound("standby is allowed s3:PutObject", self.said["bucket"])

    def test_a_standby_with_another_policy_document_is_found(self) -> None:
        s3, place = self.account.client("s3", AWAY), {"Bucket": self.there["bucket"], "Key": "policy.json"}
        was = s3.get_object(**place)["Body"].read()
        self.addCleanup(s3.put_object, **place, Body=was)
        s3.put_object(**place, Body=was.replace(b'"daily":7', b'"daily":8'))
        self.assertFound(f"policy document in {AWAY} is another than home's")

    def test_a_bucket_or_topic_that_keeps_nobody_out_is_found(self) -> None:
        s3, bucket = self.account.client("s3"), self.said["bucket"]
        was = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        self.addCleanup(s3.put_bucket_policy, Bucket=bucket, Policy=was)
        s3.put_bucket_policy(Bucket=bucket, Policy=changed(was, "OnlyOverTls"))
        self.assertFound(f"{bucket} can be reached without TLS")
        sns, topic = self.account.client("sns", AWAY), self.there["topic_arn"]
        policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
        attribute = {"TopicArn": topic, "AttributeName": "Policy"}
        self.addCleanup(sns.set_topic_attributes, **attribute, AttributeValue=policy)
        anybody = {"Sid": "Any", "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
        sns.set_topic_attributes(**attribute, AttributeValue=changed(policy, "", anybody))
        self.assertFound(f"{topic} lets in more than account", "(Any)")

    def test_a_permission_that_was_taken_away_is_missed(self) -> None:
        self.without("copy", "CopyRecoveryPoints")
        self.assertFound("copy", "CopyDBSnapshot")

    def test_a_permission_that_must_not_be_had_is_found(self) -> None:
        self.gives("create", {"Effect": "Allow", "Action": "rds:DeleteDBSnapshot", "Resource": "*"})
        self.assertFound("create", "DeleteDBSnapshot")

    def gives(self, label: str, statement: dict) -> None:
        """Gives a role more, until the test is over."""
        iam, name = self.account.client("iam"), {"RoleName": f"{NAME}-{label}", "PolicyName": "more"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(**name, PolicyDocument=document)
        self.addCleanup(iam.delete_role_policy, **name)

    def without(self, label: str, sid: str, policy: str | None = None):
        """Takes one statement out of a role's policy, until the test is over or what is returned is called."""
        iam = self.account.client("iam")
        name = {"RoleName": f"{NAME}-{label}", "PolicyName": policy or label}
        was = iam.get_role_policy(**name)["PolicyDocument"]
        left = [each for each in was["Statement"] if each.get("Sid") != sid]
        self.assertEqual(len(was["Statement"]) - 1, len(left), sid)

        def put(statements: list = was["Statement"]) -> None:
            iam.put_role_policy(**name, PolicyDocument=json.dumps({**was, "Statement": statements}))

        self.addCleanup(put)
        put(left)
        return put


if __name__ == "__main__":
    unittest.main()

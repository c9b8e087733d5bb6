"""`snapkeep doctor` on a deployment: what it says of the roles is what the applied policies are."""

import json
import os
import subprocess
import unittest

from deployment import (
    AWAY, NAME, REPOSITORY, Account, Network, deployment, environment, standard_policy,
)

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
            policies={"standard": standard_policy(copies=[{"region": AWAY}], verify=verify)},
        )
        cls.root.apply()
        cls.said = cls.root.output()
        queue = cls.account.client("sqs").create_queue(QueueName="alarms")["QueueUrl"]
        arn = cls.account.client("sqs").get_queue_attributes(
            QueueUrl=queue, AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"]
        topic = cls.said["topic_arn"]
        cls.account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def doctor(self) -> tuple[int, dict]:
        """Its exit code, and what it said."""
        command = [COMMAND, "doctor", "--bucket", self.said["bucket"], "--name", NAME]
        command += ["--topic", self.said["topic_arn"], "--output", "json"]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ran = subprocess.run(
            command, env=kept | environment(self.account.url), text=True, capture_output=True
        )
        self.assertTrue(ran.stdout, ran.stderr)
        return ran.returncode, json.loads(ran.stdout)

    def test_a_deployment_as_it_was_applied_is_well(self) -> None:
        status, said = self.doctor()
        self.assertEqual([], [c for c in said["checks"] if c["verdict"] != "ok"])
        self.assertEqual(0, status)
        areas = {check["area"] for check in said["checks"]}
        self.assertLessEqual({"permissions", "selection", "keys", "networks", "quotas"}, areas)

    def test_a_permission_that_was_taken_away_is_missed(self) -> None:
        self.without("copy", "CopyRecoveryPoints")
        status, said = self.doctor()
        wrong = [check["what"] for check in said["checks"] if check["verdict"] == "wrong"]
        self.assertEqual(1, status)
        self.assertTrue(any("copy" in what and "CopyDBSnapshot" in what for what in wrong), wrong)

    def test_a_permission_that_must_not_be_had_is_found(self) -> None:
        iam, role = self.account.client("iam"), f"{NAME}-create"
        statement = {"Effect": "Allow", "Action": "rds:DeleteDBSnapshot", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=document)
        self.addCleanup(iam.delete_role_policy, RoleName=role, PolicyName="more")
        status, said = self.doctor()
        wrong = [check["what"] for check in said["checks"] if check["verdict"] == "wrong"]
        self.assertEqual(1, status)
        self.assertTrue(any("create" in what and "DeleteDBSnapshot" in what for what in wrong), wrong)

    def without(self, verb: str, sid: str) -> None:
        """Takes one statement out of a role's policy, until the test is over."""
        iam, role = self.account.client("iam"), f"{NAME}-{verb}"
        policy = iam.get_role_policy(RoleName=role, PolicyName=verb)["PolicyDocument"]
        left = [each for each in policy["Statement"] if each.get("Sid") != sid]
        self.assertEqual(len(policy["Statement"]) - 1, len(left), sid)

        def put(statements: list) -> None:
            document = json.dumps({**policy, "Statement": statements})
            iam.put_role_policy(RoleName=role, PolicyName=verb, PolicyDocument=document)

        self.addCleanup(put, policy["Statement"])
        put(left)


if __name__ == "__main__":
    unittest.main()

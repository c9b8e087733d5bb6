"""What the tests of the emulated account share: one account a class, and short ways to fill it."""

import io
import json
import pathlib
import time
import unittest
import zipfile

from botocore.exceptions import ClientError

from emulated import HOME, Account

PATIENCE_S = 15
BOOTSTRAP = pathlib.Path(__file__).with_name("bootstrap.py")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def zipped(name: str, text: bytes) -> bytes:
    """A deployment package with one file that can be executed."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, text)
    return package.getvalue()


def allow(actions, resources="*", **condition) -> dict:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def eventually(look):
    """What `look` returns when it is true at last; fails when patience ends."""
    end = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError("it did not come")
        time.sleep(0.1)
    return found


class OnTheAccount(unittest.TestCase):
    """Each class has an account of its own; each test makes what it needs under its name."""

    enforce = False
    function_env: dict[str, str] = {}

    @classmethod
    def setUpClass(cls) -> None:
        cls.account = Account(cls.enforce, cls.function_env)
        cls.addClassCleanup(cls.account.stop)
        cls.iam = cls.account.client("iam")
        cls.sqs = cls.account.client("sqs")
        cls.functions = cls.account.client("lambda")

    def setUp(self) -> None:
        self.name = self._testMethodName.removeprefix("test_")[:60].strip("_")
        self.addCleanup(self.account.reset)

    def assertRefused(self, code: str, call, **params) -> str:
        with self.assertRaises(ClientError) as refused:
            call(**params)
        error = refused.exception.response["Error"]
        self.assertEqual(code, error["Code"])
        return error["Message"]

    def role(self, *statements: dict) -> str:
        """A role, that of this test, with exactly these permissions; its ARN."""
        if self.name not in {r["RoleName"] for r in self.iam.list_roles()["Roles"]}:
            trust = json.dumps(TRUST)
            self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=trust)
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        if statements:
            self.iam.put_role_policy(
                RoleName=self.name, PolicyName="own", PolicyDocument=json.dumps(document)
            )
        return self.iam.get_role(RoleName=self.name)["Role"]["Arn"]

    def queue(self, suffix: str = "", region: str = HOME) -> tuple[str, str]:
        """A queue's URL and ARN."""
        sqs = self.account.client("sqs", region)
        url = sqs.create_queue(QueueName=f"{self.name}{suffix}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, attributes["Attributes"]["QueueArn"]

    def received(self, queue: str, region: str = HOME) -> list[dict]:
        """What is in the queue now; it is taken out."""
        sqs = self.account.client("sqs", region)
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    def function(self, role: str, **more) -> str:
        """The function of bootstrap.py under this test's name; its ARN."""
        created = self.functions.create_function(
            FunctionName=self.name,
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role=role,
            Code={"ZipFile": zipped("bootstrap", BOOTSTRAP.read_bytes())},
            Timeout=10,
            **more,
        )
        return created["FunctionArn"]

    def invoked(self, event: dict) -> dict:
        """The answer of this test's function."""
        answer = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(event))
        return json.load(answer["Payload"])

    def cluster(self, name: str = "shepherd", **more) -> str:
        docdb = self.account.client("docdb")
        made = docdb.create_db_cluster(
            DBClusterIdentifier=name,
            Engine="docdb",
            MasterUsername="keeper",
            MasterUserPassword="only-for-tests",
            **more,
        )
        return made["DBCluster"]["DBClusterArn"]

    def instance(self, name: str = "orders", **more) -> str:
        made = self.account.client("rds").create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            EngineVersion="16.3",
            AllocatedStorage=20,
            MasterUsername="keeper",
            MasterUserPassword="only-for-tests",
            **more,
        )
        return made["DBInstance"]["DBInstanceArn"]

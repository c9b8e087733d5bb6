"""Calls by a role of a deployment, and whether IAM lets them: permissions as data.

    call("rds:DeleteDBSnapshot", DBSnapshotIdentifier="x")     # really made
    asked("kms:Decrypt", key, kms__ViaService="rds.us-west-2.amazonaws.com")

The second kind asks the same evaluator about a request that no client makes by itself: those that
RDS makes for its caller, and those whose resource the emulated account names in another way.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from botocore import xform_name
from botocore.exceptions import ClientError

from deployment import ACCOUNT_ID, HOME, Account

DENIALS = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "KMSAccessDenied",
    "KMS.AccessDeniedException",
}
# Where client and operation are not called as the permission is.
OPERATIONS = {
    "s3:ListBucket": "list_objects_v2",
    "s3:ListBucketVersions": "list_object_versions",
    "s3:GetObjectVersion": "get_object",
    "s3:DeleteObjectVersion": "delete_object",
    "s3:PutObjectRetention": "put_object",
    "lambda:InvokeFunction": "invoke",
}
ALLOW_ALL = {"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}
BESIDE = "given-besides"


@dataclass(frozen=True)
class Call:
    """A call of the API, and the action that is judged."""

    action: str
    params: dict
    region: str = HOME

    def denied_to(self, role: "Role") -> bool:
        client = role.client(self.action.split(":")[0], self.region)
        name = OPERATIONS.get(self.action) or xform_name(self.action.split(":")[1])
        try:
            getattr(client, name)(**self.params)
        except ClientError as error:
            return denial(error)
        return False


def denial(error: ClientError) -> bool:
    """Whether IAM said no. Anything that isn't about the request's subject is no answer at all."""
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status >= 500 or code in ("InvalidClientTokenId", "UnrecognizedClientException"):
        raise error
    return code in DENIALS


@dataclass(frozen=True)
class Asked:
    """A question to SimulatePrincipalPolicy."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def denied_to(self, role: "Role") -> bool:
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in self.context
        ]
        said = role.iam.simulate_principal_policy(
            PolicySourceArn=role.arn,
            ActionNames=[self.action],
            ResourceArns=[self.resource],
            ContextEntries=entries,
        )
        return said["EvaluationResults"][0]["EvalDecision"] != "allowed"


def call(action: str, region: str = HOME, **params) -> Call:
    return Call(action, params, region)


def asked(action: str, resource: str, **context: str) -> Asked:
    """Keys of the context with `__` for their colon."""
    return Asked(action, resource, tuple((k.replace("__", ":"), v) for k, v in context.items()))


@dataclass(frozen=True)
class Permission:
    """What one statement lets through, and what is next to it and must not be.

    Of a Deny there is only the second, which stays denied whatever else the role is given."""

    sid: str
    allowed: list = field(default_factory=list)
    denied: list = field(default_factory=list)


class Role:
    """A role of the deployment with the one inline policy that the module gave it."""

    def __init__(self, account: Account, name: str, policy: str) -> None:
        self.account, self.name, self.policy = account, name, policy
        self.arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
        self.iam = account.client("iam")
        found = self.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        self.statements: list[dict] = found["Statement"]
        self._clients: dict = {}

    def client(self, service: str, region: str):
        if (service, region) not in self._clients:
            made = self.account.client_as(self.arn, service, region)
            self._clients[service, region] = made
        return self._clients[service, region]

    def may(self, wanted: Call | Asked) -> bool:
        return not wanted.denied_to(self)

    def denied(self, tried: list, why: str) -> list[str]:
        """Which of them it may not, one line each."""
        return [f"{self.name} {why}: {each}" for each in tried if not self.may(each)]

    def let_through(self, tried: list, why: str) -> list[str]:
        """Which of them it may."""
        return [f"{self.name} {why}: {each}" for each in tried if self.may(each)]

    @contextlib.contextmanager
    def without(self, sid: str) -> Iterator[None]:
        """For a while one statement is missing."""
        left = [each for each in self.statements if each["Sid"] != sid]
        self._write(self.policy, left)
        try:
            yield
        finally:
            self._write(self.policy, self.statements)

    @contextlib.contextmanager
    def with_everything(self) -> Iterator[None]:
        """For a while it may do all that nothing denies."""
        self._write(BESIDE, [ALLOW_ALL])
        try:
            yield
        finally:
            self.iam.delete_role_policy(RoleName=self.name, PolicyName=BESIDE)

    def _write(self, policy: str, statements: list[dict]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=self.name, PolicyName=policy, PolicyDocument=document)


def as_list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def changed(policy: str, without: str = "", *more: dict) -> str:
    """The policy with one statement missing and others added."""
    document = json.loads(policy)
    left = [each for each in document["Statement"] if each["Sid"] != without]
    return json.dumps({**document, "Statement": [*left, *more]})

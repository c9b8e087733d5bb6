"""One example as it stands in the repository, on an emulated account: applied, planned again, destroyed,
and what it has made there.
"""

import json
import pathlib

from deployment import HOME, Account, copied, environment, placeholders
from terraform import Root

# Example by example, the region to be in.
EXAMPLES = {
    "minimal": HOME,
    "complete": HOME,
    "cross-region": "eu-central-1",
    "chat": HOME,
    "pager": HOME,
    "bridge": HOME,
}


class Example:
    """A copy of the example, and what a person would put in."""

    def __init__(
        self,
        account: Account,
        name: str,
        artifacts: pathlib.Path | None = None,
        standby: str = "",
        **variables,
    ) -> None:
        self.account, self.region, self.standby = account, EXAMPLES[name], standby
        self.variables = {"artifacts": str(artifacts or placeholders()), **variables}
        place = copied() / "examples" / name
        # A bucket as a part of the host's name can't be reached on a loopback address.
        provider = {"s3_use_path_style": True, "skip_metadata_api_check": True}
        (place / "emulated.tf.json").write_text(json.dumps({"provider": {"aws": provider}}))
        self.root = Root(place, environment(account.url, self.region))
        self.before = self.everything()

    def apply(self) -> None:
        self.root.init()
        self.root.apply(**self.variables)

    def plan(self) -> int:
        return self.root.plan(**self.variables)

    def destroy(self) -> None:
        self.root.destroy(**self.variables)

    def made(self) -> set[str]:
        """What there is and wasn't there before."""
        return self.everything() - self.before

    def functions(self) -> set[str]:
        """Those that it has made at home."""
        return self.functions_in(self.region) - self.before

    def functions_in(self, region: str) -> set[str]:
        found = self.account.client("lambda", region).list_functions()["Functions"]
        return {f"function {each['FunctionName']}" for each in found}

    def everything(self) -> set[str]:
        """The names of all that a deployment makes in its regions, and keys anywhere."""
        return set().union(*(self.all_in(region) for region in (self.region, self.standby) if region))

    def all_in(self, region: str) -> set[str]:
        of = {name: self.account.client(name, region) for name in (
            "iam", "sqs", "sns", "s3", "logs", "events", "scheduler", "cloudwatch", "rds", "ec2",
        )}
        found = {
            "role": [each["RoleName"] for each in of["iam"].list_roles()["Roles"]],
            "queue": of["sqs"].list_queues().get("QueueUrls", []),
            "topic": [each["TopicArn"] for each in of["sns"].list_topics()["Topics"]],
            "bucket": [each["Name"] for each in of["s3"].list_buckets()["Buckets"]],
            "log group": [e["logGroupName"] for e in of["logs"].describe_log_groups()["logGroups"]],
            "rule": [each["Name"] for each in of["events"].list_rules()["Rules"]],
            "schedule": [each["Name"] for each in of["scheduler"].list_schedules()["Schedules"]],
            "alarm": [
                each["AlarmName"] for each in of["cloudwatch"].describe_alarms()["MetricAlarms"]
            ],
            "dashboard": [
                each["DashboardName"]
                for each in of["cloudwatch"].list_dashboards()["DashboardEntries"]
            ],
            "subnet group": [
                each["DBSubnetGroupName"]
                for each in of["rds"].describe_db_subnet_groups()["DBSubnetGroups"]
            ],
            "security group": [
                each["GroupId"] for each in of["ec2"].describe_security_groups()["SecurityGroups"]
            ],
            "endpoint": [
                each["VpcEndpointId"]
                for each in of["ec2"].describe_vpc_endpoints()["VpcEndpoints"]
                if each["State"] != "deleted"
            ],
            "key": [key for place in (region, "us-east-1", "eu-west-1") for key in self.keys(place)],
        }
        named = {f"{kind} {name}" for kind, names in found.items() for name in names}
        return named | self.functions_in(region)

    def keys(self, region: str) -> list[str]:
        """Those that aren't on their way out: AWS keeps a key for a week at least."""
        kms = self.account.client("kms", region)
        found = [kms.describe_key(KeyId=each["KeyId"]) for each in kms.list_keys()["Keys"]]
        keys = [each["KeyMetadata"] for each in found]
        return [key["Arn"] for key in keys if key["KeyState"] != "PendingDeletion"]

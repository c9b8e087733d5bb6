"""Makes the fleet in an emulated account, as a person with boto3 would, and prints what it made.

The databases are those of the runbooks that snapkeep answers: Shepherd's DocumentDB cluster, the
APM's PostgreSQL and MySQL, Lab 06's two PostgreSQL, and an Aurora cluster. Beside them stands what
is none of snapkeep's business: a Neptune cluster and an instance without any tag. Around them is
what a deployment has: keys and subnet groups in both regions, a bucket with the policy document, a
topic and a queue that hears it.
"""

import json

import account

POLICY_TAG = "snapkeep:policy"
BUCKET = "snapkeep-prod-state"
POLICY_KEY = "policy.json"
SUBNET_GROUP = "scratch"
PASSWORD = "only-for-the-emulator"


def main() -> None:
    endpoint_url = account.arguments(__doc__.split("\n", 1)[0]).parse_args().endpoint_url
    regions = {region: Region(region, endpoint_url) for region in account.REGIONS}
    home, copies = regions[account.HOME_REGION], regions[account.COPY_REGION]
    databases(home)
    strangers(home)
    topic_arn, queue_url = topic(home)
    policy = policy_document(copies.kms_key, home.security_group)
    put_policy(home, policy)
    made = {
        "bucket": BUCKET,
        "policy_key": POLICY_KEY,
        "policy": policy,
        "topic_arn": topic_arn,
        "queue_url": queue_url,
        "kms_keys": {name: region.kms_key for name, region in regions.items()},
        "security_group": home.security_group,
    }
    print(json.dumps(made, indent=2))


class Region:
    """One region: its clients, and what every database in it needs."""

    def __init__(self, name: str, endpoint_url: str) -> None:
        self.name = name
        services = ("rds", "docdb", "neptune", "kms", "ec2", "s3", "sns", "sqs")
        for service in services:
            setattr(self, service, account.client(service, name, endpoint_url))
        self.kms_key = self.kms.create_key(Description="snapkeep test")["KeyMetadata"]["Arn"]
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [self._subnet(vpc, zone, third) for zone, third in (("a", 0), ("b", 1))]
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=SUBNET_GROUP,
            DBSubnetGroupDescription="without a route out",
            SubnetIds=subnets,
        )
        group = self.ec2.create_security_group(
            GroupName="scratch", Description="scratch databases", VpcId=vpc
        )
        self.security_group = group["GroupId"]

    def _subnet(self, vpc: str, zone: str, third: int) -> str:
        subnet = self.ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{third}.0/24", AvailabilityZone=f"{self.name}{zone}"
        )
        return subnet["Subnet"]["SubnetId"]


def databases(home: Region) -> None:
    """The databases that policies select by their tag."""
    cluster(home, home.docdb, "shepherd", "docdb", "5.0.0", policy="critical")
    cluster(home, home.rds, "orders", "aurora-postgresql", "15.4", policy="standard")
    instance(home, "apm-postgres", "postgres", "15.4", policy="standard")
    instance(home, "apm-mysql", "mysql", "8.0.35", policy="standard", encrypted=True)
    instance(home, "lab06-ledger", "postgres", "14.9", policy="standard")
    instance(home, "lab06-catalog", "postgres", "14.9", policy="standard")


def strangers(home: Region) -> None:
    """What must be left alone: an engine of no policy, and a database that nobody tagged."""
    home.neptune.create_db_cluster(
        DBClusterIdentifier="fraud-graph",
        Engine="neptune",
        Tags=tags(policy="critical"),
    )
    instance(home, "somebody-elses", "postgres", "15.4", policy=None)


def cluster(home: Region, api, name: str, engine: str, version: str, policy: str) -> None:
    """An encrypted cluster with one instance."""
    api.create_db_cluster(
        DBClusterIdentifier=name,
        Engine=engine,
        EngineVersion=version,
        MasterUsername="keeper",
        MasterUserPassword=PASSWORD,
        StorageEncrypted=True,
        KmsKeyId=home.kms_key,
        DeletionProtection=True,
        BackupRetentionPeriod=7,
        Tags=tags(policy),
    )
    api.create_db_instance(
        DBInstanceIdentifier=f"{name}-1",
        DBClusterIdentifier=name,
        DBInstanceClass="db.r6g.large",
        Engine=engine,
        Tags=tags(policy),
    )


def instance(
    home: Region, name: str, engine: str, version: str, policy: str | None, encrypted: bool = False
) -> None:
    """An instance on its own."""
    home.rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.medium",
        Engine=engine,
        EngineVersion=version,
        AllocatedStorage=20,
        MasterUsername="keeper",
        MasterUserPassword=PASSWORD,
        PubliclyAccessible=False,
        BackupRetentionPeriod=7,
        StorageEncrypted=encrypted,
        **({"KmsKeyId": home.kms_key} if encrypted else {}),
        Tags=tags(policy),
    )


def tags(policy: str | None) -> list[dict[str, str]]:
    """Tags as AWS takes them: the policy, unless there is none."""
    return [{"Key": POLICY_TAG, "Value": policy}] if policy else []


def topic(home: Region) -> tuple[str, str]:
    """A topic, and a queue that receives what is published to it."""
    topic_arn = home.sns.create_topic(Name="snapkeep-alarms")["TopicArn"]
    queue_url = home.sqs.create_queue(QueueName="snapkeep-alarms")["QueueUrl"]
    attributes = home.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    home.sns.subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"]
    )
    return topic_arn, queue_url


def put_policy(home: Region, policy: dict) -> None:
    """The policy document where the functions read it."""
    home.s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": home.name}
    )
    # As the module makes it: what is written over or deleted can be gone back to.
    home.s3.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    home.s3.put_object(Bucket=BUCKET, Key=POLICY_KEY, Body=json.dumps(policy).encode())


def policy_document(copy_key: str, security_group: str) -> dict:
    """Short retention, so that a week has a pruning day."""
    nightly = ["cron(0 2 * * ? *)"]
    verify = {
        "schedule": "cron(0 6 * * ? *)",
        "pick": "latest",
        "instance_class": "db.t4g.medium",
        "subnet_group": SUBNET_GROUP,
        "security_groups": [security_group],
        "deadline": "PT4H",
    }
    return {
        "version": 1,
        "deployment": "prod",
        "time_zone": "UTC",
        "regions": [account.HOME_REGION],
        "policies": {
            "critical": {
                "select": {"tags": {POLICY_TAG: "critical"}},
                "schedules": nightly,
                "retention": {"daily": 4},
                "copies": [
                    {
                        "region": account.COPY_REGION,
                        "kms_key": copy_key,
                        "retention": {"daily": 2},
                    }
                ],
                "verify": verify,
                "alarms": {"severity": "critical", "missing_after": "PT25H"},
            },
            "standard": {
                "select": {"tags": {POLICY_TAG: "standard"}},
                "schedules": nightly,
                "retention": {"daily": 3},
                "alarms": {"severity": "warning", "missing_after": "PT25H"},
            },
        },
    }


if __name__ == "__main__":
    main()

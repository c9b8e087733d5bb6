"""What create, copy, prune and alarm may do beside what all functions may, and what is denied."""

from deployment import ACCOUNT_ID, AWAY, HOME, VERBS
from judged import Permission, asked, call
from place import ELSEWHERE, Place, tags


def create(place: Place) -> list[Permission]:
    def instance(snapshot: str, region: str = HOME, **pairs: str):
        named = {"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": snapshot}
        return call("rds:CreateDBSnapshot", region, **named, Tags=tags(**pairs))

    def cluster(snapshot: str, region: str = HOME, **pairs: str):
        named = {"DBClusterIdentifier": "shepherd", "DBClusterSnapshotIdentifier": snapshot}
        return call("rds:CreateDBClusterSnapshot", region, **named, Tags=tags(**pairs))

    own = {"owner": place.name}
    both = [instance("snapkeep-new", **own), cluster("snapkeep-new", **own)]
    return [
        # The database and the snapshot of it: each call needs both statements.
        Permission(
            "SnapshotDatabases",
            both,
            [instance("snapkeep-new", AWAY, **own), cluster("snapkeep-new", AWAY, **own)],
        ),
        Permission(
            "AsOurRecoveryPoints",
            both,
            [
                make(name, **owner)
                for make in (instance, cluster)
                for name, owner in (
                    ("new", own),
                    ("snapkeep-new", {"owner": "staging"}),
                    ("snapkeep-new", {}),
                )
            ],
        ),
    ]


def copy(place: Place) -> list[Permission]:
    def instance(source: str, target: str, region: str = AWAY):
        arn = f"arn:aws:rds:{HOME}:{ACCOUNT_ID}:snapshot:{source}"
        named = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": target}
        return call("rds:CopyDBSnapshot", region, **named, Tags=tags(owner=place.name))

    def cluster(source: str, target: str, region: str = AWAY):
        arn = f"arn:aws:rds:{HOME}:{ACCOUNT_ID}:cluster-snapshot:{source}"
        named = {
            "SourceDBClusterSnapshotIdentifier": arn,
            "TargetDBClusterSnapshotIdentifier": target,
        }
        return call("rds:CopyDBClusterSnapshot", region, **named, Tags=tags(owner=place.name))

    def options(region: str):
        return asked("rds:CopyDBSnapshot", f"arn:aws:rds:{region}:{ACCOUNT_ID}:og:tde")

    return [
        Permission(
            "CopyRecoveryPoints",
            [
                instance("snapkeep-orders-1", "snapkeep-copy"),
                cluster("snapkeep-shepherd-1", "snapkeep-copy"),
            ],
            [
                make(*names)
                for make in (instance, cluster)
                for names in (
                    ("manual", "snapkeep-copy"),
                    ("snapkeep-orders-1", "manual"),
                    ("snapkeep-orders-1", "snapkeep-copy", ELSEWHERE),
                )
            ],
        ),
        # The emulated account doesn't ask for a copy's option group.
        Permission("WithOptionGroups", [options(AWAY)], [options(HOME), options(ELSEWHERE)]),
    ]


def prune(place: Place) -> list[Permission]:
    def instance(name: str, region: str = HOME):
        return call("rds:DeleteDBSnapshot", region, DBSnapshotIdentifier=name)

    def cluster(name: str, region: str = HOME):
        return call("rds:DeleteDBClusterSnapshot", region, DBClusterSnapshotIdentifier=name)

    point = f"arn:aws:rds:{HOME}:{ACCOUNT_ID}:snapshot:snapkeep-orders-1"
    return [
        Permission(
            "DeleteOwnRecoveryPoints",
            [
                instance("snapkeep-orders-1"),
                instance("snapkeep-orders-1", AWAY),
                cluster("snapkeep-shepherd-1"),
            ],
            [
                instance("snapkeep-staging-1"),
                cluster("snapkeep-staging-1"),
                # Ours by its tag, not by its name; untagged; in a region that isn't looked at.
                instance("manual"),
                cluster("manual"),
                instance("snapkeep-untagged"),
                instance("snapkeep-orders-1", ELSEWHERE),
            ],
        ),
        Permission(
            "NeverTag",
            denied=[
                call("rds:AddTagsToResource", ResourceName=point, Tags=tags(owner=place.name)),
                call("rds:RemoveTagsFromResource", ResourceName=point, TagKeys=["snapkeep:hold"]),
            ],
        ),
    ]


def earlier_memories(bucket: str, key: str, region: str) -> list[Permission]:
    """What goes back to a version of one key. There is none of that name, which only who may is told."""

    def versions(prefix: str):
        return call("s3:ListBucketVersions", region, Bucket=bucket, Prefix=prefix)

    def version(of_key: str):
        named = {"Bucket": bucket, "Key": of_key, "VersionId": "none"}
        return call("s3:GetObjectVersion", region, **named)

    return [
        Permission(
            "FindEarlierMemories",
            [versions(key)],
            [versions("state/"), versions("scratch/"), versions("")],
        ),
        Permission(
            "GoBackToAnEarlierMemory",
            [version(key)],
            [version("policy.json"), version("state/others.json"), version("evidence/prune/1")],
        ),
    ]


def alarm(place: Place) -> list[Permission]:
    queue = f"arn:aws:sqs:{HOME}:{ACCOUNT_ID}:{place.name}-create-failed"
    state, others = place.key_of("state/alarms.json"), place.key_of("evidence/prune/1")
    return [
        Permission(
            "Tell",
            [call("sns:Publish", TopicArn=place.topic, Message="{}")],
            [
                call("sns:Publish", TopicArn=place.other_topic, Message="{}"),
                call("sns:ListSubscriptionsByTopic", TopicArn=place.topic),
            ],
        ),
        Permission(
            "RememberOpenAlarms",
            [call("s3:PutObject", **state, Body=b"{}"), call("s3:GetObject", **state)],
            [call("s3:PutObject", **place.key_of("surveys/1"), Body=b"{}")],
        ),
        *earlier_memories(place.bucket, "state/alarms.json", HOME),
        Permission(
            "WriteReports",
            [call("s3:PutObject", **place.key_of("reports/daily/1.html"), Body=b"x")],
            [
                call("s3:PutObject", **place.key_of("policy.json"), Body=b"{}"),
                call("s3:GetObject", **place.key_of("reports/daily/1.html")),
            ],
        ),
        Permission(
            "ReadOthersEvidence",
            [call("s3:GetObject", **others)],
            [
                call("s3:GetObject", **place.key_of("surveys/1")),
                call("s3:PutObject", **others, Body=b"{}"),
            ],
        ),
        Permission(
            "HearOfFailedRuns",
            [call("sqs:ReceiveMessage", QueueUrl=place.queue(verb)) for verb in VERBS]
            + [asked("sqs:DeleteMessage", queue)],
            [
                call("sqs:ReceiveMessage", QueueUrl=place.other_queue),
                call("sqs:SendMessage", QueueUrl=place.queue("create"), MessageBody="{}"),
                call("sqs:PurgeQueue", QueueUrl=place.queue("create")),
            ],
        ),
    ]

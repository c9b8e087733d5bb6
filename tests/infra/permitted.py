"""What each role of a deployment may do, statement by statement, and what is next to it and denied.

`of(verb, place)` is the table of a function's role, `of_schedule` that of the role that wakes it.
"""

import functools

from deployment import ACCOUNT_ID, AWAY, HOME
from judged import Permission, asked, call
from permitted_by_verb import alarm, copy, create, prune
from permitted_verify import verify
from place import ELSEWHERE, Place, neighbour, tags

WITH_EVIDENCE = ("create", "copy", "verify", "prune", "alarm")
UNTIL = "2099-01-01T00:00:00Z"


def of(verb: str, place: Place) -> list[Permission]:
    table = common(verb, place) + own_things(verb, place)
    if verb in WITH_EVIDENCE:
        table += evidence(verb, place)
    if verb in ("create", "copy"):
        table += tag_new(place)
    if verb in ("copy", "verify"):
        table += database_keys(place)
    own = {"create": create, "copy": copy, "verify": verify, "prune": prune, "alarm": alarm}
    return table + own[verb](place)


def common(verb: str, place: Place) -> list[Permission]:
    looks = [
        "DescribeAccountAttributes",
        "DescribeDBClusters",
        "DescribeDBClusterSnapshots",
        "DescribeDBInstances",
        "DescribeDBSnapshots",
    ]
    tags_of = f"arn:aws:rds:{{}}:{ACCOUNT_ID}:db:orders"
    get, use = functools.partial(call, "s3:GetObject"), {"KeySpec": "AES_256"}
    return [
        Permission(
            "Look",
            [call(f"rds:{each}") for each in looks]
            + [call("rds:ListTagsForResource", ResourceName=tags_of.format(HOME))]
            + [call("rds:DescribeDBInstances", AWAY)],
            [call(f"rds:{each}", ELSEWHERE) for each in looks]
            + [call("rds:ListTagsForResource", ELSEWHERE, ResourceName=tags_of.format(ELSEWHERE))]
            + [call("rds:DescribeDBSubnetGroups")],
        ),
        Permission(
            "ReadThePolicies",
            [get(**place.key_of("policy.json"))],
            [
                get(**place.key_of("policy.json.old")),
                call("s3:PutObject", **place.key_of("policy.json"), Body=b"{}"),
            ],
        ),
        Permission(
            "FindWhatIsThere",
            [call("s3:ListBucket", Bucket=place.bucket, Prefix="evidence/")],
            [call("s3:ListBucket", Bucket="another-bucket")],
        ),
        Permission(
            "UseTheKey",
            [
                call("kms:GenerateDataKey", KeyId=place.home_key, **use),
                asked("kms:Decrypt", place.home_key),
            ],
            [
                call("kms:GenerateDataKey", KeyId=place.foreign_key, **use),
                call("kms:DisableKey", KeyId=place.home_key),
            ],
        ),
        Permission("NeverShareNorExport", denied=share_and_export()),
    ]


def share_and_export() -> list:
    share = {"AttributeName": "restore", "ValuesToAdd": ["all"]}
    export = {
        "ExportTaskIdentifier": "out",
        "S3BucketName": "elsewhere",
        "IamRoleArn": "any",
        "KmsKeyId": "any",
        "SourceArn": f"arn:aws:rds:{HOME}:{ACCOUNT_ID}:snapshot:snapkeep-orders-1",
    }
    return [
        call("rds:ModifyDBSnapshotAttribute", DBSnapshotIdentifier="snapkeep-orders-1", **share),
        call(
            "rds:ModifyDBClusterSnapshotAttribute",
            DBClusterSnapshotIdentifier="snapkeep-shepherd-1",
            **share,
        ),
        call("rds:StartExportTask", **export),
    ]


def own_things(verb: str, place: Place) -> list[Permission]:
    """Logs and queue. The emulated account leaves the stream out of a log's ARN: so it is asked."""

    def stream(of_verb: str) -> str:
        group = f"arn:aws:logs:{HOME}:{ACCOUNT_ID}:log-group:/aws/lambda/{place.name}-{of_verb}"
        return f"{group}:log-stream:2026"

    writes = ("logs:CreateLogStream", "logs:PutLogEvents")
    send = functools.partial(call, "sqs:SendMessage", MessageBody="failed")
    return [
        Permission(
            "WriteOwnLogs",
            [asked(each, stream(verb)) for each in writes],
            [asked(each, stream(neighbour(verb))) for each in writes]
            + [asked("logs:DeleteLogStream", stream(verb))],
        ),
        Permission(
            "LeaveFailedRuns",
            [send(QueueUrl=place.queue(verb))],
            [
                send(QueueUrl=place.queue(neighbour(verb))),
                # Alarm alone reads, and nobody purges.
                call(
                    "sqs:PurgeQueue" if verb == "alarm" else "sqs:ReceiveMessage",
                    QueueUrl=place.queue(verb),
                ),
            ],
        ),
    ]


def evidence(verb: str, place: Place) -> list[Permission]:
    own = place.key_of(f"evidence/{verb}/1")
    others = place.key_of(f"evidence/{neighbour(verb, WITH_EVIDENCE)}/1")
    # alarm seals the others' evidence: it may read it.
    unread = [] if verb == "alarm" else [call("s3:GetObject", **others)]

    def locked(key: dict, mode: str):
        lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": UNTIL}
        return call("s3:PutObjectRetention", **key, **lock, Body=b"{}")

    return [
        Permission(
            "KeepEvidence",
            [call("s3:PutObject", **own, Body=b"{}"), call("s3:GetObject", **own)],
            [call("s3:PutObject", **others, Body=b"{}"), *unread],
        ),
        Permission(
            "LockEvidence",
            [locked(own, "COMPLIANCE")],
            [locked(own, "GOVERNANCE"), locked(others, "COMPLIANCE")],
        ),
        Permission(
            "NeverDeleteEvidence",
            denied=[
                call("s3:DeleteObject", **place.key_of(f"evidence/{verb}/none")),
                call("s3:DeleteObjectVersion", **own, VersionId="none"),
                asked("s3:BypassGovernanceRetention", f"arn:aws:s3:::{place.bucket}/evidence/1"),
            ],
        ),
    ]


def tag_new(place: Place) -> list[Permission]:
    def tag(name: str, region: str = HOME, **pairs: str):
        arn = f"arn:aws:rds:{region}:{ACCOUNT_ID}:{name}"
        return call("rds:AddTagsToResource", region, ResourceName=arn, Tags=tags(**pairs))

    return [
        Permission(
            "TagNewRecoveryPoints",
            [
                tag("snapshot:snapkeep-new", owner=place.name, slot="1"),
                tag("cluster-snapshot:snapkeep-new", AWAY, owner=place.name),
            ],
            [
                tag("snapshot:snapkeep-new", owner="staging"),
                tag("snapshot:snapkeep-new", slot="1"),
                tag("snapshot:manual", owner=place.name),
                tag("snapshot:snapkeep-new", ELSEWHERE, owner=place.name),
                tag("snapshot:snapkeep-new", owner=place.name, verdict="pass"),
                # Who could make another deployment's its own could have it pruned.
                tag("snapshot:snapkeep-staging-1", owner=place.name),
                tag("db:orders", owner=place.name),
            ],
        )
    ]


def database_keys(place: Place) -> list[Permission]:
    uses = [
        f"kms:{each}"
        for each in (
            "DescribeKey",
            "Decrypt",
            "Encrypt",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
        )
    ]
    rds = {"kms__ViaService": f"rds.{HOME}.amazonaws.com"}
    away = {"kms__ViaService": f"rds.{AWAY}.amazonaws.com"}
    s3 = {"kms__ViaService": f"s3.{HOME}.amazonaws.com"}
    grant, for_aws = "kms:CreateGrant", {"kms__GrantIsForAWSResource": "true"}
    return [
        Permission(
            "UseDatabaseKeys",
            [asked(each, place.database_key, **rds) for each in uses]
            + [asked("kms:Encrypt", place.copies_key, **away)],
            [call("kms:DescribeKey", KeyId=place.database_key)]
            + [asked(each, place.database_key, **s3) for each in uses]
            + [asked(each, place.foreign_key, **rds) for each in uses],
        ),
        Permission(
            "GrantDatabaseKeysToRds",
            [
                asked(grant, place.database_key, **rds, **for_aws),
                asked(grant, place.copies_key, **away, **for_aws),
            ],
            [
                asked(grant, place.database_key, **rds),
                asked(grant, place.database_key, **rds, kms__GrantIsForAWSResource="false"),
                asked(grant, place.database_key, **s3, **for_aws),
                asked(grant, place.foreign_key, **rds, **for_aws),
            ],
        ),
    ]


def of_schedule(verb: str, place: Place) -> list[Permission]:
    """Of the role with which the schedule wakes a function."""

    def wake(of_verb: str):
        named = f"{place.name}-{of_verb}"
        return call("lambda:InvokeFunction", FunctionName=named, InvocationType="DryRun")

    send = functools.partial(call, "sqs:SendMessage", MessageBody="undelivered")
    use = {"KeySpec": "AES_256"}
    return [
        Permission("WakeThisFunction", [wake(verb)], [wake(neighbour(verb))]),
        Permission(
            "LeaveWhatCouldNotBeDelivered",
            [send(QueueUrl=place.queue(verb))],
            [send(QueueUrl=place.queue(neighbour(verb)))],
        ),
        Permission(
            "UseTheQueuesKey",
            [
                call("kms:GenerateDataKey", KeyId=place.home_key, **use),
                asked("kms:Decrypt", place.home_key),
            ],
            [call("kms:GenerateDataKey", KeyId=place.foreign_key, **use)],
        ),
    ]

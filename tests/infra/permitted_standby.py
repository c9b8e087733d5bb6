"""What the standby's two roles may do, and what is denied: most of all at home, where it only reads."""

import functools

from deployment import ACCOUNT_ID, AWAY, HOME
from judged import Permission, asked, call
from permitted import common
from permitted_by_verb import earlier_memories
from place import Place

USE = {"KeySpec": "AES_256"}
SHARED = ("Look", "NeverShareNorExport")


def queue(place: Place) -> str:
    return f"https://sqs.{AWAY}.amazonaws.com/{ACCOUNT_ID}/{place.name}-standby-failed"


def standby(place: Place) -> list[Permission]:
    there = place.standby

    def key_of(key: str) -> dict[str, str]:
        return {"Bucket": there["bucket"], "Key": key}

    def stream(region: str, label: str) -> str:
        group = f"arn:aws:logs:{region}:{ACCOUNT_ID}:log-group:/aws/lambda/{place.name}-{label}"
        return f"{group}:log-stream:2026"

    writes = ("logs:CreateLogStream", "logs:PutLogEvents")
    send = functools.partial(call, "sqs:SendMessage", MessageBody="failed")
    get, put = functools.partial(call, "s3:GetObject"), functools.partial(call, "s3:PutObject")
    state, at_home = key_of("state/standby.json"), place.key_of("state/alarms.json")
    return [
        *(each for each in common("alarm", place) if each.sid in SHARED),
        Permission(
            "WriteOwnLogs",
            [asked(each, stream(AWAY, "standby")) for each in writes],
            [asked(each, stream(HOME, "alarm")) for each in writes]
            + [asked("logs:DeleteLogStream", stream(AWAY, "standby"))],
        ),
        Permission(
            "LeaveFailedRuns",
            [send(AWAY, QueueUrl=queue(place))],
            [
                send(QueueUrl=place.queue("alarm")),
                call("sqs:ReceiveMessage", QueueUrl=place.queue("create")),
                call("sqs:ReceiveMessage", AWAY, QueueUrl=queue(place)),
            ],
        ),
        Permission(
            "ReadThePolicies",
            [get(AWAY, **key_of("policy.json"))],
            [put(AWAY, **key_of("policy.json"), Body=b"{}"), get(**place.key_of("policy.json"))],
        ),
        Permission(
            "FindWhatIsThere",
            [call("s3:ListBucket", AWAY, Bucket=there["bucket"], Prefix="state/")],
            [call("s3:ListBucket", Bucket="another-bucket")],
        ),
        Permission(
            "FindWhatIsAtHome",
            [call("s3:ListBucket", Bucket=place.bucket, Prefix="evidence/prune/")],
            [call("s3:ListBucket", Bucket="another-bucket")],
        ),
        Permission(
            "UseTheKey",
            [
                call("kms:GenerateDataKey", AWAY, KeyId=there["kms_key_arn"], **USE),
                asked("kms:Decrypt", there["kms_key_arn"]),
            ],
            [
                call("kms:GenerateDataKey", AWAY, KeyId=place.copies_key, **USE),
                call("kms:DisableKey", AWAY, KeyId=there["kms_key_arn"]),
            ],
        ),
        Permission(
            "Tell",
            [call("sns:Publish", AWAY, TopicArn=there["topic_arn"], Message="{}")],
            [call("sns:Publish", TopicArn=place.topic, Message="{}")],
        ),
        Permission(
            "RememberWhatWasTold",
            [put(AWAY, **state, Body=b"{}"), get(AWAY, **state)],
            [
                put(AWAY, **key_of("evidence/alarm/1"), Body=b"{}"),
                call("s3:DeleteObject", AWAY, **state),
            ],
        ),
        *earlier_memories(there["bucket"], "state/standby.json", AWAY),
        Permission(
            "HearOfHome",
            [get(**at_home), get(**place.key_of("evidence/prune/1"))],
            [
                put(**at_home, Body=b"{}"),
                put(**place.key_of("evidence/prune/1"), Body=b"{}"),
                get(**place.key_of("evidence/create/1")),
                get(**place.key_of("scratch/1")),
                call("s3:GetObjectVersion", **at_home, VersionId="none"),
            ],
        ),
        Permission(
            "ReadWithTheHomeKey",
            [asked("kms:Decrypt", place.home_key)],
            [
                call("kms:GenerateDataKey", KeyId=place.home_key, **USE),
                asked("kms:Decrypt", place.foreign_key),
            ],
        ),
    ]


def schedule(place: Place) -> list[Permission]:
    """Of the role with which its schedule wakes it."""

    def wake(region: str, label: str):
        named = f"{place.name}-{label}"
        return call("lambda:InvokeFunction", region, FunctionName=named, InvocationType="DryRun")

    send = functools.partial(call, "sqs:SendMessage", MessageBody="undelivered")
    key = place.standby["kms_key_arn"]
    return [
        Permission("WakeThisFunction", [wake(AWAY, "standby")], [wake(HOME, "alarm")]),
        Permission(
            "LeaveWhatCouldNotBeDelivered",
            [send(AWAY, QueueUrl=queue(place))],
            [send(QueueUrl=place.queue("alarm"))],
        ),
        Permission(
            "UseTheQueuesKey",
            [call("kms:GenerateDataKey", AWAY, KeyId=key, **USE), asked("kms:Decrypt", key)],
            [call("kms:GenerateDataKey", KeyId=place.home_key, **USE)],
        ),
    ]

"""The minimal example from nothing to nothing, on an emulated account: `./test minimal` runs it.

Applied as it stands in the repository, with functions that this machine's compiler has made; planned
again; one of its schedules fired at a database that nobody has backed up; destroyed as the module's
README says. Each step is a line.
"""

import datetime
import sys

from deployment import Account, binaries, eventually
from example import Example
from terraform import NOTHING_TO_DO

DATABASE = "orders"
# What `terraform destroy` can't delete while evidence is locked, and what that is encrypted with.
STAYS = ("module.snapkeep.module.bucket", "module.snapkeep.aws_kms_key.home")


def main() -> None:
    account = Account(enforce=True)
    try:
        story(account)
    finally:
        account.stop()


def story(account: Account) -> None:
    say(f"an emulated AWS is at {account.url}; every call is judged by IAM")
    make_a_database_that_was_never_backed_up(account)
    example = Example(account, "minimal", artifacts=binaries())
    example.apply()
    say(f"applied infra/examples/minimal: {counted(example.made())}")
    nothing_to_do(example)
    account.fire("snapkeep-create")
    point = eventually("recovery point", lambda: own_snapshots(account), 60)[0]
    say(f"the schedule snapkeep-create was fired: {DATABASE} has the recovery point {point}")
    if lacked := account.refusals():
        raise SystemExit("a role lacked a permission:\n" + "\n".join(lacked))
    nothing_to_do(example)
    example.root.run("state", "rm", *STAYS)
    example.destroy()
    left = sorted(each for each in example.made() if not each.startswith("key "))
    if left != [bucket := f"bucket {bucket_of(account)}"]:
        raise SystemExit(f"terraform destroy left {', '.join(left)}; expected {bucket} alone")
    if own_snapshots(account) != [point]:
        raise SystemExit(f"terraform destroy took the recovery point {point}")
    say(f"destroyed; what stays is {point}, and {bucket} with its key, as evidence in it is locked")


def say(line: str) -> None:
    print(line, flush=True)


def make_a_database_that_was_never_backed_up(account: Account) -> None:
    long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
    account.set("clock", now=long_ago.strftime("%Y-%m-%dT%H:%M:%SZ"))
    account.client("rds").create_db_instance(
        DBInstanceIdentifier=DATABASE,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        EngineVersion="15.4",
        AllocatedStorage=20,
        MasterUsername="keeper",
        MasterUserPassword="only-for-the-emulator",
        Tags=[{"Key": "snapkeep:policy", "Value": "standard"}],
    )
    account.unset("clock")
    say(f"{DATABASE} is a database with the tag snapkeep:policy = standard, and was never backed up")


def nothing_to_do(example: Example) -> None:
    if example.plan() != NOTHING_TO_DO:
        raise SystemExit("another terraform plan isn't empty")
    say("another terraform plan is empty")


def counted(names: set[str]) -> str:
    """`5 functions, 8 schedules, …`, by kind."""
    kinds: dict[str, int] = {}
    for name in sorted(names):
        # Only of names of two words is the first not the kind.
        kind = next((it for it in TWO_WORDS if name.startswith(f"{it} ")), name.split()[0])
        kinds[kind] = kinds.get(kind, 0) + 1
    return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items())


TWO_WORDS = ("log group", "subnet group", "security group")


def own_snapshots(account: Account) -> list[str]:
    found = account.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return [
        each["DBSnapshotIdentifier"] for each in found if each["Status"] == "available"
    ]


def bucket_of(account: Account) -> str:
    (bucket,) = account.client("s3").list_buckets()["Buckets"]
    return bucket["Name"]


if __name__ == "__main__":
    try:
        main()
    except AssertionError as broken:
        sys.exit(str(broken))

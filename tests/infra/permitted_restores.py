"""How verify may restore: into scratch databases alone, none of which the internet can reach."""

import functools

from deployment import ACCOUNT_ID, AWAY, HOME
from judged import Permission, asked, call
from place import ELSEWHERE, Place, tags

SCRATCH = "snapkeep-scratch-new"
GUEST = "awsbackup-restore-test-1"
INSTANCE = {"DBInstanceClass": "db.t4g.medium", "Engine": "postgres"}
CLUSTER = {"Engine": "aurora-postgresql"}


def arn(kind: str, name: str, region: str = HOME) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT_ID}:{kind}:{name}"


def from_snapshot(
    place: Place, cluster: bool, target: str = SCRATCH, source: str = "", region: str = HOME, **more
):
    """A restore of a recovery point, as it should be but for what is told."""
    more = {"Tags": tags(scratch=place.name), **more}
    if cluster:
        named = {
            "DBClusterIdentifier": target,
            "SnapshotIdentifier": source or "snapkeep-shepherd-1",
        }
        return call("rds:RestoreDBClusterFromSnapshot", region, **named, **CLUSTER, **more)
    named = {"DBInstanceIdentifier": target, "DBSnapshotIdentifier": source or "snapkeep-orders-1"}
    more = {"PubliclyAccessible": False, **more}
    return call("rds:RestoreDBInstanceFromDBSnapshot", region, **named, **more)


def new_instance(place: Place, target: str = SCRATCH, region: str = HOME, **more):
    more = {"Tags": tags(scratch=place.name), "PubliclyAccessible": False, **more}
    return call("rds:CreateDBInstance", region, DBInstanceIdentifier=target, **INSTANCE, **more)


def restores(place: Place) -> list[Permission]:
    """Each restore needs the target's, the source's and the groups' statement."""
    instance, cluster = (functools.partial(from_snapshot, place, each) for each in (False, True))
    new = functools.partial(new_instance, place)
    others = {"Tags": tags(scratch="staging")}
    return [
        Permission(
            "RestoreIntoScratch",
            [instance(), instance(region=AWAY), cluster(), new()],
            [make(target="orders-2") for make in (instance, cluster, new)]
            + [make(**others) for make in (instance, cluster, new)]
            + [make(Tags=[]) for make in (instance, cluster, new)]
            + [make(region=ELSEWHERE) for make in (instance, cluster, new)]
            + [instance(PubliclyAccessible=True), new(PubliclyAccessible=True)],
        ),
        Permission(
            "FromRecoveryPoints",
            [instance(), cluster()],
            [instance(source="manual"), cluster(source="manual")],
        ),
    ]


def points_in_time(place: Place) -> list[Permission]:
    def instance(target: str = SCRATCH, region: str = HOME, **more):
        more = {"Tags": tags(scratch=place.name), "PubliclyAccessible": False, **more}
        named = {"SourceDBInstanceIdentifier": "orders", "TargetDBInstanceIdentifier": target}
        return call("rds:RestoreDBInstanceToPointInTime", region, **named, **more)

    def cluster(target: str = SCRATCH, region: str = HOME, **more):
        more = {"Tags": tags(scratch=place.name), **more}
        named = {"SourceDBClusterIdentifier": "shepherd", "DBClusterIdentifier": target}
        return call("rds:RestoreDBClusterToPointInTime", region, **named, **more)

    # The emulated account doesn't ask for the source, AWS may.
    sources = [
        ("rds:RestoreDBInstanceToPointInTime", arn("db", "orders")),
        ("rds:RestoreDBClusterToPointInTime", arn("cluster", "shepherd")),
    ]
    own = {"aws__RequestTag/snapkeep:scratch": place.name}
    return [
        Permission(
            "FromAutomatedBackups",
            [instance(), cluster()] + [asked(*source, **own) for source in sources],
            [make(target="orders-2") for make in (instance, cluster)]
            + [make(Tags=tags(scratch="staging")) for make in (instance, cluster)]
            + [make(Tags=[]) for make in (instance, cluster)]
            + [make(region=AWAY) for make in (instance, cluster)]
            + [instance(PubliclyAccessible=True)]
            + [asked(*source) for source in sources],
        )
    ]


def groups(place: Place) -> list[Permission]:
    """Restores use groups, the default ones if none is named."""
    actions = [
        "RestoreDBInstanceFromDBSnapshot",
        "RestoreDBClusterFromSnapshot",
        "RestoreDBInstanceToPointInTime",
        "RestoreDBClusterToPointInTime",
        "CreateDBInstance",
    ]
    kinds = ("subgrp", "pg", "cluster-pg", "og")
    return [
        Permission(
            "WithNetworkAndParameters",
            [from_snapshot(place, False), from_snapshot(place, True)]
            + [new_instance(place, DBSubnetGroupName=f"{place.name}-scratch")]
            + [asked(f"rds:{each}", arn(kind, "x", AWAY)) for each in actions for kind in kinds],
            [asked(f"rds:{each}", arn(kind, "x", ELSEWHERE)) for each in actions for kind in kinds]
            + [asked("rds:DeleteDBSubnetGroup", arn("subgrp", "x"))],
        )
    ]

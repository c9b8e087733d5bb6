"""What verify may do beside what all functions may: it alone changes and deletes databases, and
tags verdicts. How it restores is in permitted_restores.py.
"""

from deployment import AWAY, HOME
from judged import Permission, asked, call
from permitted_restores import GUEST, SCRATCH, arn, groups, new_instance, points_in_time, restores
from place import ELSEWHERE, Place, tags


def verify(place: Place) -> list[Permission]:
    return (
        restores(place)
        + points_in_time(place)
        + groups(place)
        + scratch(place)
        + marks(place)
        + guests(place)
        + elsewhere(place)
    )


def scratch(place: Place) -> list[Permission]:
    def on_instance(operation: str, name: str, region: str = HOME, **more):
        return call(f"rds:{operation}", region, DBInstanceIdentifier=name, **more)

    def on_cluster(operation: str, name: str, region: str = HOME, **more):
        return call(f"rds:{operation}", region, DBClusterIdentifier=name, **more)

    def tag(kind: str, name: str, region: str = HOME, **pairs: str):
        named = {"ResourceName": arn(kind, name, region), "Tags": tags(**pairs)}
        return call("rds:AddTagsToResource", region, **named)

    def all_of(instance: str, cluster: str, region: str = HOME) -> list:
        without = {"SkipFinalSnapshot": True}
        return [
            on_instance("ModifyDBInstance", instance, region, MasterUserPassword="another-one"),
            on_cluster("ModifyDBCluster", cluster, region, MasterUserPassword="another-one"),
            on_instance("DeleteDBInstance", instance, region, **without),
            on_cluster("DeleteDBCluster", cluster, region, **without),
            tag("db", instance, region, password="set"),
            tag("cluster", cluster, region, password="set"),
        ]

    named = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": "snapkeep-scratch-last"}
    last = arn("cluster-snapshot", "snapkeep-scratch-last")
    return [
        Permission(
            "TagNewScratch",
            [
                tag("db", SCRATCH, scratch=place.name),
                tag("cluster", SCRATCH, AWAY, scratch=place.name),
            ],
            [
                tag("db", SCRATCH, scratch="staging"),
                tag("db", SCRATCH, password="set"),
                tag("db", "orders-2", scratch=place.name),
                tag("db", SCRATCH, ELSEWHERE, scratch=place.name),
            ],
        ),
        Permission(
            "RunAndTearDownScratch",
            all_of("snapkeep-scratch-1", "snapkeep-scratch-2"),
            # Another deployment's; ours by the tag alone; not there, so without a tag; elsewhere.
            all_of("snapkeep-scratch-staging", "snapkeep-scratch-others")
            + all_of("orders", "shepherd")
            + all_of(SCRATCH, SCRATCH)
            + all_of("snapkeep-scratch-1", "snapkeep-scratch-2", ELSEWHERE),
        ),
        Permission(
            "WithoutLastSnapshot",
            [
                on_cluster("DeleteDBCluster", "snapkeep-scratch-2", **named),
                asked("rds:DeleteDBCluster", last),
            ],
            # Alone it deletes nothing: the cluster must be allowed too.
            [
                asked("rds:DeleteDBCluster", arn("cluster-snapshot", "last", ELSEWHERE)),
                on_cluster("DeleteDBCluster", "shepherd", **named),
            ],
        ),
    ]


def marks(place: Place) -> list[Permission]:
    def tag(kind: str, name: str, region: str = HOME, **pairs: str):
        named = {"ResourceName": arn(kind, name, region), "Tags": tags(**pairs)}
        return call("rds:AddTagsToResource", region, **named)

    return [
        Permission(
            "TagVerdicts",
            [
                tag("snapshot", "snapkeep-orders-1", verdict="pass"),
                tag("snapshot", "snapkeep-orders-1", AWAY, verdict="pass"),
                tag("cluster-snapshot", "snapkeep-shepherd-1", verdict="pass"),
            ],
            [
                tag("snapshot", "snapkeep-staging-1", verdict="pass"),
                tag("snapshot", "snapkeep-untagged", verdict="pass"),
                tag("snapshot", "manual", verdict="pass"),
                tag("snapshot", "snapkeep-orders-1", ELSEWHERE, verdict="pass"),
                tag("snapshot", "snapkeep-orders-1", verdict="pass", owner="staging"),
                tag("snapshot", "snapkeep-orders-1", hold="none"),
            ],
        ),
        Permission(
            "TagRehearsals",
            [tag("db", "orders", rehearsal="pass"), tag("cluster", "shepherd", rehearsal="pass")],
            [
                tag("db", "orders", policy="none"),
                tag("cluster", "shepherd", verdict="pass"),
                tag("db", "orders", AWAY, rehearsal="pass"),
            ],
        ),
    ]


def guests(place: Place) -> list[Permission]:
    """What AWS Backup's restore testing made: it is changed, and never deleted."""

    def instance(name: str, region: str = HOME):
        change = {"DBInstanceIdentifier": name, "MasterUserPassword": "another-one"}
        return call("rds:ModifyDBInstance", region, **change)

    def cluster(name: str, region: str = HOME):
        change = {"DBClusterIdentifier": name, "MasterUserPassword": "another-one"}
        return call("rds:ModifyDBCluster", region, **change)

    def tag(name: str):
        return call(
            "rds:AddTagsToResource", ResourceName=arn("db", name), Tags=tags(password="set")
        )

    def reader(name: str, **more):
        return new_instance(place, name, DBClusterIdentifier=GUEST, **{"Tags": [], **more})

    return [
        Permission(
            "QuestionRestoreTests",
            [instance(GUEST), cluster(GUEST), tag(GUEST), reader(GUEST)],
            [
                instance("awsbackup-other"),
                cluster("awsbackup-other"),
                tag("awsbackup-other"),
                reader("reader"),
                instance(GUEST, AWAY),
                cluster(GUEST, AWAY),
                reader(GUEST, PubliclyAccessible=True),
                call("rds:DeleteDBInstance", DBInstanceIdentifier=GUEST, SkipFinalSnapshot=True),
                call("rds:DeleteDBCluster", DBClusterIdentifier=GUEST, SkipFinalSnapshot=True),
            ],
        )
    ]


def elsewhere(place: Place) -> list[Permission]:
    """In services other than RDS."""
    secret, survey = place.key_of("scratch/1"), place.key_of("surveys/1")
    verdict = {"RestoreJobId": "1", "ValidationStatus": "SUCCESSFUL"}
    interfaces = [
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "AssignPrivateIpAddresses",
        "UnassignPrivateIpAddresses",
    ]
    return [
        Permission(
            "LookUpVersionsAndRestoreJobs",
            [
                call("rds:DescribeDBEngineVersions"),
                call("backup:DescribeRestoreJob", RestoreJobId="1"),
                call("backup:PutRestoreValidationResult", **verdict),
            ],
            [call("rds:DescribeEvents"), call("backup:ListRestoreJobs")],
        ),
        Permission(
            "RememberPasswordsAndSurveys",
            [call("s3:GetObject", **each) for each in (secret, survey)]
            + [call("s3:PutObject", **each, Body=b"{}") for each in (secret, survey)],
            [
                call("s3:GetObject", **place.key_of("state/alarms.json")),
                call("s3:PutObject", **place.key_of("state/alarms.json"), Body=b"{}"),
            ],
        ),
        Permission(
            "LiveInTheNetwork",
            [call("ec2:DescribeSubnets"), call("ec2:DescribeNetworkInterfaces")]
            + [asked(f"ec2:{each}", "*") for each in interfaces],
            [call("ec2:DescribeSecurityGroups"), asked("ec2:DeleteSubnet", "*")],
        ),
    ]

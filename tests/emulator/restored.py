"""An account in which databases are restored, for the tests of that."""

import datetime

from launched import MIDNIGHT, OnAnAccount

SCRATCH = "snapkeep-scratch-"
PASSWORD = "only-for-tests"


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class RestoredDatabases(OnAnAccount):
    """An account with an Aurora cluster and a PostgreSQL instance, made at midnight."""

    def setUp(self) -> None:
        super().setUp()
        self.emulator.set("clock", now=MIDNIGHT)
        master = {"MasterUsername": "keeper", "MasterUserPassword": PASSWORD}
        self.rds.create_db_cluster(
            DBClusterIdentifier="orders",
            Engine="aurora-postgresql",
            EngineVersion="15.4",
            DatabaseName="shop",
            BackupRetentionPeriod=7,
            DeletionProtection=True,
            **master,
        )
        self.rds.create_db_instance(
            DBInstanceIdentifier="apm",
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            EngineVersion="15.4",
            AllocatedStorage=20,
            DBName="shop",
            BackupRetentionPeriod=7,
            DeletionProtection=True,
            **master,
        )
        taken = {"DBClusterIdentifier": "orders", "DBClusterSnapshotIdentifier": "orders-1"}
        self.rds.create_db_cluster_snapshot(**taken)
        self.rds.create_db_snapshot(DBInstanceIdentifier="apm", DBSnapshotIdentifier="apm-1")

    def restore_instance(self, name: str = f"{SCRATCH}apm") -> dict:
        restored = self.rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=name, DBSnapshotIdentifier="apm-1"
        )
        return restored["DBInstance"]

    def restore_cluster(self, name: str = f"{SCRATCH}orders", **more) -> dict:
        restored = self.rds.restore_db_cluster_from_snapshot(
            DBClusterIdentifier=name,
            SnapshotIdentifier="orders-1",
            Engine="aurora-postgresql",
            **more,
        )
        return restored["DBCluster"]

    def cluster_to(self, name: str = f"{SCRATCH}orders", **when) -> dict:
        restored = self.rds.restore_db_cluster_to_point_in_time(
            DBClusterIdentifier=name, SourceDBClusterIdentifier="orders", **when
        )
        return restored["DBCluster"]

    def instance_to(self, name: str = f"{SCRATCH}apm", **when) -> dict:
        if "RestoreToTime" in when:  # AWS calls it otherwise here.
            when["RestoreTime"] = when.pop("RestoreToTime")
        restored = self.rds.restore_db_instance_to_point_in_time(
            TargetDBInstanceIdentifier=name, SourceDBInstanceIdentifier="apm", **when
        )
        return restored["DBInstance"]

    def instance(self, name: str = f"{SCRATCH}apm") -> dict:
        return self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def cluster(self, name: str = f"{SCRATCH}orders") -> dict:
        return self.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def served_at(self, port: int, engine: str, *set_password: object) -> None:
        server = {"host": "localhost", "port": port, "names": SCRATCH}
        self.emulator.set(f"database::{engine}", set_password=set_password, **server)

"""Restored databases are where a test says, and AWS's rules for restores hold on them.

Run with python -m unittest. Source of the rules: the RDS API reference.
"""

import unittest

from launched import MIDNIGHT
from restored import PASSWORD, SCRATCH, RestoredDatabases, at

NOON = "2026-03-02T12:00:00Z"


class TheirEndpoints(RestoredDatabases):
    def test_a_restored_instance_is_where_the_server_is(self) -> None:
        self.served_at(40123, "postgres")
        self.restore_instance()
        endpoint = self.instance()["Endpoint"]
        self.assertEqual(("localhost", 40123), (endpoint["Address"], endpoint["Port"]))

    def test_a_restored_cluster_and_its_instance_are_where_the_server_is(self) -> None:
        self.served_at(40123, "aurora-postgresql")
        self.restore_cluster()
        self.rds.create_db_instance(
            DBInstanceIdentifier=f"{SCRATCH}orders-1",
            DBClusterIdentifier=f"{SCRATCH}orders",
            DBInstanceClass="db.t4g.medium",
            Engine="aurora-postgresql",
        )
        cluster, endpoint = self.cluster(), self.instance(f"{SCRATCH}orders-1")["Endpoint"]
        self.assertEqual(("localhost", 40123), (cluster["Endpoint"], cluster["Port"]))
        self.assertEqual(("localhost", 40123), (endpoint["Address"], endpoint["Port"]))

    def test_every_other_database_keeps_its_own_endpoint(self) -> None:
        self.served_at(40123, "postgres")
        self.served_at(40124, "aurora-postgresql")
        self.restore_instance("somebody-elses")
        self.restore_cluster("somebody-elses")
        found = [self.instance(name)["Endpoint"]["Port"] for name in ("apm", "somebody-elses")]
        found += [self.cluster(name)["Port"] for name in ("orders", "somebody-elses")]
        self.assertEqual([5432] * 4, found)

    def test_an_instance_has_no_endpoint_while_it_is_being_made(self) -> None:
        self.emulator.set("lifecycle::RestoreDBInstanceFromDBSnapshot", seconds=600)
        self.assertNotIn("Endpoint", self.restore_instance())
        self.assertNotIn("Endpoint", self.instance())
        self.emulator.set("clock", now="2026-03-02T00:10:00Z")
        self.assertIn("Endpoint", self.instance())


class ToAPointInTime(RestoredDatabases):
    def test_what_is_described_says_what_a_restore_needs_to_know(self) -> None:
        self.emulator.set("clock", now=NOON)
        instance, cluster = self.instance("apm"), self.cluster("orders")
        self.assertEqual(["shop", "shop"], [instance["DBName"], cluster["DatabaseName"]])
        for found in (instance, cluster):
            self.assertEqual("keeper", found["MasterUsername"])
            self.assertEqual(7, found["BackupRetentionPeriod"])
            self.assertEqual(at("2026-03-02T11:55:00Z"), found["LatestRestorableTime"])
        self.assertEqual(at(MIDNIGHT), cluster["EarliestRestorableTime"])
        self.emulator.set("clock", now="2026-03-12T12:00:00Z")
        oldest = self.cluster("orders")["EarliestRestorableTime"]
        self.assertEqual(at("2026-03-05T12:00:00Z"), oldest)

    def test_both_shapes_are_restored_to_an_instant_with_their_own_ids_and_tags(self) -> None:
        self.emulator.set("clock", now=NOON)
        self.served_at(40123, "postgres")
        self.served_at(40124, "aurora-postgresql")
        tags = [{"Key": "snapkeep:owner", "Value": "prod"}]
        instant = at("2026-03-02T11:00:00Z")
        self.cluster_to(RestoreToTime=instant, Tags=tags)
        self.instance_to(RestoreToTime=instant, Tags=tags)
        cluster, instance = self.cluster(), self.instance()
        self.assertEqual([tags, tags], [cluster["TagList"], instance["TagList"]])
        self.assertEqual([], cluster["DBClusterMembers"])
        self.assertEqual([40124, 40123], [cluster["Port"], instance["Endpoint"]["Port"]])
        self.assertEqual([False] * 2, [it["DeletionProtection"] for it in (cluster, instance)])
        source = self.cluster("orders")
        self.assertNotEqual(source["DbClusterResourceId"], cluster["DbClusterResourceId"])
        self.assertNotEqual(self.instance("apm")["DbiResourceId"], instance["DbiResourceId"])
        self.assertEqual(("shop", "shop"), (cluster["DatabaseName"], instance["DBName"]))
        self.assertEqual("keeper", cluster["MasterUsername"])

    def test_so_is_a_documentdb_cluster(self) -> None:
        login = {"MasterUsername": "keeper", "MasterUserPassword": PASSWORD}
        self.docdb.create_db_cluster(DBClusterIdentifier="shepherd", Engine="docdb", **login)
        self.served_at(40123, "docdb")
        name = f"{SCRATCH}shepherd"
        self.docdb.restore_db_cluster_to_point_in_time(
            DBClusterIdentifier=name,
            SourceDBClusterIdentifier="shepherd",
            UseLatestRestorableTime=True,
        )
        found = self.docdb.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
        self.assertEqual(("localhost", 40123), (found["Endpoint"], found["Port"]))
        self.assertEqual("keeper", found["MasterUsername"])

    def test_a_snapshot_restores_to_the_same_database_and_administrator(self) -> None:
        self.restore_instance()
        self.restore_cluster()
        instance, cluster = self.instance(), self.cluster()
        self.assertEqual(("shop", "shop"), (cluster["DatabaseName"], instance["DBName"]))
        for found in (instance, cluster):
            self.assertEqual("keeper", found["MasterUsername"])

    def test_it_takes_its_time(self) -> None:
        self.emulator.set("lifecycle::RestoreDBClusterToPointInTime", seconds=600)
        self.cluster_to(UseLatestRestorableTime=True)
        self.assertEqual("creating", self.cluster()["Status"])
        self.emulator.set("clock", now="2026-03-02T00:10:00Z")
        self.assertEqual("available", self.cluster()["Status"])

    def test_a_time_without_backups_is_refused(self) -> None:
        self.emulator.set("clock", now=NOON)
        for time in ("2026-03-01T23:59:59Z", "2026-03-02T11:55:01Z"):
            for restore in (self.cluster_to, self.instance_to):
                self.assertRefused("InvalidRestoreFault", restore, RestoreToTime=at(time))
        self.rds.modify_db_instance(DBInstanceIdentifier="apm", BackupRetentionPeriod=0)
        self.assertNotIn("LatestRestorableTime", self.instance("apm"))
        code = "PointInTimeRestoreNotEnabled"
        self.assertRefused(code, self.instance_to, UseLatestRestorableTime=True)

    def test_either_an_instant_or_the_latest_is_asked_for(self) -> None:
        both = {"RestoreToTime": at(MIDNIGHT), "UseLatestRestorableTime": True}
        for when in ({}, both):
            for restore in (self.cluster_to, self.instance_to):
                self.assertRefused("InvalidParameterCombination", restore, **when)

    def test_nothing_is_written_over(self) -> None:
        now = {"UseLatestRestorableTime": True}
        self.assertRefused("DBClusterAlreadyExistsFault", self.cluster_to, name="orders", **now)
        self.assertRefused("DBInstanceAlreadyExists", self.instance_to, name="apm", **now)
        self.cluster("orders")

    def test_a_clone_is_told_from_a_full_copy(self) -> None:
        self.cluster_to(f"{SCRATCH}full", UseLatestRestorableTime=True)
        self.cluster_to(UseLatestRestorableTime=True, RestoreType="copy-on-write")
        self.assertNotIn("CloneGroupId", self.cluster(f"{SCRATCH}full"))
        groups = {self.cluster(name)["CloneGroupId"] for name in ("orders", f"{SCRATCH}orders")}
        self.assertEqual(1, len(groups))


class EngineVersions(RestoredDatabases):
    def offers(self, **which) -> list[tuple[str, str]]:
        found = self.rds.describe_db_engine_versions(**which)["DBEngineVersions"]
        return [(version["Engine"], version["EngineVersion"]) for version in found]

    def test_what_the_account_runs_on_is_on_offer(self) -> None:
        expected = [("aurora-postgresql", "15.4"), ("postgres", "15.4")]
        self.assertEqual(expected, self.offers())
        self.assertEqual(expected[1:], self.offers(Engine="postgres", EngineVersion="15.4"))
        self.assertEqual([], self.offers(Engine="postgres", EngineVersion="9.6"))

    def test_what_is_said_to_be_on_offer_is(self) -> None:
        self.emulator.set("offered::docdb", versions=["4.0.0", "5.0.0"])
        self.assertEqual([("docdb", "4.0.0"), ("docdb", "5.0.0")], self.offers(Engine="docdb"))

    def test_a_version_that_is_no_longer_on_offer_is_not_restored(self) -> None:
        self.emulator.set("offered::postgres", versions=["16.1"])
        self.emulator.set("offered::aurora-postgresql", versions=["16.1"])
        now = {"UseLatestRestorableTime": True}
        for engine, restore, params in (
            ("postgres", self.restore_instance, {}),
            ("postgres", self.instance_to, now),
            ("aurora-postgresql", self.restore_cluster, {}),
            ("aurora-postgresql", self.cluster_to, now),
        ):
            text = self.assertRefused("InvalidParameterCombination", restore, **params)
            self.assertEqual(f"Cannot find version 15.4 for {engine}", text)
        self.restore_cluster(EngineVersion="16.1")


if __name__ == "__main__":
    unittest.main()

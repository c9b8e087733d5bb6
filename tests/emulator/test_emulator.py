"""The emulated account does what the wire tests take for granted. Run with python -m unittest.

A peer that is wrong in silence makes every test on it worthless, so what was added to Moto is held
to the API reference here, by boto3, before snapkeep meets it.
"""

import datetime
import email.utils
import unittest

from botocore.exceptions import ClientError

from launched import AWAY, HOME, MIDNIGHT, Emulator, OnAnAccount


class TheEmulatedAccount(OnAnAccount):
    def setUp(self) -> None:
        super().setUp()
        self.docdb_away = self.emulator.client("docdb", AWAY)
        self.docdb.create_db_cluster(
            DBClusterIdentifier="shepherd",
            Engine="docdb",
            MasterUsername="keeper",
            MasterUserPassword="only-for-tests",
            StorageEncrypted=True,
        )

    def snapshot(self, name: str) -> str:
        taken = self.docdb.create_db_cluster_snapshot(
            DBClusterIdentifier="shepherd", DBClusterSnapshotIdentifier=name
        )
        return taken["DBClusterSnapshot"]["DBClusterSnapshotArn"]

    def status(self, name: str) -> str:
        found = self.rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)
        return found["DBClusterSnapshots"][0]["Status"]

    def away_key(self) -> str:
        return self.emulator.client("kms", AWAY).create_key()["KeyMetadata"]["Arn"]

    def copy(self, arn: str, **more) -> dict:
        copied = self.docdb_away.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=arn,
            TargetDBClusterSnapshotIdentifier="copied",
            **more,
        )
        return copied["DBClusterSnapshot"]

    def test_it_ends_when_the_one_who_started_it_lets_go(self) -> None:
        self.assertEqual(0, Emulator().stop())

    def test_a_list_of_more_than_a_page_comes_in_pages(self) -> None:
        for number in range(25):
            self.snapshot(f"s{number:02}")
        listed = self.rds.get_paginator("describe_db_cluster_snapshots")
        pages = list(listed.paginate(SnapshotType="manual", PaginationConfig={"PageSize": 20}))
        self.assertEqual([20, 5], [len(page["DBClusterSnapshots"]) for page in pages])
        names = {
            s["DBClusterSnapshotIdentifier"] for page in pages for s in page["DBClusterSnapshots"]
        }
        self.assertEqual(25, len(names))

    def test_a_page_has_20_to_100_entries(self) -> None:
        for size in (19, 101):
            self.assertRefused(
                "InvalidParameterValue", self.rds.describe_db_clusters, MaxRecords=size
            )

    def test_a_snapshot_is_creating_until_the_clock_says_so(self) -> None:
        self.emulator.set("clock", now=MIDNIGHT)
        self.emulator.set("lifecycle::CreateDBClusterSnapshot", seconds=600)
        self.snapshot("nightly")
        self.assertEqual("creating", self.status("nightly"))
        self.emulator.set("clock", now="2026-03-02T00:09:59Z")
        self.assertEqual("creating", self.status("nightly"))
        self.emulator.set("clock", now="2026-03-02T00:10:00Z")
        self.assertEqual("available", self.status("nightly"))

    def test_a_lifecycle_may_end_badly_and_only_for_what_came_after(self) -> None:
        self.snapshot("before")
        self.emulator.set("lifecycle::CreateDBClusterSnapshot", last="failed")
        self.snapshot("after")
        self.assertEqual(["available", "failed"], [self.status("before"), self.status("after")])

    def test_times_and_the_date_header_follow_the_clock(self) -> None:
        self.emulator.set("clock", now=MIDNIGHT)
        self.snapshot("nightly")
        answer = self.rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="nightly")
        midnight = datetime.datetime.fromisoformat(MIDNIGHT.replace("Z", "+00:00"))
        self.assertEqual(midnight, answer["DBClusterSnapshots"][0]["SnapshotCreateTime"])
        date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        self.assertEqual(midnight, email.utils.parsedate_to_datetime(date))

    def test_a_fault_refuses_so_many_calls_and_no_more(self) -> None:
        self.emulator.set("fault::DescribeDBClusters", times=2, code="Throttling")
        for _ in range(2):
            self.assertRefused("Throttling", self.rds.describe_db_clusters)
        self.assertEqual(1, len(self.rds.describe_db_clusters()["DBClusters"]))

    def test_a_fault_may_be_one_regions_alone(self) -> None:
        self.emulator.set("fault::DescribeDBClusters", times=9, code="Throttling", region=AWAY)
        self.rds.describe_db_clusters()
        self.assertRefused("Throttling", self.emulator.client("rds", AWAY).describe_db_clusters)

    def test_a_call_may_take_effect_and_its_answer_be_lost(self) -> None:
        fault = {"times": 1, "code": "InternalFailure", "status": 500, "after": True}
        self.emulator.set("fault::CreateDBClusterSnapshot", **fault)
        with self.assertRaises(ClientError):
            self.snapshot("nightly")
        self.assertEqual("available", self.status("nightly"))

    def test_each_instance_has_a_resource_id_of_its_own(self) -> None:
        for name in ("one", "two"):
            self.rds.create_db_instance(
                DBInstanceIdentifier=name, DBInstanceClass="db.t4g.medium", Engine="postgres"
            )
        found = self.rds.describe_db_instances()["DBInstances"]
        self.assertEqual(2, len({instance["DbiResourceId"] for instance in found}))

    def test_a_cluster_snapshot_names_its_clusters_resource_id(self) -> None:
        self.snapshot("nightly")
        cluster = self.rds.describe_db_clusters()["DBClusters"][0]
        taken = self.rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"][
            0
        ]
        self.assertEqual(cluster["DbClusterResourceId"], taken["DbClusterResourceId"])

    def test_a_copy_says_what_it_was_made_from(self) -> None:
        arn, key = self.snapshot("nightly"), self.away_key()
        copied = self.copy(arn, KmsKeyId=key, SourceRegion=HOME)
        self.assertEqual([arn, key], [copied["SourceDBClusterSnapshotArn"], copied["KmsKeyId"]])

    def test_an_encrypted_snapshot_leaves_its_region_with_a_key_only(self) -> None:
        arn = self.snapshot("nightly")
        self.assertRefused("KMSKeyNotAccessibleFault", self.copy, arn=arn, SourceRegion=HOME)

    def test_a_documentdb_snapshot_leaves_its_region_with_a_presigned_url_only(self) -> None:
        arn, key = self.snapshot("nightly"), self.away_key()
        text = self.assertRefused("InvalidParameterValue", self.copy, arn=arn, KmsKeyId=key)
        self.assertIn("PreSignedUrl", text)

    def test_a_presigned_url_for_something_else_is_refused(self) -> None:
        arn, other, key = self.snapshot("nightly"), self.snapshot("other"), self.away_key()
        sent = []
        self.docdb_away.meta.events.register_last(
            "before-call.docdb.CopyDBClusterSnapshot",
            lambda params, **_: sent.append(params["body"]["PreSignedUrl"]),
        )
        self.copy(other, KmsKeyId=key, SourceRegion=HOME)
        (url,) = sent
        forged = url[:-1] + ("0" if url[-1] != "0" else "1")
        for source, sent_with, part in (
            (arn, url, "SourceDBClusterSnapshotIdentifier"),
            (other, forged, "signature"),
        ):
            more = {"KmsKeyId": key, "PreSignedUrl": sent_with}
            text = self.assertRefused("InvalidParameterValue", self.copy, arn=source, **more)
            self.assertIn(part, text)

    def test_an_unfinished_snapshot_is_neither_copied_nor_restored_nor_deleted(self) -> None:
        self.emulator.set("clock", now=MIDNIGHT)
        self.emulator.set("lifecycle::CreateDBClusterSnapshot", seconds=600)
        arn, state = self.snapshot("nightly"), "InvalidDBClusterSnapshotStateFault"
        self.assertRefused(state, self.copy, arn=arn, KmsKeyId=self.away_key(), SourceRegion=HOME)
        restore = self.docdb.restore_db_cluster_from_snapshot
        wanted = {"DBClusterIdentifier": "scratch", "Engine": "docdb"}
        self.assertRefused(state, restore, SnapshotIdentifier="nightly", **wanted)
        delete = self.docdb.delete_db_cluster_snapshot
        self.assertRefused(state, delete, DBClusterSnapshotIdentifier="nightly")

    def test_automated_snapshots_cannot_be_deleted(self) -> None:
        automated = self.rds.describe_db_cluster_snapshots(SnapshotType="automated")
        name = automated["DBClusterSnapshots"][0]["DBClusterSnapshotIdentifier"]
        delete = self.rds.delete_db_cluster_snapshot
        state = "InvalidDBClusterSnapshotStateFault"
        self.assertRefused(state, delete, DBClusterSnapshotIdentifier=name)

    def test_a_restore_never_overwrites_a_cluster(self) -> None:
        self.snapshot("nightly")
        restore = self.docdb.restore_db_cluster_from_snapshot
        wanted = {"DBClusterIdentifier": "shepherd", "Engine": "docdb"}
        self.assertRefused(
            "DBClusterAlreadyExistsFault", restore, SnapshotIdentifier="nightly", **wanted
        )

    def test_a_restore_leaves_off_what_it_is_told_to(self) -> None:
        self.docdb.modify_db_cluster(DBClusterIdentifier="shepherd", DeletionProtection=True)
        self.snapshot("nightly")
        restored = self.docdb.restore_db_cluster_from_snapshot(
            SnapshotIdentifier="nightly",
            DBClusterIdentifier="scratch",
            Engine="docdb",
            DeletionProtection=False,
        )
        self.assertFalse(restored["DBCluster"]["DeletionProtection"])

    def test_a_cluster_takes_its_automated_snapshots_with_it(self) -> None:
        self.snapshot("nightly")
        self.docdb.delete_db_cluster(DBClusterIdentifier="shepherd", SkipFinalSnapshot=True)
        left = self.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
        self.assertEqual(["nightly"], [s["DBClusterSnapshotIdentifier"] for s in left])

    def test_the_quotas_count_manual_snapshots_alone(self) -> None:
        self.snapshot("nightly")
        quotas = self.rds.describe_account_attributes()["AccountQuotas"]
        found = {q["AccountQuotaName"]: (q["Used"], q["Max"]) for q in quotas}
        self.assertEqual({"ManualSnapshots": (0, 100), "ManualClusterSnapshots": (1, 100)}, found)


if __name__ == "__main__":
    unittest.main()

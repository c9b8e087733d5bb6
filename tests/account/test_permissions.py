"""With --enforce a call to RDS needs all that AWS asks of its caller: each resource, each key.

Source: Service Authorization Reference, Amazon RDS.
"""

import json
import unittest
import urllib.parse

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulated import ACCOUNT, AWAY, HOME
from on_account import OnTheAccount, allow

DENIED = "AccessDenied"
OWNED = [{"Key": "snapkeep:owner", "Value": "snapkeep"}]


def arn(kind: str, name: str, region: str = HOME) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name}"


class PermissionsForDatabases(OnTheAccount):
    enforce = True

    def as_role(self, *statements: dict, service: str = "rds", region: str = HOME):
        return self.account.client_as(self.role(*statements), service, region)

    def test_a_role_without_permissions_may_nothing(self) -> None:
        rds = self.as_role()
        message = self.assertRefused(DENIED, rds.describe_db_clusters)
        self.assertIn(f"rds:DescribeDBClusters on resource: {arn('cluster', '*')}", message)
        who = f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.name}/test"
        what = f"may not rds:DescribeDBClusters on {arn('cluster', '*')} in {HOME}"
        self.assertIn(f"{who} {what}", self.account.refusals())

    def test_a_removed_permission_counts_at_once(self) -> None:
        rds = self.as_role(allow("rds:DescribeDBClusters"))
        rds.describe_db_clusters()
        self.iam.delete_role_policy(RoleName=self.name, PolicyName="own")
        self.assertRefused(DENIED, rds.describe_db_clusters)

    def test_a_list_of_all_is_no_list_of_one(self) -> None:
        self.cluster()
        rds = self.as_role(allow("rds:DescribeDBClusters", arn("cluster", "shepherd")))
        rds.describe_db_clusters(DBClusterIdentifier="shepherd")
        self.assertRefused(DENIED, rds.describe_db_clusters)

    def test_taking_a_snapshot_needs_the_database_and_the_snapshot(self) -> None:
        self.instance()
        self.cluster()
        cases = {
            "create_db_snapshot": ("DBInstance", "db", "orders", "DBSnapshot", "snapshot"),
            "create_db_cluster_snapshot": (
                "DBCluster",
                "cluster",
                "shepherd",
                "DBClusterSnapshot",
                "cluster-snapshot",
            ),
        }
        for operation, (source, kind, name, made, made_kind) in cases.items():
            both = [arn(kind, name), arn(made_kind, "snapkeep-*")]
            action = f"rds:Create{made}"
            wanted = {f"{source}Identifier": name, f"{made}Identifier": "snapkeep-1"}
            for needed in both:
                rds = self.as_role(allow(action, needed))
                self.assertRefused(DENIED, getattr(rds, operation), **wanted)
            rds = self.as_role(allow(action, both))
            self.assertRefused(
                DENIED, getattr(rds, operation), **{**wanted, f"{made}Identifier": "other"}
            )
            getattr(rds, operation)(**wanted)

    def test_tags_need_the_right_to_tag_and_are_condition_keys(self) -> None:
        self.instance()
        wanted = {"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": "nightly"}
        create = allow("rds:CreateDBSnapshot")
        rds = self.as_role(create)
        message = self.assertRefused(DENIED, rds.create_db_snapshot, Tags=OWNED, **wanted)
        self.assertIn("rds:AddTagsToResource", message)
        owned = {"aws:RequestTag/snapkeep:owner": "snapkeep"}
        keys = {"aws:TagKeys": ["snapkeep:owner"]}
        condition = {"StringEquals": owned, "ForAllValues:StringEquals": keys}
        tag = allow("rds:AddTagsToResource", arn("snapshot", "*"), **condition)
        rds = self.as_role(create, tag)
        others = [{"Key": "snapkeep:owner", "Value": "me"}]
        self.assertRefused(DENIED, rds.create_db_snapshot, Tags=others, **wanted)
        more = [*OWNED, {"Key": "verified", "Value": "yes"}]
        self.assertRefused(DENIED, rds.create_db_snapshot, Tags=more, **wanted)
        rds.create_db_snapshot(Tags=OWNED, **wanted)

    def test_deleting_goes_by_the_tags_of_the_snapshot(self) -> None:
        self.instance()
        admin = self.account.client("rds")
        for name, tags in (("ours", OWNED), ("theirs", [])):
            admin.create_db_snapshot(
                DBInstanceIdentifier="orders", DBSnapshotIdentifier=name, Tags=tags
            )
        for key in ("aws:ResourceTag/snapkeep:owner", "rds:snapshot-tag/snapkeep:owner"):
            condition = {"StringEquals": {key: "snapkeep"}}
            rds = self.as_role(allow("rds:DeleteDBSnapshot", **condition))
            self.assertRefused(DENIED, rds.delete_db_snapshot, DBSnapshotIdentifier="theirs")
        rds.delete_db_snapshot(DBSnapshotIdentifier="ours")

    def test_a_boundary_judges_by_tags_too(self) -> None:
        self.instance()
        self.account.client("rds").create_db_snapshot(
            DBInstanceIdentifier="orders", DBSnapshotIdentifier="theirs"
        )
        condition = {"StringEquals": {"aws:ResourceTag/snapkeep:owner": "snapkeep"}}
        document = {"Statement": [allow("rds:DeleteDBSnapshot", **condition)]}
        policy = self.iam.create_policy(
            PolicyName=self.name, PolicyDocument=json.dumps({"Version": "2012-10-17", **document})
        )["Policy"]["Arn"]
        rds = self.as_role(allow("rds:*"))
        self.iam.put_role_permissions_boundary(RoleName=self.name, PermissionsBoundary=policy)
        self.assertRefused(DENIED, rds.delete_db_snapshot, DBSnapshotIdentifier="theirs")
        self.account.client("rds").add_tags_to_resource(
            ResourceName=arn("snapshot", "theirs"), Tags=OWNED
        )
        rds.delete_db_snapshot(DBSnapshotIdentifier="theirs")

    def test_a_copy_needs_its_source_and_its_target_and_the_region(self) -> None:
        self.instance()
        self.account.client("rds").create_db_snapshot(
            DBInstanceIdentifier="orders", DBSnapshotIdentifier="nightly"
        )
        source, target = arn("snapshot", "nightly"), arn("snapshot", "copied", AWAY)
        wanted = {
            "SourceDBSnapshotIdentifier": source,
            "TargetDBSnapshotIdentifier": "copied",
        }
        for resource in (source, target):
            rds = self.as_role(allow("rds:CopyDBSnapshot", resource), region=AWAY)
            self.assertRefused(DENIED, rds.copy_db_snapshot, **wanted)
        for region in (HOME, AWAY):
            there = {"StringEquals": {"aws:RequestedRegion": region}}
            rds = self.as_role(allow("rds:CopyDBSnapshot", [source, target], **there), region=AWAY)
            if region == HOME:
                self.assertRefused(DENIED, rds.copy_db_snapshot, **wanted)
        rds.copy_db_snapshot(**wanted)

    def test_a_restore_needs_the_groups_that_it_uses_unasked(self) -> None:
        self.cluster()
        self.account.client("docdb").create_db_cluster_snapshot(
            DBClusterIdentifier="shepherd", DBClusterSnapshotIdentifier="nightly"
        )
        wanted = {
            "DBClusterIdentifier": "scratch-1",
            "SnapshotIdentifier": "nightly",
            "Engine": "docdb",
        }
        needed = [
            arn("cluster", "scratch-*"),
            arn("cluster-snapshot", "*"),
            arn("subgrp", "default"),
            arn("cluster-pg", "default.docdb5.0"),
            arn("og", "default:docdb-5-0"),
        ]
        for missing in needed:
            rest = [resource for resource in needed if resource != missing]
            rds = self.as_role(allow("rds:RestoreDBClusterFromSnapshot", rest))
            message = self.assertRefused(DENIED, rds.restore_db_cluster_from_snapshot, **wanted)
            self.assertIn(missing.split("*")[0], message)
        rds = self.as_role(allow("rds:RestoreDBClusterFromSnapshot", needed))
        rds.restore_db_cluster_from_snapshot(**wanted)

    def test_nobody_makes_a_public_database_who_may_not(self) -> None:
        self.instance()
        self.account.client("rds").create_db_snapshot(
            DBInstanceIdentifier="orders", DBSnapshotIdentifier="nightly"
        )
        private = {"Bool": {"rds:PubliclyAccessible": "false"}}
        actions = ["rds:RestoreDBInstanceFromDBSnapshot", "rds:CreateDBInstance"]
        rds = self.as_role(allow(actions, **private))
        wanted = {"DBInstanceIdentifier": "scratch", "DBSnapshotIdentifier": "nightly"}
        restore = rds.restore_db_instance_from_db_snapshot
        self.assertRefused(DENIED, restore, PubliclyAccessible=True, **wanted)
        self.assertRefused(DENIED, restore, **wanted)
        restore(PubliclyAccessible=False, **wanted)

    def test_a_cluster_goes_without_a_final_snapshot_only_by_its_own_right(self) -> None:
        self.cluster("scratch")
        rds = self.as_role(allow("rds:DeleteDBCluster", arn("cluster", "scratch")))
        self.assertRefused(
            DENIED,
            rds.delete_db_cluster,
            DBClusterIdentifier="scratch",
            FinalDBSnapshotIdentifier="last",
        )
        rds.delete_db_cluster(DBClusterIdentifier="scratch", SkipFinalSnapshot=True)

    def test_a_role_signs_for_a_copy_what_the_source_region_may_refuse(self) -> None:
        self.cluster(StorageEncrypted=True)
        self.account.client("docdb").create_db_cluster_snapshot(
            DBClusterIdentifier="shepherd", DBClusterSnapshotIdentifier="nightly"
        )
        key = self.account.client("kms", AWAY).create_key()["KeyMetadata"]["Arn"]
        wanted = {
            "SourceDBClusterSnapshotIdentifier": arn("cluster-snapshot", "nightly"),
            "TargetDBClusterSnapshotIdentifier": "copied",
            "KmsKeyId": key,
        }
        copy = allow("rds:CopyDBClusterSnapshot")
        docdb = self.as_role(copy, service="docdb", region=AWAY)
        url = self.presigned(docdb, wanted)
        here = {"StringEquals": {"aws:RequestedRegion": HOME}}
        self.role(copy, {**allow("rds:*", **here), "Effect": "Deny"})
        self.assertRefused(
            "InvalidParameterValue", docdb.copy_db_cluster_snapshot, PreSignedUrl=url, **wanted
        )
        self.role(copy)
        wrong = url.replace("X-Amz-Signature=", "X-Amz-Signature=0")
        self.assertRefused(
            "InvalidParameterValue", docdb.copy_db_cluster_snapshot, PreSignedUrl=wrong, **wanted
        )
        docdb.copy_db_cluster_snapshot(PreSignedUrl=url, **wanted)

    def presigned(self, client, wanted: dict) -> str:
        form = {
            "Action": "CopyDBClusterSnapshot",
            "Version": "2014-10-31",
            "DestinationRegion": AWAY,
            **wanted,
        }
        url = f"https://rds.{HOME}.amazonaws.com/?{urllib.parse.urlencode(form)}"
        request = AWSRequest("GET", url)
        keys = client._request_signer._credentials
        signer = Credentials(keys.access_key, keys.secret_key, keys.token)
        SigV4QueryAuth(signer, "rds", HOME, expires=3600).add_auth(request)
        return request.url


if __name__ == "__main__":
    unittest.main()

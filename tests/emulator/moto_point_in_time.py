"""Restores to a point in time. Moto makes them at any time, over what exists, and with protection.

Source: RestoreDBInstanceToPointInTime, RestoreDBClusterToPointInTime, DBCluster (CloneGroupId,
EarliestRestorableTime, LatestRestorableTime), RDS API reference.
"""

import datetime
import uuid

from moto.rds import models
from moto.rds.exceptions import RDSClientError

import moto_controls as controls

# "Typically, the latest restorable time is within the last 5 minutes."
BEHIND = datetime.timedelta(minutes=5)


def install() -> None:
    """Applies every patch of this module. Once per process."""
    say_when_it_can_be_restored_to()
    restore_within_that_time()


def say_when_it_can_be_restored_to() -> None:
    """From the oldest backup that is kept until a few minutes ago."""
    models.DBCluster.earliest_restorable_time = property(earliest, lambda cluster, time: None)
    models.DBCluster.latest_restorable_time = property(latest)
    models.DBInstance.latest_restorable_time = property(latest)


def earliest(database) -> datetime.datetime:
    kept = datetime.timedelta(days=database.backup_retention_period)
    return max(database.created, controls.naive_now() - kept)


def latest(database) -> datetime.datetime | None:
    """None while there are no backups."""
    if not database.backup_retention_period:
        return None
    return max(database.created, controls.naive_now() - BEHIND)


def restore_within_that_time() -> None:
    backend = models.RDSBackend
    restore_cluster = backend.restore_db_cluster_to_point_in_time
    restore_instance = backend.restore_db_instance_to_point_in_time

    def restore_db_cluster_to_point_in_time(
        self, db_cluster_identifier, source_db_cluster_identifier, **wanted
    ):
        if db_cluster_identifier in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        source = self.describe_db_clusters(db_cluster_identifier=source_db_cluster_identifier)[0]
        check_time(source, wanted.get("restore_to_time"), wanted)
        wanted["deletion_protection"] = wanted.get("deletion_protection") or False
        restored = restore_cluster(
            self, db_cluster_identifier, source_db_cluster_identifier, **wanted
        )
        if wanted.get("restore_type") == "copy-on-write":
            source.clone_group_id = getattr(source, "clone_group_id", str(uuid.uuid4()))
            restored.clone_group_id = source.clone_group_id
        return restored

    def restore_db_instance_to_point_in_time(self, source_id, target_id, wanted):
        source = self.describe_db_instances(source_id)[0]
        check_time(source, wanted.get("restore_time"), wanted)
        restored = restore_instance(self, source_id, target_id, wanted)
        restored.deletion_protection = wanted.get("deletion_protection") or False
        if wanted.get("publicly_accessible") is False:
            restored.publicly_accessible = False
        return restored

    backend.restore_db_cluster_to_point_in_time = restore_db_cluster_to_point_in_time
    backend.restore_db_instance_to_point_in_time = restore_db_instance_to_point_in_time


def check_time(source, at: datetime.datetime | None, wanted: dict) -> None:
    """Exactly one of the two ways to say when, and a time for which there are backups."""
    if bool(at) == bool(wanted.get("use_latest_restorable_time")):
        text = "Either an instant or UseLatestRestorableTime must be specified, and not both"
        raise RDSClientError("InvalidParameterCombination", text)
    until = latest(source)
    if until is None:
        raise RDSClientError("PointInTimeRestoreNotEnabled", "There are no automated backups.")
    if at and not earliest(source) <= _naive(at) <= until:
        text = f"{at} is not between {earliest(source)} and {until}"
        raise RDSClientError("InvalidRestoreFault", text)


def _naive(time: datetime.datetime) -> datetime.datetime:
    """As Moto keeps times: in UTC, without saying so."""
    return time.astimezone(controls.UTC).replace(tzinfo=None) if time.tzinfo else time

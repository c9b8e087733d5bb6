"""What Moto's RDS lacks for the functions to run on it, added while it runs.

Only gaps are filled, never taste: where Moto decides something in another way than AWS and the
functions can live with it, it stays as it is, and `differences.json` says so.
"""

import random
import string

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.rds import models, responses, utils
from moto.rds.exceptions import RDSClientError

import moto_controls as controls
import moto_databases
import moto_point_in_time
import moto_versions
import presigned

DOCDB = "docdb"
DOCDB_DEFAULTS = {
    "default_engine_version": "5.0.0",
    "default_port": 27017,
    "default_allocated_storage": 1,
}


def install() -> None:
    """Applies every patch of this module. Once per process."""
    models.utcnow = controls.naive_now
    add_documentdb()
    moto_versions.install()
    give_every_resource_its_id()
    let_things_take_their_time()
    page_every_list()
    report_quotas()
    copy_as_aws_does()
    restore_as_aws_does()
    delete_as_aws_does()
    moto_point_in_time.install()
    moto_databases.install()


def add_documentdb() -> None:
    """Moto knows every cluster engine but DocumentDB, whose API is the same."""
    engines = sorted({*utils.ClusterEngine.list_cluster_engines(), DOCDB})
    utils.ClusterEngine.list_cluster_engines = staticmethod(lambda: engines)
    instance_engines = sorted({*utils.DbInstanceEngine.valid_db_instance_engine(), DOCDB})
    utils.DbInstanceEngine.valid_db_instance_engine = staticmethod(lambda: instance_engines)
    models.DBInstance.default_engine_versions[DOCDB] = DOCDB_DEFAULTS["default_engine_version"]
    for model in (models.DBCluster, models.DBInstance):
        for name in DOCDB_DEFAULTS.keys() & vars(model).keys():
            setattr(model, name, staticmethod(_docdb_or(name, getattr(model, name))))


def _docdb_or(name: str, moto_default):
    def default(engine, *args, **kwargs):
        return DOCDB_DEFAULTS[name] if engine == DOCDB else moto_default(engine, *args, **kwargs)

    return default


def give_every_resource_its_id() -> None:
    """Moto gives all instances one resource id and cluster snapshots none. AWS's are unique, and
    they tell a database from another that was made later under its name."""
    create_instance = models.DBInstance.__init__

    def instance_init(self, *args, **kwargs):
        create_instance(self, *args, **kwargs)
        letters = string.ascii_uppercase + string.digits
        self.dbi_resource_id = "db-" + "".join(random.choice(letters) for _ in range(26))

    models.DBInstance.__init__ = instance_init
    models.DBClusterSnapshot.db_cluster_resource_id = property(
        lambda snapshot: snapshot.cluster.db_cluster_resource_id
    )


def let_things_take_their_time() -> None:
    """Everything is ready at once in Moto. Here it goes through the lifecycle that is set for the
    operation which made it; statuses that Moto itself sets later (stopped, deleting) are kept."""

    def status(self) -> str:
        return self._status_now or self._lifecycle.status()

    def set_status(self, value: str) -> None:
        if "_lifecycle" not in vars(self):
            self._lifecycle = controls.Lifecycle()
        self._status_now = None if value in ("creating", "available") else value

    for model in (models.DBSnapshot, models.DBClusterSnapshot, models.DBInstance, models.DBCluster):
        model.status = property(status, set_status)
    models.DBCluster._status = models.DBCluster.status
    for model in (models.DBSnapshot, models.DBClusterSnapshot):
        model.percent_progress = property(_progress, lambda snapshot, value: None)


def _progress(snapshot) -> int:
    return 100 if snapshot.status == "available" else 0


def page_every_list() -> None:
    """Moto pages some lists; AWS pages all of them, by 20 to 100 a page.
    Source: RDS API reference, MaxRecords of the Describe operations."""
    lists = ("DBInstances", "DBClusters", "DBSnapshots", "DBClusterSnapshots", "DBEngineVersions")
    for key in lists:
        operation = camelcase_to_underscores(f"Describe{key}")
        describe = getattr(responses.RDSResponse, operation)
        setattr(responses.RDSResponse, operation, _paged(describe, key))


def _paged(describe, key: str):
    def page(self):
        size = int(self.params.get("MaxRecords") or 100)
        if not 20 <= size <= 100:
            text = f"Invalid value {size} for MaxRecords. Must be between 20 and 100"
            raise RDSClientError("InvalidParameterValue", text)
        start = int(self.params.get("Marker") or 0)
        found = describe(self).result[key]
        end = start + size
        marker = str(end) if end < len(found) else None
        return ActionResult({key: found[start:end], "Marker": marker})

    return page


def report_quotas() -> None:
    """DescribeAccountAttributes, of which Moto has nothing: the two snapshot quotas."""

    def describe_account_attributes(self):
        limit = self.backend.SNAPSHOT_QUOTA
        kinds = {
            "ManualSnapshots": self.backend.database_snapshots,
            "ManualClusterSnapshots": self.backend.cluster_snapshots,
        }
        quotas = []
        for name, snapshots in kinds.items():
            used = sum(s.snapshot_type == "manual" for s in snapshots.values())
            quotas.append({"AccountQuotaName": name, "Used": used, "Max": limit})
        return ActionResult({"AccountQuotas": quotas})

    responses.RDSResponse.describe_account_attributes = describe_account_attributes


def copy_as_aws_does() -> None:
    """Moto copies anything. AWS wants a finished source, a key of the destination for an encrypted
    snapshot that leaves its region, and for DocumentDB a presigned URL; and it says afterwards what
    a copy was made from.
    Source: CopyDBSnapshot and CopyDBClusterSnapshot, RDS and DocumentDB API references."""
    backend = models.RDSBackend
    copy_cluster_snapshot = backend.copy_db_cluster_snapshot
    copy_snapshot = backend.copy_db_snapshot

    def copy_db_cluster_snapshot(self, **params):
        source = self.get_db_cluster_snapshot(params["source_db_cluster_snapshot_identifier"])
        _check_copy(self, source, params, "InvalidDBClusterSnapshotStateFault")
        copied = copy_cluster_snapshot(self, **params)
        copied.source_db_cluster_snapshot_arn = source.arn
        return copied

    def copy_db_snapshot(self, **params):
        source = self.get_db_snapshot(params["source_db_snapshot_identifier"])
        _check_copy(self, source, params, "InvalidDBSnapshotState")
        copied = copy_snapshot(self, **params)
        copied.source_db_snapshot_identifier = source.arn
        copied.source_region = source.region
        return copied

    backend.copy_db_cluster_snapshot = copy_db_cluster_snapshot
    backend.copy_db_snapshot = copy_db_snapshot


def _check_copy(backend, source, params: dict, state_error: str) -> None:
    if source.status != "available":
        raise RDSClientError(state_error, f"Snapshot {source.arn} is {source.status}")
    leaves = source.region != backend.region_name
    if leaves and source.encrypted and not params.get("kms_key_id"):
        text = "KmsKeyId is required to copy an encrypted snapshot from another Region"
        raise RDSClientError("KMSKeyNotAccessibleFault", text)
    url = params.get("pre_signed_url")
    if leaves and source.engine == DOCDB and not url:
        text = "PreSignedUrl is required to copy a cluster snapshot from another Region"
        raise RDSClientError("InvalidParameterValue", text)
    if url and (fault := presigned.fault(url, controls.operation.get(), source, backend, params)):
        raise RDSClientError("InvalidParameterValue", f"PreSignedUrl: {fault}")


def restore_as_aws_does() -> None:
    """Moto restores over an existing cluster and into any engine; AWS refuses both. And what a
    request says is off, AWS leaves off, whatever the original had.
    Source: RestoreDBClusterFromSnapshot, RestoreDBInstanceFromDBSnapshot, RDS API reference."""
    backend = models.RDSBackend
    restore = backend.restore_db_cluster_from_snapshot
    restore_instance = backend.restore_db_instance_from_db_snapshot

    def restore_db_cluster_from_snapshot(self, from_snapshot_id, overrides):
        if overrides["db_cluster_identifier"] in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        snapshot = self.get_db_cluster_snapshot(from_snapshot_id)
        _check_restore(snapshot, "InvalidDBClusterSnapshotStateFault")
        if overrides.get("engine") != snapshot.engine:
            text = f"The snapshot is of engine {snapshot.engine}, not {overrides.get('engine')}"
            raise RDSClientError("InvalidParameterCombination", text)
        restored = restore(self, snapshot.db_cluster_snapshot_identifier, overrides)
        return _with_what_is_off(restored, overrides)

    def restore_db_instance_from_db_snapshot(self, from_snapshot_id, overrides):
        _check_restore(self.get_db_snapshot(from_snapshot_id), "InvalidDBSnapshotState")
        return _with_what_is_off(restore_instance(self, from_snapshot_id, overrides), overrides)

    backend.restore_db_cluster_from_snapshot = restore_db_cluster_from_snapshot
    backend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot


def _check_restore(snapshot, state_error: str) -> None:
    if snapshot.status != "available":
        raise RDSClientError(state_error, f"Snapshot {snapshot.arn} is {snapshot.status}")


def _with_what_is_off(restored, overrides):
    for flag in ("deletion_protection", "publicly_accessible"):
        if overrides.get(flag) is False:
            setattr(restored, flag, False)
    return restored


def delete_as_aws_does() -> None:
    """Moto deletes automated snapshots and unfinished ones. AWS wants a manual snapshot that is
    available, or a copy under way (which that cancels). And a cluster that is deleted takes its
    automated snapshots with it.
    Source: DeleteDBSnapshot, DeleteDBClusterSnapshot, DeleteDBCluster, RDS API reference."""
    backend = models.RDSBackend
    delete_cluster = backend.delete_db_cluster

    def delete_db_cluster(self, **params):
        deleted = delete_cluster(self, **params)
        for name, snapshot in list(self.cluster_snapshots.items()):
            of_it = snapshot.db_cluster_resource_id == deleted.db_cluster_resource_id
            if of_it and snapshot.snapshot_type == "automated":
                del self.cluster_snapshots[name]
        return deleted

    backend.delete_db_cluster = delete_db_cluster
    for operation, kept_in, code in (
        ("delete_db_snapshot", "database_snapshots", "InvalidDBSnapshotState"),
        ("delete_db_cluster_snapshot", "cluster_snapshots", "InvalidDBClusterSnapshotStateFault"),
    ):
        setattr(backend, operation, _guarded(getattr(backend, operation), kept_in, code))


def _guarded(delete, kept_in: str, code: str):
    def guarded(self, db_snapshot_identifier):
        snapshot = getattr(self, kept_in).get(db_snapshot_identifier)
        # Deleting a database removes its automated snapshots by this same way.
        asked_for = controls.operation.get() in ("DeleteDBSnapshot", "DeleteDBClusterSnapshot")
        if snapshot and asked_for:
            if snapshot.snapshot_type != "manual":
                raise RDSClientError(code, "Only manual snapshots may be deleted.")
            if snapshot.status == "creating":
                raise RDSClientError(code, f"Snapshot {snapshot.arn} is creating.")
        return delete(self, db_snapshot_identifier)

    return guarded

"""Which engine versions AWS has on offer: Moto has no DescribeDBEngineVersions and restores any.

    offered::postgres  {"versions": ["15.4", "14.9"]}

Unset, what anything in the account runs on is on offer.
Source: DescribeDBEngineVersions and RestoreDBClusterFromSnapshot, RDS API reference.
"""

from moto.core.responses import ActionResult
from moto.rds import models, responses, utils
from moto.rds.exceptions import RDSClientError

import moto_controls as controls


def install() -> None:
    """Applies every patch of this module. Once per process."""
    responses.RDSResponse.describe_db_engine_versions = describe_db_engine_versions
    for name in ("create_db_cluster", "create_db_instance"):
        setattr(models.RDSBackend, name, _refusing(getattr(models.RDSBackend, name)))


def describe_db_engine_versions(self):
    engine, version = self.params.get("Engine"), self.params.get("EngineVersion")
    engines = {*utils.ClusterEngine.list_cluster_engines()}
    engines |= {*utils.DbInstanceEngine.valid_db_instance_engine()}
    found = [
        {"Engine": name, "EngineVersion": offer, "Status": "available"}
        for name in sorted(engines if engine is None else engines & {engine})
        for offer in offered(self.backend, name)
        if version in (None, offer)
    ]
    return ActionResult({"DBEngineVersions": found})


def offered(backend: models.RDSBackend, engine: str) -> list[str]:
    """The versions of one engine that can be restored now."""
    settings = controls.control(f"offered::{engine}")
    if settings:
        return settings["versions"]
    regions = models.rds_backends[backend.account_id].values()
    things = (
        thing
        for region in regions
        for kept in (
            *(region.clusters, region.databases),
            *(region.cluster_snapshots, region.database_snapshots),
        )
        for thing in kept.values()
    )
    return sorted({thing.engine_version for thing in things if thing.engine == engine})


def _refusing(create):
    """Every restore ends in one of the two creates, with all that it takes from its source."""

    def checked(self, properties):
        if controls.operation.get().startswith("Restore"):
            engine, version = properties["engine"], properties["engine_version"]
            if version not in offered(self, engine):
                text = f"Cannot find version {version} for {engine}"
                raise RDSClientError("InvalidParameterCombination", text)
        return create(self, properties)

    return checked

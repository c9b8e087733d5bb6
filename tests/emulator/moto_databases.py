"""Restored databases that somebody can connect to: real servers in the place of Moto's pictures.

    database::postgres  {"host": "localhost", "port": 40123, "names": "snapkeep-scratch-",
                         "set_password": ["python", "administer.py", …]}
        Databases of this engine that were restored, and the instances of clusters that were, are
        found there if their identifier begins so. A new master password is given to the command on
        its standard input when the database has taken it.
    lifecycle::ModifyDBInstance, lifecycle::ModifyDBCluster  {"seconds": 60}
        How long a database is `resetting-master-credentials` after a new password. Default: 0.
"""

import subprocess
import threading

from moto.rds import models
from moto.rds.exceptions import DBClusterNotFoundError, RDSClientError

import moto_controls as controls

RESETTING = "resetting-master-credentials"
COMMAND_SECONDS_MAX = 60

# The longest password, by engine; 41 for the others and for every Aurora cluster.
# Source: ModifyDBInstance, ModifyDBCluster, MasterUserPassword, RDS and DocumentDB API references.
PASSWORD_LENGTHS_MAX = {"postgres": 128, "docdb": 100}
PASSWORD_LENGTH_MIN = 8
NOT_IN_PASSWORDS = set("/@\" ")

# Two requests may see the end of the same reset.
ONE_AT_A_TIME = threading.Lock()


def install() -> None:
    """Applies every patch of this module. Once per process."""
    remember_what_was_restored()
    show_where_it_is()
    set_passwords()


def remember_what_was_restored() -> None:
    """Every restore ends in one of the two creates."""

    def remembering(create):
        def created(self, properties):
            made = create(self, properties)
            made.is_restored = controls.operation.get().startswith("Restore")
            return made

        return created

    backend = models.RDSBackend
    for name in ("create_db_cluster", "create_db_instance"):
        setattr(backend, name, remembering(getattr(backend, name)))


def show_where_it_is() -> None:
    """The endpoints of restored databases. An instance has none while it is being made.
    Source: DBInstance, Endpoint, RDS API reference."""
    instance, cluster = models.DBInstance, models.DBCluster
    of_instance, of_cluster = instance.endpoint.fget, cluster.endpoint.fget

    def instance_endpoint(self):
        if self.status == "creating":
            return None
        server = _server(self, self.db_instance_identifier)
        place = {"Address": server["host"], "Port": server["port"]} if server else {}
        return of_instance(self) | place

    def cluster_endpoint(self):
        server = _server(self, self.db_cluster_identifier)
        return server["host"] if server else of_cluster(self)

    def cluster_port(self):
        server = _server(self, self.db_cluster_identifier)
        return server["port"] if server else vars(self)["port"]

    instance.endpoint, cluster.endpoint = property(instance_endpoint), property(cluster_endpoint)
    cluster.port = property(cluster_port, lambda self, port: vars(self).update(port=port))


def _server(database, identifier: str) -> dict:
    """Where a database is served; empty if it is served by nobody."""
    settings = controls.control(f"database::{database.engine}")
    whole = getattr(database, "cluster", database)
    is_restored = getattr(whole, "is_restored", False)
    return settings if is_restored and identifier.startswith(settings.get("names", "")) else {}


class Reset:
    """A new master password on its way into a database."""

    def __init__(self, database, identifier: str, password: str) -> None:
        self.lifecycle = controls.Lifecycle()
        self.server, self.password = _server(database, identifier), password
        self.done = False

    def is_under_way(self) -> bool:
        """Whether it takes longer. Who sees that it doesn't finds the password in force."""
        if self.lifecycle.status() != self.lifecycle.last:
            return True
        with ONE_AT_A_TIME:
            if not self.done and self.server:
                command, seconds = self.server["set_password"], COMMAND_SECONDS_MAX
                subprocess.run(command, input=self.password.encode(), check=True, timeout=seconds)
            self.done = True
        return False


def set_passwords() -> None:
    """Moto keeps a new password to itself. AWS judges it, takes its time, and then it is in force.
    Source: ModifyDBInstance, ModifyDBCluster, RDS API reference."""
    for model in (models.DBInstance, models.DBCluster):
        model.status = property(_with_reset(model.status.fget), model.status.fset)
    models.DBCluster._status = models.DBCluster.status
    backend = models.RDSBackend
    modify_instance, modify_cluster = backend.modify_db_instance, backend.modify_db_cluster

    def modify_db_instance(self, identifier, properties):
        if password := properties.get("master_user_password"):
            instance = self.describe_db_instances(identifier)[0]
            if instance.db_cluster_identifier:
                text = "The password of a cluster's instances is the cluster's: ModifyDBCluster."
                raise RDSClientError("InvalidParameterCombination", text)
            _begin_reset(instance, identifier, password, "InvalidDBInstanceState")
        return modify_instance(self, identifier, properties)

    def modify_db_cluster(self, properties):
        identifier = properties["db_cluster_identifier"]
        if identifier not in self.clusters:
            raise DBClusterNotFoundError(identifier)
        if password := properties.get("master_user_password"):
            cluster = self.clusters[identifier]
            _begin_reset(cluster, identifier, password, "InvalidDBClusterStateFault")
        return modify_cluster(self, properties)

    backend.modify_db_instance = modify_db_instance
    backend.modify_db_cluster = modify_db_cluster


def _with_reset(moto_status):
    def status(self) -> str:
        reset = vars(self).get("reset")
        return RESETTING if reset and reset.is_under_way() else moto_status(self)

    return status


def _begin_reset(database, identifier: str, password: str, state_error: str) -> None:
    if database.status != "available":
        raise RDSClientError(state_error, f"{identifier} is {database.status}, not available.")
    if fault := password_fault(database.engine, password):
        text = f"The parameter MasterUserPassword is not a valid password{fault}"
        raise RDSClientError("InvalidParameterValue", text)
    database.reset = Reset(database, identifier, password)


def password_fault(engine: str, password: str) -> str:
    """What AWS has against a password; empty if nothing."""
    most = PASSWORD_LENGTHS_MAX.get(engine, 41)
    if len(password) < PASSWORD_LENGTH_MIN:
        return f" because it is shorter than {PASSWORD_LENGTH_MIN} characters."
    if len(password) > most:
        return f" because it is longer than {most} characters."
    if any(not "!" <= letter <= "~" or letter in NOT_IN_PASSWORDS for letter in password):
        return ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
    return ""

"""A new master password reaches the server that stands for a restored database, if AWS takes it.

Run with python -m unittest. Source: ModifyDBInstance, ModifyDBCluster, RDS API reference.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from restored import PASSWORD, SCRATCH, RestoredDatabases

SERVERS = pathlib.Path(__file__).parent.parent / "servers"


class TheirPasswords(RestoredDatabases):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.told = pathlib.Path(folder.name) / "password"
        keep = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"
        for engine in ("postgres", "aurora-postgresql"):
            self.served_at(40123, engine, sys.executable, "-c", keep, str(self.told))

    def set_of_instance(self, password: str) -> None:
        name = f"{SCRATCH}apm"
        self.rds.modify_db_instance(DBInstanceIdentifier=name, MasterUserPassword=password)

    def set_of_cluster(self, password: str) -> None:
        name = f"{SCRATCH}orders"
        self.rds.modify_db_cluster(DBClusterIdentifier=name, MasterUserPassword=password)

    def test_the_server_gets_exactly_the_new_password(self) -> None:
        self.restore_instance()
        self.restore_cluster()
        for set_password, database in (
            (self.set_of_instance, self.instance),
            (self.set_of_cluster, self.cluster),
        ):
            set_password("it's_$(new)\\n!")
            database()
            self.assertEqual("it's_$(new)\\n!", self.told.read_text())
            self.told.unlink()

    def test_it_is_in_force_when_the_reset_is_over(self) -> None:
        self.emulator.set("lifecycle::ModifyDBInstance", seconds=60)
        self.emulator.set("lifecycle::ModifyDBCluster", seconds=60)
        self.restore_instance()
        self.restore_cluster()
        self.set_of_instance("of-the-instance")
        self.set_of_cluster("of-the-cluster")

        def statuses() -> list[str]:
            return [self.instance()["DBInstanceStatus"], self.cluster()["Status"]]

        self.assertEqual(["resetting-master-credentials"] * 2, statuses())
        self.assertFalse(self.told.exists())
        self.emulator.set("clock", now="2026-03-02T00:01:00Z")
        self.assertEqual(["available"] * 2, statuses())
        self.assertEqual("of-the-cluster", self.told.read_text(), "the one that was asked last")

    def test_the_fleet_keeps_its_passwords_to_itself(self) -> None:
        self.rds.modify_db_instance(DBInstanceIdentifier="apm", MasterUserPassword="another-one")
        self.assertEqual("available", self.instance("apm")["DBInstanceStatus"])
        self.assertFalse(self.told.exists())

    def test_a_password_that_aws_would_not_take_is_refused(self) -> None:
        self.restore_instance()
        self.restore_cluster()
        for text in ("short", "a" * 129, "a space", "a/slash!", "at@there", 'a"quote', "ümlauts!"):
            self.assertRefused("InvalidParameterValue", self.set_of_instance, password=text)
        self.assertRefused("InvalidParameterValue", self.set_of_cluster, password="a" * 42)
        self.set_of_instance("a" * 128)
        self.set_of_cluster("a" * 41)

    def test_only_an_available_database_takes_one(self) -> None:
        self.emulator.set("lifecycle::RestoreDBInstanceFromDBSnapshot", seconds=600)
        self.restore_instance()
        state = "InvalidDBInstanceState"
        self.assertRefused(state, self.set_of_instance, password=PASSWORD)

    def test_a_clusters_password_is_not_its_instances(self) -> None:
        self.restore_cluster()
        name = f"{SCRATCH}apm"
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBClusterIdentifier=f"{SCRATCH}orders",
            DBInstanceClass="db.t4g.medium",
            Engine="aurora-postgresql",
        )
        code = "InvalidParameterCombination"
        self.assertRefused(code, self.set_of_instance, password=PASSWORD)

    def test_a_real_server_lets_in_who_has_the_new_password_and_nobody_else(self) -> None:
        server = subprocess.Popen(
            [sys.executable, SERVERS / "server.py", "postgres"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.communicate)
        told = json.loads(server.stdout.readline())
        command = [sys.executable, SERVERS / "administer.py", told["folder"], "set-password"]
        self.served_at(told["port"], "postgres", *map(str, command))
        self.restore_instance()
        self.set_of_instance(PASSWORD)
        found = self.instance()
        visit = [sys.executable, SERVERS / "visit.py", "postgres", "--ca", told["ca"]]
        visit += ["--port", str(found["Endpoint"]["Port"]), "--user", found["MasterUsername"]]
        for password, counted in ((PASSWORD, "5000\n"), (told["password"], "")):
            seen = subprocess.run(visit, input=password, capture_output=True, text=True)
            self.assertEqual(counted, seen.stdout)


if __name__ == "__main__":
    unittest.main()

"""PostgreSQL as Debian builds it."""

import signal
from pathlib import Path

import processes

HERE = Path(__file__).parent
LOAD = HERE / "postgres.sql"
SUPERUSER = "postgres"

# Over TCP with TLS and password only; the administrator comes through the socket in the folder.
HBA = f"local all {SUPERUSER} trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
    "max_connections": "50",
    "shared_buffers": "32MB",
    # Nothing has to survive.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


def tools() -> Path:
    """Where the newest version's programs are: Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if not found:
        raise processes.Failed("PostgreSQL is not installed")
    return found[-1].parent


def _version(program: Path) -> int:
    return int(program.parts[-3])


class Server:
    """One cluster of databases in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None

    def prepare(self) -> None:
        """Lays out the sample data."""
        version = processes.run([tools() / "postgres", "--version"], self.folder)
        ingredients = [version, LOAD.read_text(), Path(__file__).read_text()]
        processes.prepared("postgres", ingredients, _initialise, self.folder / "data")

    def start(self) -> int:
        """Serves, on the port that is returned."""
        port = processes.with_a_port(self._start)
        (self.folder / "port").write_text(str(port))
        return port

    def _start(self, port: int) -> None:
        tls = {
            "ssl": "on",
            "ssl_cert_file": self.folder / "server.pem",
            "ssl_key_file": self.folder / "server.key",
            "hba_file": self.folder / "data" / "pg_hba.conf",
        }
        self._serve(port, SETTINGS | tls)

    def _serve(self, port: int, settings: dict) -> None:
        places = {"port": port, "unix_socket_directories": self.folder}
        words = [w for k, v in (settings | places).items() for w in ("-c", f"{k}={v}")]
        command = [tools() / "postgres", "-D", self.folder / "data", *words]
        self.process = processes.Process(command, self.folder, signal.SIGQUIT)
        self.process.until(lambda: self._psql(port, "postgres", "SELECT 1"))

    def execute(self, script: str) -> str:
        """As superuser, in the database `shop`."""
        return self._psql((self.folder / "port").read_text(), "shop", script)

    def set_password(self, user: str, password: str) -> None:
        quoted = password.replace("'", "''")
        self.execute(f"ALTER ROLE {user} PASSWORD '{quoted}'")

    def _psql(self, port: object, database: str, script: str) -> str:
        quiet = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        where = ["-h", self.folder, "-p", str(port), "-U", SUPERUSER, "-d", database]
        return processes.run([tools() / "psql", *quiet, *where, "-f", "-"], self.folder, script)

    def end(self) -> None:
        if self.process:
            self.process.end()


def _initialise(folder: Path) -> None:
    """A new cluster with the sample data, shut down in an orderly way."""
    data = folder / "data"
    options = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    # A segment of the usual size would be a third of what is copied for each server.
    options += ["--wal-segsize", "1"]
    initdb = [tools() / "initdb", "-D", data, *options]
    processes.run(initdb, folder, as_whom=processes.unprivileged())
    server = Server(folder)
    (data / "pg_hba.conf").write_text(HBA)

    def load(port: int) -> None:
        server._serve(port, SETTINGS | {"listen_addresses": ""})
        server._psql(port, "postgres", LOAD.read_text())
        server.process.end(signal.SIGINT)

    processes.with_a_port(load)

"""MariaDB as Debian builds it; the nearest to RDS's MySQL that can be installed."""

import shutil
import signal
from pathlib import Path

import processes

HERE = Path(__file__).parent
LOAD = HERE / "mariadb.sql"

SETTINGS = {
    "bind-address": "127.0.0.1",
    "default-time-zone": "+00:00",
    # The administrator comes through the socket in the folder, and nobody is `localhost` over TCP.
    "skip-name-resolve": "ON",
    "max-connections": "50",
    # Nothing has to survive, and what is copied for each server should be small.
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-doublewrite": "OFF",
    "innodb-log-file-size": "8M",
    "innodb-buffer-pool-size": "32M",
    "performance-schema": "OFF",
}


class Server:
    """One server's data in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None

    def prepare(self) -> None:
        """Lays out the sample data."""
        version = processes.run([tool("mariadbd"), "--version"], self.folder)
        ingredients = [version, LOAD.read_text(), Path(__file__).read_text()]
        processes.prepared("mariadb", ingredients, _initialise, self.folder / "data")

    def start(self) -> int:
        """Serves, on the port that is returned."""
        return processes.with_a_port(self._start)

    def _start(self, port: int) -> None:
        tls = {
            "port": str(port),
            "require-secure-transport": "ON",
            "ssl-cert": self.folder / "server.pem",
            "ssl-key": self.folder / "server.key",
        }
        self._serve(SETTINGS | tls)

    def _serve(self, settings: dict) -> None:
        places = {"datadir": self.folder / "data", "socket": self._socket()}
        words = [f"--{name}={value}" for name, value in (settings | places).items()]
        command = [tool("mariadbd"), "--no-defaults", *words]
        self.process = processes.Process(command, self.folder, signal.SIGKILL)
        self.process.until(lambda: self._mariadb("SELECT 1"))

    def execute(self, script: str) -> str:
        """As root, in the database `shop`."""
        return self._mariadb(script, "shop")

    def set_password(self, user: str, password: str) -> None:
        quoted = password.replace("\\", "\\\\").replace("'", "''")
        self.execute(f"ALTER USER {user}@'%' IDENTIFIED BY '{quoted}' ACCOUNT UNLOCK")

    def _mariadb(self, script: str, *database: str) -> str:
        quiet = ["--no-defaults", "--batch", "--skip-column-names"]
        where = ["--socket", self._socket(), "--user", "root", *database]
        return processes.run([tool("mariadb"), *quiet, *where], self.folder, script)

    def _socket(self) -> Path:
        return self.folder / "socket"

    def end(self) -> None:
        if self.process:
            self.process.end()


def tool(name: str) -> str:
    """Debian keeps servers where only root looks."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise processes.Failed(f"{name} is not installed")
    return found


def _initialise(folder: Path) -> None:
    """New data with the sample data in them, shut down in an orderly way."""
    options = ["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]
    log = f"--innodb-log-file-size={SETTINGS['innodb-log-file-size']}"
    install = [tool("mariadb-install-db"), *options, log, f"--datadir={folder / 'data'}"]
    processes.run(install, folder, as_whom=processes.unprivileged())
    server = Server(folder)
    server._serve(SETTINGS | {"skip-networking": "ON"})
    server._mariadb(LOAD.read_text())
    server.process.end(signal.SIGTERM)

"""mongo-java-server, which speaks MongoDB's protocol, behind TLS and a login.

MongoDB's own server is in no package that could be installed here.
"""

import asyncio
import json
import queue
import shutil
import signal
import threading
from pathlib import Path

import pymongo
from bson import json_util

import front
import mongodb_shop
import processes

JARS = processes.PREPARED / "mongo"
# It starts in half the time without the compiler that pays off after minutes only.
QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"]


class Server:
    """One server's data in memory; the folder holds where it listens and who may come in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None

    def prepare(self) -> None:
        """Nothing: its data are loaded when it serves."""

    def start(self) -> int:
        """Serves, on the port that is returned."""
        java = shutil.which("java")
        if not java or not JARS.exists():
            raise processes.Failed("mongo-java-server is not installed")
        # Copied, because whoever owns nothing may not read where they are.
        shutil.copytree(JARS, self.folder / "jars")
        command = [java, *QUICK, "-cp", f"{self.folder}/jars/*:{self.folder}/jars", "Server"]
        self.process = processes.Process(command, self.folder, signal.SIGKILL)
        behind = self.process.until(self._behind)
        (self.folder / "behind").write_text(str(behind))
        with self._client() as client:
            mongodb_shop.load(client["shop"])
        return self._serve(behind)

    def _behind(self) -> int:
        """The port that the server behind says it took."""
        said = self.process.log.read_text().split()
        if said[:1] != ["listening"] or len(said) < 2:
            raise processes.Failed("it doesn't listen yet")
        return int(said[1])

    def _serve(self, behind: int) -> int:
        ports: queue.Queue[int] = queue.Queue()
        serving = front.serve(self.folder, behind, self._account, ports.put)
        threading.Thread(target=asyncio.run, args=[serving], daemon=True).start()
        return ports.get(timeout=processes.SECONDS_MAX)

    def _account(self) -> tuple[str, str]:
        user, password = json.loads((self.folder / "account").read_text())
        return user, password

    def execute(self, script: str) -> str:
        """One command or a list of them, as JSON, in the database `shop`."""
        commands = json_util.loads(script)
        with self._client() as client:
            for command in commands if isinstance(commands, list) else [commands]:
                answered = client[command.pop("$db", "shop")].command(command)
        return json_util.dumps(answered)

    def _client(self) -> pymongo.MongoClient:
        return pymongo.MongoClient("127.0.0.1", int((self.folder / "behind").read_text()))

    def set_password(self, user: str, password: str) -> None:
        """The front reads it at each login."""
        beside = self.folder / "account.new"
        beside.write_text(json.dumps([user, password]))
        beside.replace(self.folder / "account")

    def end(self) -> None:
        if self.process:
            self.process.end()

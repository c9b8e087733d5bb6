"""An emulated account for the tests of it: a launcher, clients, controls."""

import json
import pathlib
import subprocess
import sys
import unittest
import urllib.request

from botocore.exceptions import ClientError

import account

HERE = pathlib.Path(__file__).parent
HOME, AWAY = account.HOME_REGION, account.COPY_REGION
MIDNIGHT = "2026-03-02T00:00:00Z"


class Emulator:
    """A launcher, clients of it, and its controls."""

    def __init__(self) -> None:
        self.controls: set[str] = set()
        self.process = subprocess.Popen(
            [sys.executable, HERE / "moto_server.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[1]

    def client(self, service: str, region: str = HOME):
        return account.client(service, region, self.url)

    def set(self, model_name: str, **transition) -> None:
        self.controls.add(model_name)
        self._post("state-manager/set-transition", model_name=model_name, transition=transition)

    def unset(self, model_name: str) -> None:
        self.controls.discard(model_name)
        self._post("state-manager/unset-transition", model_name=model_name)

    def reset(self) -> None:
        self._post("reset")
        for model_name in list(self.controls):
            self.unset(model_name)

    def _post(self, path: str, **body) -> None:
        request = urllib.request.Request(
            f"{self.url}/moto-api/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()

    def stop(self) -> int:
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=10)


class OnAnAccount(unittest.TestCase):
    """Tests that share an account, each of them on an empty one."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = Emulator()
        cls.addClassCleanup(cls.emulator.stop)
        cls.docdb, cls.rds = cls.emulator.client("docdb"), cls.emulator.client("rds")

    def setUp(self) -> None:
        self.addCleanup(self.emulator.reset)

    def assertRefused(self, code: str, call, **params) -> str:
        with self.assertRaises(ClientError) as refused:
            call(**params)
        error = refused.exception.response["Error"]
        self.assertEqual(code, error["Code"])
        return error["Message"]

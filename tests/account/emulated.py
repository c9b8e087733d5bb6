"""An emulated account that runs the deployed system, for tests: Moto, and the endpoint before it.

    account = Account(enforce=True)
    account.client("rds")                                   # may do everything
    account.client_as(role_arn, "rds", "us-east-1")         # may do what the role may
    account.set("fault::CopyDBSnapshot", times=1, code="Throttling")
    account.stop()

The endpoint runs in a Python that has MiniStack: $SNAPKEEP_TEST_MINISTACK, by default
target/tools/ministack/bin/python.
"""

import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

import boto3

# Nothing of an account of whoever runs the tests reaches a client or a server.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
EMULATOR = HERE.parent / "emulator"
sys.path.append(str(EMULATOR))

from account import ACCESS_KEY_ID, CONFIG, COPY_REGION, HOME_REGION, SECRET_ACCESS_KEY  # noqa: E402
from launched import Emulator  # noqa: E402

HOME, AWAY = HOME_REGION, COPY_REGION
ACCOUNT = ACCESS_KEY_ID
MINISTACK_VARIABLE = "SNAPKEEP_TEST_MINISTACK"
MINISTACK = REPOSITORY / "target/tools/ministack/bin/python"


def start(*command: str | pathlib.Path) -> tuple[subprocess.Popen, str]:
    """Starts a server that announces its URL and ends with its standard input; its URL."""
    process = subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    announced = process.stdout.readline().split()
    if not announced:
        raise RuntimeError(f"{command[1]} did not start; see what it wrote above")
    return process, announced[1]


def stop(process: subprocess.Popen) -> int:
    process.stdin.close()
    process.stdout.close()
    return process.wait(timeout=20)


class MiniStack:
    """The endpoint without Moto behind it and with nothing added, and clients of it."""

    def __init__(self, *options: str) -> None:
        self.process, self.url = start(self._python(), HERE / "serve.py", *options)

    @staticmethod
    def _python() -> str:
        python = os.environ.get(MINISTACK_VARIABLE, str(MINISTACK))
        if not pathlib.Path(python).exists():
            raise RuntimeError(
                f"no {python}; install tests/requirements-ministack.txt or set {MINISTACK_VARIABLE}"
            )
        return python

    def client(self, service: str, region: str = HOME):
        """As the account itself, which may do everything."""
        return self.client_with(service, region, ACCESS_KEY_ID, SECRET_ACCESS_KEY)

    def client_with(self, service: str, region: str, key: str, secret: str, token: str | None = None):
        """With keys that the caller has; twelve digits are the key of that account itself."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=CONFIG,
        )

    def stop(self) -> int:
        """Its exit code."""
        return stop(self.process)


class Account(MiniStack):
    """Both servers, clients of the endpoint, and the controls of both."""

    def __init__(self, enforce: bool = False, function_env: dict[str, str] | None = None) -> None:
        self.moto = Emulator()
        options = ["--moto", self.moto.url, *(["--enforce"] if enforce else [])]
        for name, value in (function_env or {}).items():
            options += ["--function-env", f"{name}={value}"]
        try:
            super().__init__(*options)
        except BaseException:
            self.moto.stop()
            raise

    def client_as(self, role_arn: str, service: str, region: str = HOME):
        """As a session of the role, whomever the role trusts."""
        keys = self._control("credentials", role_arn=role_arn)
        secrets = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        return self.client_with(service, region, *secrets)

    def fire(
        self, schedule: str, at: str | None = None, group: str = "default", region: str = HOME
    ) -> None:
        """Has a schedule invoke its target now, as of the instant `at` (ISO 8601)."""
        self._control("fire", name=schedule, group=group, region=region, scheduled_time=at)

    def refusals(self) -> list[str]:
        """What was refused for want of a permission since this was asked last: calls and
        deliveries, one line each with who, what and on which resource."""
        return self._control("refusals")["refusals"]

    def set(self, model: str, **transition) -> None:
        """Sets a control of Moto: tests/emulator/moto_controls.py has the list."""
        self.moto.set(model, **transition)

    def unset(self, model: str) -> None:
        """Takes one of them back."""
        self.moto.unset(model)

    def reset(self) -> None:
        """Empties Moto (databases, snapshots, networks) and takes its controls back."""
        self.moto.reset()

    def _control(self, control: str, **body) -> dict:
        url = f"{self.url}/_account/{control}"
        request = urllib.request.Request(url, json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                raise RuntimeError(json.load(refused)["message"]) from None

    def stop(self) -> int:
        """Ends both; the exit code of the first that did not end well."""
        return super().stop() or self.moto.stop()

"""The module under test, on an emulated account: a root that calls it, the zips that it deploys, and a fleet.

The zips hold the binaries that this machine's compiler has made (`cargo build`, $SNAPKEEP_TEST_BINARIES,
by default target/debug), without their symbols. Where nothing is to run, an empty one will do.
"""

import atexit
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
MODULE = REPOSITORY / "infra"
SERVERS = REPOSITORY / "tests" / "servers"
BINARIES = pathlib.Path(os.environ.get("SNAPKEEP_TEST_BINARIES", REPOSITORY / "target" / "debug"))
sys.path += [str(HERE.parent / "account"), str(HERE.parent / "terraform")]

from emulated import ACCESS_KEY_ID, AWAY, HOME, SECRET_ACCESS_KEY, Account  # noqa: E402
from emulated import ACCOUNT as ACCOUNT_ID  # noqa: E402
from terraform import Root, write_root  # noqa: E402

VERBS = ("create", "copy", "verify", "prune", "alarm")
OUTPUTS = (
    "topic_arn", "bucket", "functions", "standby", "kms_key_arn", "copy_key_arns", "policy_document",
)
NAME = "prod"
# What a deployment may take to get somewhere, schedules of a minute included.
PATIENCE_S = 240


def eventually(what: str, look, patience_s: float = PATIENCE_S):
    """What `look` returns once that is something; fails when patience ends."""
    end = time.monotonic() + patience_s
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"in {patience_s} s there was no {what}")
        time.sleep(0.5)
    return found


@functools.cache
def folder() -> pathlib.Path:
    """For roots and zips of all tests of this process; gone with it."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="snapkeep-infra-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@functools.cache
def copied() -> pathlib.Path:
    """The module with its examples, where Terraform may leave its traces."""
    place = folder() / "infra"
    shutil.copytree(MODULE, place, ignore=shutil.ignore_patterns(".terraform*", "terraform.tfstate*"))
    return place


@functools.cache
def binaries() -> pathlib.Path:
    """The five functions, as Lambda takes them."""
    made = folder() / "binaries"
    made.mkdir()
    for verb in VERBS:
        stripped = made / verb
        subprocess.run(["strip", "-o", stripped, BINARIES / verb], check=True)
        write_zip(made / f"{verb}.zip", stripped.read_bytes())
    return made


@functools.cache
def placeholders() -> pathlib.Path:
    """Zips for what is applied and never run."""
    made = folder() / "placeholders"
    made.mkdir()
    for verb in VERBS:
        write_zip(made / f"{verb}.zip", b"#!/bin/sh\nexit 1\n")
    return made


def write_zip(file: pathlib.Path, bootstrap: bytes) -> None:
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, bootstrap, compresslevel=1)


def environment(url: str, region: str = HOME) -> dict[str, str]:
    """What a run of Terraform needs to reach an account."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }


def deployment(place: str, url: str, **variables) -> Root:
    """A root that calls the module, initialised in a folder of its own."""
    root_folder = folder() / place
    defaults = {"artifacts": {"path": str(placeholders())}, "architecture": "x86_64"}
    write_root(root_folder, MODULE, defaults | variables, outputs=OUTPUTS)
    root = Root(root_folder, environment(url))
    root.init()
    return root


def standard_policy(**more) -> dict:
    """The least that a policy may say."""
    least = {
        "select": {"tags": {"snapkeep:policy": "standard"}},
        "schedules": ["cron(0 2 * * ? *)"],
        "retention": {"daily": 7},
    }
    return {**least, **more}


class Network:
    """A VPC with two private subnets, as an account has them before the module comes."""

    def __init__(self, account: Account, region: str = HOME) -> None:
        ec2 = account.client("ec2", region)
        self.vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet_ids = [
            ec2.create_subnet(
                VpcId=self.vpc_id, CidrBlock=f"10.0.{third}.0/24", AvailabilityZone=region + zone
            )["Subnet"]["SubnetId"]
            for third, zone in enumerate("ab")
        ]
        table = ec2.create_route_table(VpcId=self.vpc_id)["RouteTable"]
        self.route_table_ids = [table["RouteTableId"]]


class PostgreSQL:
    """A real server with the sample data of tests/servers, which plays what is restored."""

    def __init__(self) -> None:
        command = [sys.executable, SERVERS / "server.py", "postgres"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=SERVERS
        )
        self.told = json.loads(self.process.stdout.readline())

    @property
    def authority(self) -> str:
        return self.told["ca"]

    def plays(self, account: Account, engine: str) -> None:
        """Restored databases of that engine are this server from now on."""
        script, place = str(SERVERS / "administer.py"), self.told["folder"]
        account.set(
            f"database::{engine}",
            host="localhost",
            port=self.told["port"],
            names="snapkeep-scratch-",
            set_password=[sys.executable, script, place, "set-password"],
        )

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)

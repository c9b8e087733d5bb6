"""A certificate authority and a server certificate of it, made anew for each server.

The authority and the certificate are two things: clients refuse an authority that serves itself.
"""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# What a server may show: only the first is to be trusted.
KINDS = ("valid", "expired", "other-authority", "other-host")

DAY = datetime.timedelta(days=1)
# Long before any instant that a test calls now.
BEGINNING = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


class Authority:
    """One that signs."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _named(name)
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        self.certificate = (
            _begun(self.name, self.name, self.key, _now() + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def issue(self, key, names: list[x509.GeneralName], end: datetime.datetime):
        """A certificate for a server of these names."""
        return (
            _begun(_named("server"), self.name, key, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )


def write(folder: Path, kind: str) -> None:
    """Writes `ca.pem`, which clients trust, and what the server shows: `server.pem` and its key."""
    trusted, other = Authority("tests"), Authority("somebody else")
    key = ec.generate_private_key(ec.SECP256R1())
    signer = other if kind == "other-authority" else trusted
    end = _now() + (-DAY if kind == "expired" else 30 * DAY)
    here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    names = [x509.DNSName("elsewhere.example")] if kind == "other-host" else here
    (folder / "ca.pem").write_bytes(_pem(trusted.certificate))
    (folder / "server.pem").write_bytes(_pem(signer.issue(key, names, end)))
    (folder / "server.key").touch(mode=0o600)
    (folder / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(subject: x509.Name, issuer: x509.Name, key, end: datetime.datetime):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINNING)
        .not_valid_after(end)
    )


def _key_usage(**wanted: bool) -> x509.KeyUsage:
    usages = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{usage: wanted.get(usage, False) for usage in usages})


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)

"""Whether a presigned URL, as a cross-region copy carries it, would be accepted by AWS.

The signature is computed here once more, by another SDK's signer (botocore) than the one that made
it. No emulator looks at these URLs, so without this check a wrong one is found in production only.
Source: CopyDBClusterSnapshot, PreSignedUrl, RDS and DocumentDB API references.
"""

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import account

SIGNATURE = "X-Amz-Signature"
# The wire name of the parameter that names the source, by operation.
SOURCE_PARAMETERS = {
    "CopyDBClusterSnapshot": "SourceDBClusterSnapshotIdentifier",
    "CopyDBSnapshot": "SourceDBSnapshotIdentifier",
}


def fault(url: str, operation: str, source, destination, params: dict) -> str:
    """What is wrong with `url` for copying `source` to where `destination` is; empty if nothing."""
    query = dict(parse_qsl(urlsplit(url).query))
    expected = {
        "Action": operation,
        "DestinationRegion": destination.region_name,
        SOURCE_PARAMETERS[operation]: source.arn,
        "KmsKeyId": params.get("kms_key_id"),
    }
    for name, value in expected.items():
        if query.get(name) != value:
            return f"{name} is {query.get(name)}, expected {value}"
    scope = re.sub(r"/\d{8}/", "/", query.get("X-Amz-Credential", ""))
    wanted = f"{account.ACCESS_KEY_ID}/{source.region}/rds/aws4_request"
    if scope != wanted:
        return f"the credential's scope is {scope}, expected {wanted}"
    if query.get(SIGNATURE) != _signature(url, query, source.region):
        return "the signature does not match"
    return ""


def _signature(url: str, query: dict, region: str) -> str:
    """The signature that belongs to `url`, by botocore."""
    parts = urlsplit(url)
    # As it was encoded by its signer, without what was appended last.
    unsigned = "&".join(p for p in parts.query.split("&") if not p.startswith(f"{SIGNATURE}="))
    request = AWSRequest("GET", urlunsplit(parts._replace(query=unsigned)))
    request.context["timestamp"] = query.get("X-Amz-Date", "")
    credentials = Credentials(account.ACCESS_KEY_ID, account.SECRET_ACCESS_KEY)
    signer = SigV4Auth(credentials, "rds", region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return signer.signature(text, request)

"""Whether a presigned URL, as a cross-region copy carries it, would be accepted by AWS.

The signature is computed here once more, by another SDK's signer (botocore) than the one that made
it. No emulator looks at these URLs, so without this check a wrong one is found in production only.
Source: CopyDBClusterSnapshot, PreSignedUrl, RDS and DocumentDB API references.
"""

from urllib.parse import parse_qsl, urlsplit, urlunsplit

import account
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SIGNATURE = "X-Amz-Signature"
# The wire name of the parameter that names the source, by operation.
SOURCE_PARAMETERS = {
    "CopyDBClusterSnapshot": "SourceDBClusterSnapshotIdentifier",
    "CopyDBSnapshot": "SourceDBSnapshotIdentifier",
}


def fault(url: str, operation: str, source, destination, params: dict) -> str:
    """What is wrong with `url` for copying `source` into `destination`'s region; empty if nothing."""
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
    scope = query.get("X-Amz-Credential", "").split("/")
    wanted = [account.ACCESS_KEY_ID, scope[1] if len(scope) > 1 else "", source.region, "rds"]
    if scope != [*wanted, "aws4_request"]:
        return f"the credential scope is {'/'.join(scope[1:])}, expected {source.region}/rds"
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
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)

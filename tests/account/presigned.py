"""The presigned URL of a cross-region copy, checked under its signer's key and permissions.

Moto's launcher checks such a URL too, but knows one key only, the account's own. So a URL that a
role signed is verified here, by botocore and with the secret of the role's session, and goes on
signed anew. One that is wrong goes on as it is, and is refused there.
"""

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

import identity
from rds_permissions import Check, checks_of, context_of

SIGNATURE = "X-Amz-Signature"
TOKEN = "X-Amz-Security-Token"


def for_moto(url: str, judge) -> str:
    """`url`, signed with the account's key if the signer of `url` may do what it asks for. That is
    for `judge` to say: given a signer, a check and a context, it answers None if so."""
    query = dict(parse_qsl(urlsplit(url).query))
    key, _, scope = query.get("X-Amz-Credential", "").partition("/")
    region = scope.split("/")[1] if scope.count("/") == 3 else ""
    credential = iam_evaluator.resolve_credential(key, get_account_id())
    unknown = isinstance(credential, iam_evaluator.CredentialResolutionError)
    if unknown or not region or key == identity.ACCESS_KEY_ID:
        return url
    if query.get(TOKEN, "") != (credential.session_token or ""):
        return url
    if query.get(SIGNATURE) != signature(url, key, credential.secret_access_key, region):
        return url
    if not allowed(judge, key, query, region):
        return url
    return signed_anew(url, key, region)


def allowed(judge, signer: str, query: dict[str, str], region: str) -> bool:
    """The source region judges the call inside the URL by the source snapshot."""
    source = {name: value for name, value in query.items() if not name.startswith("Target")}
    context = context_of(source)
    checks: list[Check] = checks_of(source, region, get_account_id())
    return not any(judge(signer, check, context) for check in checks)


def signed_anew(url: str, key: str, region: str) -> str:
    parts = urlsplit(url)
    kept = [p for p in parts.query.split("&") if not p.startswith((f"{SIGNATURE}=", f"{TOKEN}="))]
    query = re.sub(rf"(?<=X-Amz-Credential=){key}", identity.ACCESS_KEY_ID, "&".join(kept))
    renewed = urlunsplit(parts._replace(query=query))
    own = signature(renewed, identity.ACCESS_KEY_ID, identity.SECRET_ACCESS_KEY, region)
    return f"{renewed}&{SIGNATURE}={own}"


def signature(url: str, key: str, secret: str, region: str) -> str:
    """The signature that belongs to `url`, by botocore."""
    parts = urlsplit(url)
    # As it was encoded by its signer, without what was appended last.
    unsigned = "&".join(p for p in parts.query.split("&") if not p.startswith(f"{SIGNATURE}="))
    request = AWSRequest("GET", urlunsplit(parts._replace(query=unsigned)))
    request.context["timestamp"] = dict(parse_qsl(unsigned)).get("X-Amz-Date", "")
    signer = SigV4Auth(Credentials(key, secret), "rds", region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return signer.signature(text, request)

"""RDS, DocumentDB and EC2 of the endpoint: judged by IAM here, answered by Moto.

EC2 goes along because RDS looks up the subnets of its subnet groups there.
"""

import asyncio
import uuid
from functools import partial
from urllib.parse import parse_qsl

from ministack import app as ministack
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id

import presigned
import rds_events
from moto_behind import Answer, Moto
from rds_permissions import Check, checks_of, context_of, default_groups
from rds_tags import tags_of

XML = "text/xml"


def install(moto: Moto) -> None:
    """Takes the three services over from MiniStack."""
    events = rds_events.Watcher(moto)

    async def rds(method, path, headers, body, query) -> tuple:
        return await asyncio.to_thread(serve_rds, moto, events, headers, body, query)

    async def ec2(method, path, headers, body, query) -> tuple:
        call = (moto.call, "ec2", get_region(), get_account_id(), form_of(body, query))
        return reply(await asyncio.to_thread(*call))

    ministack.SERVICE_HANDLERS.update(rds=rds, documentdb=rds, ec2=ec2)
    # Without a namespace MiniStack only authenticates a call; it is authorised in serve_rds, which
    # knows all the resources of it.
    iam_actions.SERVICE_TO_IAM_NAMESPACE.pop("rds")


def form_of(body: bytes, query: dict) -> dict[str, str]:
    form = {name: values[0] for name, values in query.items()}
    form.update(parse_qsl(body.decode(), keep_blank_values=True))
    return form


def reply(answer: Answer) -> tuple:
    kept = {k: v for k, v in answer.headers.items() if k.lower() in ("content-type", "date")}
    return answer.status, {"Content-Type": XML, **kept}, answer.body


def serve_rds(moto: Moto, events, headers: dict, body: bytes, query: dict) -> tuple:
    form = form_of(body, query)
    caller = extract_access_key_id(headers, query)
    if refusal := refused(moto, caller, form, headers):
        return refusal
    if url := form.get("PreSignedUrl"):
        form["PreSignedUrl"] = presigned.for_moto(url, partial(judge, moto))
    answer = moto.call("rds", get_region(), get_account_id(), form)
    if answer.status == 200:
        events.see(form, answer, get_region(), get_account_id())
    return reply(answer)


def refused(moto: Moto, caller: str, form: dict[str, str], headers: dict) -> tuple | None:
    """AccessDenied, if the caller's policies don't allow all that the call needs."""
    if not ministack.AUTH or iam_evaluator.is_root_access_key(caller):
        return None
    request = default_groups(moto, form, get_region(), get_account_id())
    context = context_of(request)
    for check in checks_of(request, get_region(), get_account_id()):
        if denied := judge(moto, caller, check, context):
            return denial(check, denied, headers)
    return None


def judge(moto: Moto, caller: str, check: Check, context: dict):
    """None if the caller may; else why not."""
    return iam_evaluator.enforce(
        caller,
        check.action,
        "rds",
        check.region,
        resource_arn=check.resource,
        service_context={**context, **tags_of(moto, check.resource)},
    )


def denial(check: Check, denied, headers: dict) -> tuple:
    if isinstance(denied, iam_evaluator.AuthError):
        return iam_actions.access_denied_response(
            "rds",
            check.action,
            "",
            str(uuid.uuid4()),
            error_code=denied.code,
            message=denied.message,
            headers=headers,
        )
    explicit = denied.decision == "Deny"
    text = iam_actions.identity_denial_message(
        check.action, denied.principal_arn, check.resource, explicit
    )
    return iam_actions.access_denied_response(
        "rds",
        check.action,
        denied.principal_arn,
        str(uuid.uuid4()),
        message=text,
        headers=headers,
        resource_arn=check.resource,
        explicit_deny=explicit,
    )

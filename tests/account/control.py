"""Remote controls of the endpoint, for tests. What Moto offers is at Moto's own URL.

    POST /_account/credentials  {"role_arn": …, "session_name": …}
        Credentials of any role, as AssumeRole gives them, whatever its trust policy says: with them
        a test calls as a function's role does.
    POST /_account/fire         {"name": …, "group": "default", "region": …, "scheduled_time": …}
        Has a schedule invoke its target now, as of that instant (ISO 8601; now if not given).
    POST /_account/refusals     {}
        What was refused for want of a permission since this was asked last, calls and deliveries.
"""

import asyncio
import json
import secrets
import time
from datetime import datetime, timezone

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import iam, scheduler, sts

import identity
import refusals
import schedules

PREFIX = "/_account/"
SESSION_S = 3600


class Wrong(Exception):
    """What the caller has to change."""


async def serve(scope, receive, send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        answer, status = await asyncio.to_thread(run, scope["path"], json.loads(body)), 200
    except Wrong as wrong:
        answer, status = {"message": str(wrong)}, 400
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def run(path: str, request: dict) -> dict:
    controls = {"credentials": credentials, "fire": fire, "refusals": refused}
    control = controls.get(path.removeprefix(PREFIX))
    if not control:
        raise Wrong(f"no control {path}; there are {', '.join(controls)}")
    set_request_account_id(identity.ACCOUNT)
    return control(request)


def credentials(request: dict) -> dict:
    arn = request["role_arn"]
    name = arn.rsplit("/", 1)[-1]
    if name not in iam._roles:
        raise Wrong(f"no role {arn}; create it first")
    session = request.get("session_name", "test")
    key, secret, token = (prefix + secrets.token_hex(8).upper() for prefix in ("ASIA", "", ""))
    record = {
        "Arn": f"arn:aws:sts::{identity.ACCOUNT}:assumed-role/{name}/{session}",
        "UserId": f"{name}:{session}",
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": time.time() + SESSION_S,
    }
    sts.register_session(key, record)
    return {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token}


def refused(request: dict) -> dict:
    return {"refusals": refusals.taken()}


def fire(request: dict) -> dict:
    key = (identity.ACCOUNT, request["region"], f"{request['group']}/{request['name']}")
    schedule = scheduler._schedules._data.get(key)
    if not schedule:
        raise Wrong(f"no schedule {key[2]} in {key[1]}; create it first")
    text = request.get("scheduled_time")
    now = datetime.now(timezone.utc)
    due = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else now
    set_request_region(request["region"])
    schedules.fire(key, schedule, due.astimezone(timezone.utc))
    return {}

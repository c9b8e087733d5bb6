"""Remote controls of the emulated account: its clock, its faults, and how long things take.

All are set at run time through Moto's own interface:

    POST /moto-api/state-manager/set-transition  {"model_name": …, "transition": …}

    clock                            {"now": "2026-03-02T02:00:00Z"}
        The instant at which the account stands still. Creation times, restorable times, the Date
        header of every answer, the lifecycles below, and when a message in a queue was sent and is
        seen again follow it. Unset: real time.
    lifecycle::CopyDBClusterSnapshot {"first": "copying", "seconds": 600, "last": "failed"}
        What this operation makes from now on is in the first status for so long, then in the last.
        Defaults: "creating" or "copying", 0, "available".
    fault::CreateDBSnapshot          {"times": 2, "code": "Throttling", "status": 400}
        So many calls of this operation are refused. With "after": true they take effect first, as
        when an answer is lost; with "region" only calls to that region are refused. A call of S3
        has its method and path for a name: fault::PUT /bucket/key.
    meanwhile::Publish               {"times": 1, "bucket": …, "key": …, "body": …}
        Before so many calls of this operation somebody else writes that object.
    database::postgres, offered::postgres
        Which server stands for restored databases: see moto_databases.py. Which engine versions can
        be restored: see moto_versions.py.

They outlive /moto-api/reset. /moto-api/state-manager/unset-transition takes one back.
"""

import datetime
import io
import json
import re
import threading
from contextvars import ContextVar
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.moto_api import state_manager
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.s3.models import s3_backends
from moto.sqs import models as sqs

UTC = datetime.timezone.utc

# The operation that is being served: what it makes takes its lifecycle from it.
operation: ContextVar[str] = ContextVar("operation", default="")
# Stands for one request, to tell it from all others.
request: ContextVar[object] = ContextVar("request", default=None)


def control(name: str) -> dict:
    """The settings of one control; empty if it isn't set."""
    settings = state_manager.get_transition(name)
    return {} if settings.get("progression") == "immediate" else settings


def now() -> datetime.datetime:
    """The account's time, in UTC."""
    if at := control("clock").get("now"):
        return datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(UTC)
    return datetime.datetime.now(UTC)


def naive_now() -> datetime.datetime:
    """The account's time as Moto keeps times: in UTC, without saying so."""
    return now().replace(tzinfo=None)


def let_queues_follow_the_clock() -> None:
    """Only when messages are sent, seen and forgotten: how long a call waits for one is real time."""
    sqs.unix_time_millis = lambda: now().timestamp() * 1000

    def is_kept(backend, queue_name: str, message) -> bool:
        kept_seconds = backend.get_queue(queue_name).message_retention_period
        return now().timestamp() < message.sent_timestamp / 1000 + kept_seconds

    sqs.SQSBackend.is_message_valid_based_on_retention_period = is_kept


class Lifecycle:
    """The status of one thing over time. Its course is settled at its birth.

    The answer to the very request that makes a thing never says that it is ready."""

    def __init__(self) -> None:
        settings = control(f"lifecycle::{operation.get()}")
        copy = operation.get().startswith("Copy")
        self.request = request.get()
        self.first = settings.get("first", "copying" if copy else "creating")
        self.last = settings.get("last", "available")
        self.settled_at = now() + datetime.timedelta(seconds=settings.get("seconds", 0))

    def status(self) -> str:
        being_made = self.request is not None and self.request is request.get()
        return self.first if being_made or now() < self.settled_at else self.last


class DatedRequestHandler(MotoRequestHandler):
    """Answers carry the account's time: clients judge their own clock by the Date header."""

    def date_time_string(self, timestamp=None) -> str:
        return super().date_time_string(now().timestamp() if timestamp is None else timestamp)


class FaultInjector:
    """In front of the whole server: refuses the calls that a fault control names.

    It reads the Query protocol, in which the operation is in the form (RDS, DocumentDB, SNS), and
    AWS's JSON protocol, in which a header names it (SQS). S3 has neither.
    """

    SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")

    def __init__(self, application) -> None:
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        name = self._operation_of(environ)
        operation.set(name)
        request.set(object())
        if write := self._take(f"meanwhile::{name}", environ):
            account, *_ = self._scope(environ)
            s3 = s3_backends[account]["aws"]
            s3.put_object(write["bucket"], write["key"], write["body"].encode())
        fault = self._take(f"fault::{name}", environ)
        if not fault:
            return self.application(environ, start_response)
        if fault.get("after"):
            self._run_unheard(environ)
        return self._refuse(fault, environ, start_response)

    def _scope(self, environ) -> tuple[str, str, str]:
        """The account, the region and the service that a call is signed for."""
        scope = self.SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        return scope.groups() if scope else ("", "", "")

    def _operation_of(self, environ) -> str:
        if target := environ.get("HTTP_X_AMZ_TARGET"):
            return target.rpartition(".")[2]
        if self._scope(environ)[2] == "s3":
            return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if "x-www-form-urlencoded" not in environ.get("CONTENT_TYPE", ""):
            return ""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return parse_qs(body.decode()).get("Action", [""])[0]

    def _take(self, name: str, environ) -> dict:
        _, region, _ = self._scope(environ)
        with self.lock:
            fault = control(name)
            wanted = fault.get("region", region) == region
            if not wanted or fault.get("times", 0) <= 0:
                return {}
            fault["times"] -= 1
            return dict(fault)

    def _run_unheard(self, environ) -> None:
        answer = self.application(environ, lambda status, headers, exc_info=None: lambda data: None)
        for _ in answer:
            pass

    def _refuse(self, fault: dict, environ, start_response):
        status, code = fault.get("status", 400), fault["code"]
        message, media_type = fault.get("message", "injected by the test"), "text/xml"
        error = (
            f"<Error><Type>{'Sender' if status < 500 else 'Receiver'}</Type>"
            f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        )
        if "HTTP_X_AMZ_TARGET" in environ:
            error, media_type = json.dumps({"__type": code, "message": message}), "application/x-amz-json-1.0"
        elif self._scope(environ)[2] != "s3":
            error = f"<ErrorResponse>{error}<RequestId>injected</RequestId></ErrorResponse>"
        body = error.encode()
        headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
        start_response(f"{status} Injected", headers)
        return [body]

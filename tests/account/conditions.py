"""What MiniStack's evaluator doesn't learn of a request by itself.

 - All services: aws:SecureTransport is true, for requests and for deliveries. A loopback address has
   no TLS, and policies that ask for it are to be applied as they are.
 - All services: aws:PrincipalArn of a role's session is the role's ARN, not the session's.
   Source: IAM User Guide, "AWS global condition context keys".
 - S3: an upload with lock headers also needs s3:PutObjectRetention, with the keys
   s3:object-lock-mode and s3:object-lock-retain-until-date, which its PutObject has too.
 - CloudWatch: the operation of a call in CBOR, and cloudwatch:namespace of its metrics.
"""

import json
import re
from contextvars import ContextVar

import ministack.app
from ministack.core import iam_actions, iam_evaluator

import metrics_cbor

OPERATION = re.compile(r"/service/GraniteServiceVersion20100801/operation/(\w+)")
SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d+):assumed-role/([^/]+)/.+")
LOCK_KEYS = {
    "x-amz-object-lock-mode": "s3:object-lock-mode",
    "x-amz-object-lock-retain-until-date": "s3:object-lock-retain-until-date",
}
# Of the upload that is being judged, for the further checks of it.
lock: ContextVar[dict] = ContextVar("lock", default={})


def install() -> None:
    iam_evaluator._request_origin = ContextVar("request_origin", default=("127.0.0.1", True))
    ministack.app.pin_request_origin = lambda address, _: iam_evaluator._request_origin.set(
        (address, True)
    )
    iam_evaluator._resolve_condition_key = with_role(iam_evaluator._resolve_condition_key)
    iam_actions._safe_json_field = for_any_body(iam_actions._safe_json_field)
    iam_actions.extract_iam_action = with_cbor(iam_actions.extract_iam_action)
    iam_actions.request_tag_context = with_namespace(iam_actions.request_tag_context)
    iam_actions.s3_service_context = with_lock(iam_actions.s3_service_context)
    iam_actions.s3_access_point_resources = with_lock_keys(iam_actions.s3_access_point_resources)
    iam_actions.s3_additional_checks = with_retention(iam_actions.s3_additional_checks)


def with_role(resolve):
    def resolve_condition_key(key, context):
        value = resolve(key, context)
        if key.lower() != "aws:principalarn":
            return value
        return SESSION.sub(r"arn:\1:iam::\2:role/\3", value or "") or value

    return resolve_condition_key


def for_any_body(field_of):
    """A body in CBOR has no field of JSON; MiniStack stumbles over it."""

    def safe_json_field(body, field):
        return field_of(body, field) if body[:1] == b"{" else ""

    return safe_json_field


def with_cbor(extract):
    def extract_iam_action(service, method, path, headers, body, query):
        named = OPERATION.fullmatch(path)
        if named:
            return f"cloudwatch:{named.group(1)}"
        return extract(service, method, path, headers, body, query)

    return extract_iam_action


def with_namespace(context_of):
    def request_tag_context(service, action, body, params):
        context = context_of(service, action, body, params)
        if action == "cloudwatch:PutMetricData":
            context["cloudwatch:namespace"] = namespace_of(body, params)
        return context

    return request_tag_context


def namespace_of(body: bytes, params: dict) -> str:
    """In all of the protocols that the service speaks."""
    if "Namespace" in params:
        return params["Namespace"][0]
    request = json.loads(body) if body[:1] == b"{" else metrics_cbor.loads(body)
    return request["Namespace"]


def with_lock(context_of):
    def s3_service_context(action, query, path="", headers=None):
        context = context_of(action, query, path, headers)
        names = LOCK_KEYS if action == "s3:PutObject" else {}
        found = {key: (headers or {}).get(name) for name, key in names.items()}
        lock.set({key: value for key, value in found.items() if value})
        return context

    return s3_service_context


def with_lock_keys(resources_of):
    def s3_access_point_resources(arn):
        return [(resource, {**keys, **lock.get()}) for resource, keys in resources_of(arn)]

    return s3_access_point_resources


def with_retention(checks_of):
    def s3_additional_checks(method, path, headers, body, query):
        checks = checks_of(method, path, headers, body, query)
        if lock.get():
            checks.append(("s3:PutObjectRetention", f"arn:aws:s3:::{path.lstrip('/')}"))
        return checks

    return s3_additional_checks

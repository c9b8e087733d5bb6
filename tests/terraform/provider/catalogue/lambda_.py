"""Lambda: functions, who may call them, and what happens to failed calls."""

import json
import pathlib
import time

import tagging
from checks import between
from entry import Refused, Resource, Values

CODE = (
    "filename", "source_code_hash", "s3_bucket", "s3_key", "s3_object_version", "image_uri",
    "architectures",
)
# Long enough for an emulator that unpacks a zip file.
ACTIVE_SECONDS_MAX = 60


def code(values: Values) -> dict:
    if values.get("filename"):
        return {"ZipFile": pathlib.Path(values["filename"]).read_bytes()}
    members = {
        "S3Bucket": "s3_bucket", "S3Key": "s3_key",
        "S3ObjectVersion": "s3_object_version", "ImageUri": "image_uri",
    }
    return {member: values[name] for member, name in members.items() if values.get(name)}


def function_arguments(account, operation: str, values: Values) -> dict:
    if operation == "create_function":
        return {"Code": code(values)}
    if operation == "update_function_code":
        return {**code(values), "Publish": bool(values.get("publish"))}
    if operation == "update_function_configuration":
        # A block that was taken away has to be emptied; left out, it would stay.
        empty = {
            "environment": ("Environment", {"Variables": {}}),
            "dead_letter_config": ("DeadLetterConfig", {"TargetArn": ""}),
            "layers": ("Layers", []),
        }
        return {member: none for name, (member, none) in empty.items() if not values.get(name)}
    return {}


def update_function(account, values: Values, prior: Values) -> None:
    resource = RESOURCES["aws_lambda_function"]
    if any(values.get(name) != prior.get(name) for name in CODE):
        account.call(resource, "update_function_code", values)
        wait_until_active(account, values)
    account.call(resource, "update_function_configuration", values)


def wait_until_active(account, values: Values, prior: Values | None = None) -> None:
    client = account.client("lambda", values)
    give_up_at = time.monotonic() + ACTIVE_SECONDS_MAX
    while time.monotonic() < give_up_at:
        found = client.get_function_configuration(FunctionName=values["function_name"])
        states = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
        if states == ("Active", "Successful"):
            return
        if "Failed" in states:
            raise Refused(f"function {values['function_name']} failed: {found.get('StateReason')}")
        time.sleep(0.25)
    raise Refused(f"function {values['function_name']} isn't active after {ACTIVE_SECONDS_MAX} s")


def reserve_concurrency(account, values: Values, prior: Values | None) -> None:
    wanted = values.get("reserved_concurrent_executions")
    if wanted == (prior or {}).get("reserved_concurrent_executions", -1):
        return
    client, name = account.client("lambda", values), values["function_name"]
    if wanted is None or wanted < 0:
        client.delete_function_concurrency(FunctionName=name)
    else:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)


def read_function(account, values: Values) -> Values:
    found = account.client("lambda", values).get_function(FunctionName=values["function_name"])
    reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions", -1)
    return {**found["Configuration"], "ReservedConcurrentExecutions": reserved}


def computed_function(account, values: Values) -> Values:
    name, qualified = values["arn"], f"{values['arn']}:{values['version']}"
    gateway = f"arn:aws:apigateway:{account.region_of(values)}:lambda:path"
    return {
        "qualified_arn": qualified,
        "invoke_arn": f"{gateway}/2015-03-31/functions/{name}/invocations",
        "qualified_invoke_arn": f"{gateway}/2015-03-31/functions/{qualified}/invocations",
        "response_streaming_invoke_arn":
            f"{gateway}/2021-11-15/functions/{name}/response-streaming-invocations",
        "source_code_hash": values.get("source_code_hash") or values["code_sha256"],
        "signing_job_arn": "",
        "signing_profile_version_arn": "",
    }


def read_permission(account, values: Values) -> Values | None:
    qualifier = {"Qualifier": values["qualifier"]} if values.get("qualifier") else {}
    answer = account.client("lambda", values).get_policy(
        FunctionName=values["function_name"], **qualifier
    )
    statements = json.loads(answer["Policy"])["Statement"]
    mine = [each for each in statements if each.get("Sid") == values["statement_id"]]
    if not mine:
        return None
    found, conditions = mine[0], mine[0].get("Condition", {})
    principal = found["Principal"]
    return {
        "action": found["Action"],
        "statement_id": found["Sid"],
        "principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
        "source_arn": conditions.get("ArnLike", {}).get("AWS:SourceArn"),
        "source_account": conditions.get("StringEquals", {}).get("AWS:SourceAccount"),
    }


RESOURCES = {
    "aws_lambda_function": Resource(
        service="lambda",
        create="create_function",
        read=read_function,
        update=(update_function,),
        delete="delete_function",
        id="{function_name}",
        names={
            "arn": "FunctionArn",
            "source_code_size": "CodeSize",
        },
        arguments=function_arguments,
        computed=computed_function,
        settle=(wait_until_active, reserve_concurrency),
        filled="architectures source_code_hash",
        replaced_by="function_name package_type",
        defaults={
            "memory_size": 128,
            "timeout": 3,
            "package_type": "Zip",
            "publish": False,
            "reserved_concurrent_executions": -1,
            "skip_destroy": False,
        },
        volatile="last_modified code_sha256 source_code_size",
        checks={"timeout": between(1, 900), "memory_size": between(128, 10240)},
        exactly_one=("filename s3_bucket image_uri",),
        tags=tagging.LAMBDA,
    ),
    "aws_lambda_permission": Resource(
        service="lambda",
        create="add_permission",
        read=read_permission,
        update=(),
        delete="remove_permission",
        id="{statement_id}",
        filled="statement_id statement_id_prefix",
        generated="statement_id",
        replaced_by="action event_source_token function_name function_url_auth_type principal "
        "principal_org_id qualifier source_account source_arn statement_id",
    ),
    "aws_lambda_function_event_invoke_config": Resource(
        service="lambda",
        create="put_function_event_invoke_config",
        read="get_function_event_invoke_config",
        delete="delete_function_event_invoke_config",
        id="{function_name}",
        replaced_by="function_name qualifier",
        defaults={"maximum_retry_attempts": 2},
        checks={
            "maximum_retry_attempts": between(0, 2),
            "maximum_event_age_in_seconds": between(60, 21600),
        },
    ),
}

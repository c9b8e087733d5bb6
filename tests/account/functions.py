"""What a function finds when it starts, and where it runs: as in Lambda, not as in the emulator.

MiniStack hands its own environment on to functions. Here a function has what Lambda gives it, its
role's credentials, this endpoint, the variables of its configuration, and those given for all.
"""

from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from moto_behind import Moto

# Source: Lambda Developer Guide, "Defined runtime environment variables".
BASE = {
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "TZ": ":UTC",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
}


def install(url: str, moto: Moto, for_all: dict[str, str]) -> None:
    def environment_of(config: dict, code_directory: str, port: int) -> dict[str, str]:
        return {
            **BASE,
            **own_variables(config),
            **for_all,
            **names(config),
            **credentials(config),
            "AWS_ENDPOINT_URL": url,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "LAMBDA_TASK_ROOT": code_directory,
        }

    def network_of(request: dict | None) -> dict:
        config = {"SubnetIds": [], "SecurityGroupIds": [], **(request or {})}
        return {**config, "VpcId": vpc_of(moto, config["SubnetIds"])}

    lambda_svc._provided_worker_env = environment_of
    # EC2 is Moto's, so the network of a function is there too.
    lambda_svc._vpc_config_with_id = network_of


def own_variables(config: dict) -> dict[str, str]:
    return lambda_svc._runtime_env_vars(config)


def names(config: dict) -> dict[str, str]:
    _, region = lambda_svc._account_region_from_function_config(config)
    name = config["FunctionName"]
    logging = config.get("LoggingConfig") or {}
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"[{config.get('Version', '$LATEST')}]emulated",
        "_HANDLER": config.get("Handler", "bootstrap"),
    }


def credentials(config: dict) -> dict[str, str]:
    """The role's when permissions are judged, else the account's."""
    found = execution_credentials(config)
    return {name: value for name, value in found.items() if value}


def vpc_of(moto: Moto, subnets: list[str]) -> str:
    """The VPC that all of the subnets are in; empty if there is no such VPC."""
    found = set()
    for subnet in subnets:
        form = {"Action": "DescribeSubnets", "Version": "2016-11-15", "SubnetId.1": subnet}
        found.add(moto.look("ec2", get_region(), get_account_id(), form).text("vpcId"))
    return found.pop() if len(found) == 1 else ""

"""What all scripts here share: which account they talk to, and through which door.

The endpoint is one variable, SNAPKEEP_TEST_ENDPOINT (or --endpoint-url), so that the same scripts
run against Moto, against snapkeep's own simulated account and against any other emulator.
"""

import argparse
import os

import boto3
from botocore.config import Config

ENDPOINT_VARIABLE = "SNAPKEEP_TEST_ENDPOINT"
# Accepted by emulators only, which read the account out of the key. Moto's launcher and the
# simulated account check presigned URLs with the secret.
ACCESS_KEY_ID = "123456789012"
SECRET_ACCESS_KEY = "secret-of-123456789012"

HOME_REGION = "us-west-2"
COPY_REGION = "us-east-1"
REGIONS = (HOME_REGION, COPY_REGION)

# One try a call: a fault that a test injects is to be seen by the side that is under test.
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser that knows --endpoint-url, with the variable as its default."""
    parser = argparse.ArgumentParser(description=description)
    default = os.environ.get(ENDPOINT_VARIABLE)
    parser.add_argument(
        "--endpoint-url",
        default=default,
        required=default is None,
        help=f"where the account is served, such as http://127.0.0.1:5000 (${ENDPOINT_VARIABLE})",
    )
    return parser


def client(service: str, region: str, endpoint_url: str):
    """A boto3 client of the emulated account."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=CONFIG,
    )

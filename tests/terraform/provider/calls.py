"""The AWS account that a configured provider works in: its clients, and the catalogue's calls.

Endpoint and credentials come from the environment, as with the real provider (AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or the credentials from the provider's configuration.
"""

import functools
import os
import threading
from typing import Any

import boto3
from botocore.config import Config

from entry import Refused, Resource, Values
from values import ToBoto, is_known

# What of the provider's configuration is obeyed, and what can be ignored because nothing here needs
# it. Anything else is refused: a test that relied on it would show nothing.
OBEYED = {"region", "default_tags", "access_key", "secret_key", "token", "s3_use_path_style"}
IGNORED = {
    "skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation",
    "skip_requesting_account_id", "max_retries",
}


class Account:
    def __init__(self, configuration: Values) -> None:
        given = {name for name, value in configuration.items() if value not in (None, [], {})}
        if odd := sorted(given - OBEYED - IGNORED):
            names = ", ".join(odd)
            raise Refused(f"provider aws: the test provider can't do {names}; leave it out")
        self.configuration = configuration
        self.region: str = (
            configuration.get("region")
            or os.environ.get("AWS_REGION")
            or os.environ.get("AWS_DEFAULT_REGION")
            or ""
        )
        tags = configuration.get("default_tags") or [{}]
        self.default_tags: dict[str, str] = tags[0].get("tags") or {}
        self.clients: dict[tuple[str, str], Any] = {}
        self.lock = threading.Lock()

    def region_of(self, values: Values) -> str:
        """A resource's own region, or the provider's."""
        region = values.get("region")
        region = region if is_known(region) else self.region
        if not region:
            raise Refused("provider aws: no region; set `region` or AWS_REGION")
        return region

    def client(self, service: str, values: Values) -> Any:
        """boto3's client of a service in the region of these values."""
        key = (service, self.region_of(values))
        # boto3's session can't be used by two threads at once; its clients can.
        with self.lock:
            if key not in self.clients:
                self.clients[key] = self._new_client(*key)
            return self.clients[key]

    def _new_client(self, service: str, region: str) -> Any:
        path_style = self.configuration.get("s3_use_path_style")
        return boto3.client(
            service,
            region_name=region,
            aws_access_key_id=self.configuration.get("access_key"),
            aws_secret_access_key=self.configuration.get("secret_key"),
            aws_session_token=self.configuration.get("token"),
            config=Config(
                retries={"total_max_attempts": 4},
                s3={"addressing_style": "path"} if path_style else None,
            ),
        )

    @functools.cached_property
    def identity(self) -> dict:
        """Whose credentials these are."""
        return self.client("sts", {}).get_caller_identity()

    def call(self, resource: Resource, operation: str, values: Values, **more: Any) -> dict:
        """Calls an operation with what the resource's values say."""
        client = self.client(resource.service, values)
        made = ToBoto(resource).arguments(input_of(client, operation), tagged(values))
        made |= resource.arguments(self, operation, values) if resource.arguments else {}
        made |= more
        return getattr(client, operation)(**{k: v for k, v in made.items() if v is not None})


def input_of(client: Any, operation: str) -> Any:
    """The shape of an operation's arguments."""
    name = client.meta.method_to_api_mapping[operation]
    return client.meta.service_model.operation_model(name).input_shape


def tagged(values: Values) -> Values:
    """What AWS is told are the tags: the resource's own and the provider's default tags."""
    tags = values.get("tags_all")
    return {**values, "tags": tags if is_known(tags) else values.get("tags")}

"""Tags of existing resources: every service of AWS has its own three calls for them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tagging:
    """How the tags of one resource type are read and changed."""

    list: str
    tag: str
    untag: str
    # The argument that names the resource, and the attribute that it is taken from.
    argument: str
    attribute: str = "arn"
    key: str = "Key"
    value: str = "Value"
    answer: str = "Tags"
    tags: str = "Tags"
    keys: str = "TagKeys"
    # Are tags one map, rather than a list of keys and values?
    is_map: bool = False
    # Is the argument a list of resources?
    is_list: bool = False

    def read(self, client: Any, values: dict) -> dict[str, str]:
        answer = getattr(client, self.list)(**self._resource(values))[self.answer]
        if not self.is_map:
            answer = {each[self.key]: each[self.value] for each in answer}
        return {key: value for key, value in answer.items() if not key.startswith("aws:")}

    def write(self, client: Any, values: dict, old: dict, new: dict) -> None:
        resource = self._resource(values)
        changed = {key: value for key, value in new.items() if old.get(key) != value}
        if changed:
            getattr(client, self.tag)(**resource, **{self.tags: self.as_argument(changed)})
        if gone := [key for key in old if key not in new]:
            getattr(client, self.untag)(**resource, **{self.keys: gone})

    def as_argument(self, tags: dict[str, str]):
        if self.is_map:
            return tags
        return [{self.key: key, self.value: value} for key, value in sorted(tags.items())]

    def _resource(self, values: dict) -> dict:
        name = values[self.attribute]
        return {self.argument: [name] if self.is_list else name}


IAM_ROLE = Tagging("list_role_tags", "tag_role", "untag_role", "RoleName", "name")
IAM_POLICY = Tagging("list_policy_tags", "tag_policy", "untag_policy", "PolicyArn")
LAMBDA = Tagging("list_tags", "tag_resource", "untag_resource", "Resource", is_map=True)
SQS = Tagging("list_queue_tags", "tag_queue", "untag_queue", "QueueUrl", "url", is_map=True)
KMS = Tagging(
    "list_resource_tags", "tag_resource", "untag_resource", "KeyId", "key_id",
    key="TagKey", value="TagValue",
)
LOGS = Tagging(
    "list_tags_for_resource", "tag_resource", "untag_resource", "resourceArn",
    answer="tags", tags="tags", keys="tagKeys", is_map=True,
)
CHATBOT = Tagging(
    "list_tags_for_resource", "tag_resource", "untag_resource", "ResourceARN",
    attribute="chat_configuration_arn", key="TagKey", value="TagValue",
)
RDS = Tagging(
    "list_tags_for_resource", "add_tags_to_resource", "remove_tags_from_resource", "ResourceName",
    answer="TagList",
)


def by_arn(argument: str) -> Tagging:
    """SNS, EventBridge, CloudWatch and Scheduler differ in how they spell the argument only."""
    return Tagging("list_tags_for_resource", "tag_resource", "untag_resource", argument)


class Ec2Tagging(Tagging):
    """EC2 lists tags with a filter, and takes them away by key and value."""

    def read(self, client: Any, values: dict) -> dict[str, str]:
        name = [{"Name": "resource-id", "Values": [values["id"]]}]
        return {each["Key"]: each["Value"] for each in client.describe_tags(Filters=name)["Tags"]}

    def write(self, client: Any, values: dict, old: dict, new: dict) -> None:
        if new:
            client.create_tags(Resources=[values["id"]], Tags=self.as_argument(new))
        if gone := [{"Key": key} for key in old if key not in new]:
            client.delete_tags(Resources=[values["id"]], Tags=gone)


EC2 = Ec2Tagging("describe_tags", "create_tags", "delete_tags", "Resources", "id")


class S3Tagging(Tagging):
    """S3 replaces all tags at once, and a bucket without tags is an error there."""

    def read(self, client: Any, values: dict) -> dict[str, str]:
        try:
            return super().read(client, values)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchTagSet", "NoSuchTagSetError"):
                return {}
            raise

    def write(self, client: Any, values: dict, old: dict, new: dict) -> None:
        resource = self._resource(values)
        if new:
            getattr(client, self.tag)(**resource, Tagging={"TagSet": self.as_argument(new)})
        else:
            getattr(client, self.untag)(**resource)

    def _resource(self, values: dict) -> dict:
        key = {"Key": values["key"]} if "key" in values else {}
        return {"Bucket": values["bucket"], **key}


S3_BUCKET = S3Tagging(
    "get_bucket_tagging", "put_bucket_tagging", "delete_bucket_tagging", "Bucket", answer="TagSet"
)
S3_OBJECT = S3Tagging(
    "get_object_tagging", "put_object_tagging", "delete_object_tagging", "Bucket", answer="TagSet"
)

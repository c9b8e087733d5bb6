"""The part of AWS Chatbot that a Slack channel needs: its configuration and tags, in memory.

Nothing is sent to Slack. Source: AWS Chatbot API reference.
"""

import json

from ministack import app as ministack
from ministack.core import router
from ministack.core.responses import AccountScopedDict, get_account_id

ACTIONS = {
    "/create-slack-channel-configuration": "create",
    "/describe-slack-channel-configurations": "describe",
    "/update-slack-channel-configuration": "update",
    "/delete-slack-channel-configuration": "delete",
    "/tag-resource": "tag",
    "/untag-resource": "untag",
    "/list-tags-for-resource": "list_tags",
}
UNSET = {"LoggingLevel": "NONE", "GuardrailPolicyArns": [], "UserAuthorizationRequired": False}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def install() -> None:
    ministack.SERVICE_HANDLERS["chatbot"] = Chatbot().handle
    # By its name in a request's signature MiniStack knows a service only if it is here.
    router.SERVICE_PATTERNS["chatbot"] = {"host_patterns": [r"chatbot\."]}


class Refused(Exception):
    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class Chatbot:
    def __init__(self) -> None:
        self.channels = AccountScopedDict()

    async def handle(self, method, path, headers, body, query) -> tuple:
        action = ACTIONS.get(path)
        try:
            if not action:
                raise Refused("InvalidRequestException", 400, f"no operation at {path}")
            status, answer = getattr(self, action)(json.loads(body or b"{}"))
        except Refused as refused:
            status, answer = refused.status, {"message": str(refused)}
            return status, typed(refused.code), json.dumps(answer).encode()
        return status, typed(), b"" if status == 204 else json.dumps(answer).encode()

    def create(self, request: dict) -> tuple[int, dict]:
        name = request["ConfigurationName"]
        arn = f"arn:aws:chatbot::{get_account_id()}:chat-configuration/slack-channel/{name}"
        if arn in self.channels:
            raise Refused("ConflictException", 409, f"{arn} exists already")
        channel = {
            "SlackTeamName": "emulated",
            "SlackChannelName": request["SlackChannelId"],
            "SnsTopicArns": [],
            "Tags": [],
            "State": "ENABLED",
            **UNSET,
            **request,
            "ChatConfigurationArn": arn,
        }
        channel["GuardrailPolicyArns"] = channel["GuardrailPolicyArns"] or [ADMINISTRATOR]
        self.channels[arn] = channel
        return 201, {"ChannelConfiguration": channel}

    def describe(self, request: dict) -> tuple[int, dict]:
        arn = request.get("ChatConfigurationArn")
        found = [c for key, c in self.channels.items() if arn in (None, key)]
        return 200, {"SlackChannelConfigurations": found}

    def update(self, request: dict) -> tuple[int, dict]:
        channel = self._channel(request["ChatConfigurationArn"])
        channel.update(request)
        return 200, {"ChannelConfiguration": channel}

    def delete(self, request: dict) -> tuple[int, dict]:
        self._channel(request["ChatConfigurationArn"])
        del self.channels[request["ChatConfigurationArn"]]
        return 204, {}

    def tag(self, request: dict) -> tuple[int, dict]:
        keys = [tag["TagKey"] for tag in request["Tags"]]
        self.untag({"ResourceARN": request["ResourceARN"], "TagKeys": keys})
        self._channel(request["ResourceARN"])["Tags"] += request["Tags"]
        return 200, {}

    def untag(self, request: dict) -> tuple[int, dict]:
        channel = self._channel(request["ResourceARN"])
        channel["Tags"] = [t for t in channel["Tags"] if t["TagKey"] not in request["TagKeys"]]
        return 200, {}

    def list_tags(self, request: dict) -> tuple[int, dict]:
        return 200, {"Tags": self._channel(request["ResourceARN"])["Tags"]}

    def _channel(self, arn: str) -> dict:
        if arn not in self.channels:
            raise Refused("ResourceNotFoundException", 404, f"no configuration {arn}")
        return self.channels[arn]


def typed(error: str = "") -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    return {**headers, "x-amzn-errortype": error} if error else headers

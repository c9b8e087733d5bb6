"""The Slack channel of the test provider, against a chatbot in memory: MiniStack has none.

    python -m unittest -v test_chatbot
"""

import http.server
import json
import os
import pathlib
import sys
import threading
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "provider"))

import provider  # noqa: E402 (the provider's own modules lie in its folder)
import schema  # noqa: E402

KIND = "aws_chatbot_slack_channel_configuration"
ARN = "arn:aws:chatbot::123456789012:chat-configuration/slack-channel/alerts"
CHANNEL = {
    "configuration_name": "alerts",
    "slack_channel_id": "C0123456789",
    "slack_team_id": "T0123456789",
    "iam_role_arn": "arn:aws:iam::123456789012:role/chat",
    "sns_topic_arns": ["arn:aws:sns:us-west-2:123456789012:alerts"],
}


class Chatbot(http.server.BaseHTTPRequestHandler):
    """As much of the service as one channel needs."""

    channels: dict[str, dict] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        answer: dict = {}
        match self.path.strip("/"):
            case "create-slack-channel-configuration":
                self.channels[ARN] = {**asked, "ChatConfigurationArn": ARN, "SlackTeamName": "us"}
                answer = {"ChannelConfiguration": self.channels[ARN]}
            case "describe-slack-channel-configurations":
                answer = {"SlackChannelConfigurations": list(self.channels.values())}
            case "update-slack-channel-configuration":
                self.channels[ARN].update(asked)
                answer = {"ChannelConfiguration": self.channels[ARN]}
            case "delete-slack-channel-configuration":
                self.channels.clear()
            case "list-tags-for-resource":
                answer = {"Tags": self.channels[ARN].get("Tags", [])}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


class SlackChannel(unittest.TestCase):
    def setUp(self) -> None:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Chatbot)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "secret",
        }
        patched = mock.patch.dict(os.environ, environment)
        patched.start()
        self.addCleanup(patched.stop)
        self.provider = provider.Provider()
        self.provider.configure({})

    def test_a_channel_from_birth_to_death(self) -> None:
        empty = dict.fromkeys(schema.RESOURCES[KIND]["attributes"])
        given = {**empty, **CHANNEL, "tags": {"owner": "us"}}
        self.assertEqual([], self.provider.validate(KIND, given))
        planned, _ = self.provider.plan(KIND, None, dict(given))
        made = self.provider.apply(KIND, None, planned)
        self.assertEqual((ARN, "us"), (made["chat_configuration_arn"], made["slack_team_name"]))
        self.assertEqual([{"TagKey": "owner", "TagValue": "us"}], Chatbot.channels[ARN]["Tags"])
        self.assertEqual(made, self.provider.read(KIND, dict(made)))

        planned, replacing = self.provider.plan(KIND, made, {**made, "logging_level": "ERROR"})
        self.assertEqual([], replacing)
        changed = self.provider.apply(KIND, made, planned)
        self.assertEqual("ERROR", Chatbot.channels[ARN]["LoggingLevel"])
        self.provider.apply(KIND, changed, None)
        self.assertIsNone(self.provider.read(KIND, changed))


if __name__ == "__main__":
    unittest.main()

"""The alarm function deployed as a bridge: subscribed to a topic of an emulated account, it posts what the
shipped handler published to services that check it against their documentation.

The binary is this machine's build ($SNAPKEEP_TEST_BINARIES, by default target/debug).
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "account"))

import services  # noqa: E402
from on_account import TRUST, allow, zipped  # noqa: E402
from published import REPOSITORY, published, whole_lives  # noqa: E402
from test_subscribers import OnATopic, block, eventually, key  # noqa: E402

BINARIES = pathlib.Path(os.environ.get("SNAPKEEP_TEST_BINARIES", REPOSITORY / "target" / "debug"))
ROUTING_KEY = "0123456789abcdef0123456789abcdef"


def package() -> bytes:
    """The alarm function as it is deployed, without its symbols."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "alarm"
        subprocess.run(["strip", "-o", stripped, BINARIES / "alarm"], check=True)
        return zipped("bootstrap", stripped.read_bytes())


class Bridges(OnATopic):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.functions, cls.iam = cls.account.client("lambda"), cls.account.client("iam")
        made = cls.iam.create_role(RoleName="bridge", AssumeRolePolicyDocument=json.dumps(TRUST))
        cls.role = made["Role"]["Arn"]
        may = {"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage")]}
        cls.iam.put_role_policy(RoleName="bridge", PolicyName="own", PolicyDocument=json.dumps(may))
        cls.zip = package()
        (cls.life, *_) = whole_lives(published("hybrid"), key)

    def bridge(self, **settings: str) -> str:
        """The ARN of a function with these settings."""
        self.function = self.name[-60:]
        made = self.functions.create_function(
            FunctionName=self.function,
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role=self.role,
            Code={"ZipFile": self.zip},
            Timeout=30,
            Environment={"Variables": settings},
        )
        return made["FunctionArn"]

    def service(self, made: services.Service) -> services.Service:
        self.addCleanup(made.stop)
        return made

    def subscribe(self, function: str) -> None:
        self.functions.add_permission(
            FunctionName=self.function,
            StatementId="topic",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=self.topic,
        )
        self.sns.subscribe(TopicArn=self.topic, Protocol="lambda", Endpoint=function)

    def hear(self, service: services.Service, messages: list[dict], posts=lambda message: 1) -> None:
        """One at a time: SNS doesn't promise an order. `posts` says how many come of a message."""
        for message in messages:
            count = len(service.received) + posts(message)
            self.publish([message])
            eventually("a post", lambda: len(service.received) == count or service.refused)
        self.assertEqual([], service.refused)

    def test_a_life_comes_into_a_slack_channel(self) -> None:
        slack = self.service(services.slack())
        self.subscribe(self.bridge(SNAPKEEP_BRIDGE="slack", SNAPKEEP_BRIDGE_URL=slack.url))
        self.hear(slack, self.life)
        titles = [block(message["message"])["title"] for message in self.life]
        self.assertEqual(titles, [message["text"] for message in slack.received])
        for message in slack.received:
            self.assertIn("Next step", json.dumps(message["blocks"]))
            self.assertIn("docs/runbook.md#", json.dumps(message["blocks"]))

    def test_each_level_of_a_life_pages_once_and_its_end_closes_them_all(self) -> None:
        def posts(message: dict) -> int:
            said = block(message["message"])
            return said["level"] if said["state"] == "OK" else 1

        pagerduty = self.service(services.pagerduty())
        settings = {"SNAPKEEP_BRIDGE_URL": pagerduty.url, "SNAPKEEP_BRIDGE_ROUTING_KEY": ROUTING_KEY}
        self.subscribe(self.bridge(SNAPKEEP_BRIDGE="pagerduty", **settings))
        self.hear(pagerduty, self.life, posts)
        incidents, own = services.Incidents(), key(self.life[0]["message"])
        *lasting, end = [block(message["message"]) for message in self.life]
        for event in pagerduty.received[: len(lasting)]:
            self.assertEqual("trigger", event["event_action"])
            incidents.receive(event)
        levels = sorted({said["level"] for said in lasting})
        self.assertGreater(len(levels), 1)
        keys = [own if level == 1 else f"{own}/level-{level}" for level in levels]
        self.assertEqual(keys, [page["dedup_key"] for page in incidents.pages])
        for page, level in zip(incidents.pages, levels, strict=True):
            details = page["payload"]["custom_details"]
            self.assertEqual(level, details["level"])
            called_in = details["called_in"] or page["payload"]["summary"]
            self.assertIn(called_in, page["payload"]["summary"], "who is paged reads it first")
        for event in pagerduty.received[len(lasting) :]:
            self.assertEqual("resolve", event["event_action"])
            incidents.receive(event)
        self.assertEqual((set(), end["level"]), (incidents.open, len(levels)))
        severities = {said["severity"] for said in lasting}
        self.assertLessEqual({it["payload"]["severity"] for it in pagerduty.received}, severities)

    def test_what_cannot_be_delivered_fails_the_run_and_says_no_secret(self) -> None:
        slack = self.service(services.slack())
        self.bridge(SNAPKEEP_BRIDGE="slack", SNAPKEEP_BRIDGE_URL=slack.url)
        slack.fail = 1
        answer = self.invoke(self.life[0])
        self.assertEqual("Retryable", answer["errorType"])
        self.assertIn("HTTP503", answer["errorMessage"])
        self.assertNotIn("secret", answer["errorMessage"])
        self.assertIsNone(self.invoke(self.life[0]), "and the next run delivers it")
        self.assertEqual(1, len(slack.received))

    def test_a_service_that_refuses_is_told_apart_from_one_that_is_away(self) -> None:
        pagerduty = self.service(services.pagerduty())
        settings = {"SNAPKEEP_BRIDGE_URL": pagerduty.url, "SNAPKEEP_BRIDGE_ROUTING_KEY": "too-short"}
        self.bridge(SNAPKEEP_BRIDGE="pagerduty", **settings)
        answer = self.invoke(self.life[0])
        self.assertEqual("NonRetryable", answer["errorType"])
        self.assertIn("HTTP400: invalid_payload", answer["errorMessage"])

    def invoke(self, message: dict):
        """As SNS does, and with the answer that SNS doesn't show."""
        sns = {"MessageId": "m-1", "Subject": message["subject"], "Message": message["message"]}
        event = json.dumps({"Records": [{"EventSource": "aws:sns", "Sns": sns}]})
        answer = self.functions.invoke(FunctionName=self.function, Payload=event)
        return json.load(answer["Payload"])


if __name__ == "__main__":
    unittest.main()

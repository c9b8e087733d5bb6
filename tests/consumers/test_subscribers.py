"""What the shipped handler published, published again on an emulated account, and read by what is
subscribed there: queues with filter policies, and an HTTP endpoint."""

import json
import pathlib
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "account"))

from emulated import Account  # noqa: E402
from endpoint import Endpoint  # noqa: E402
from pager import Pager  # noqa: E402
from published import published, whole_lives  # noqa: E402

PATIENCE_S = 30


def eventually(what: str, look):
    end = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"in {PATIENCE_S} s: {what}")
        time.sleep(0.2)
    return found


def block(message: str) -> dict:
    return json.loads(message)["snapkeep"]


def key(message: str) -> str:
    return block(message)["key"]


class OnATopic(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.account = Account()
        cls.addClassCleanup(cls.account.stop)
        cls.sns, cls.sqs = cls.account.client("sns"), cls.account.client("sqs")

    def setUp(self) -> None:
        self.name = self._testMethodName.removeprefix("test_")[:60]
        self.topic = self.sns.create_topic(Name=self.name)["TopicArn"]

    def queue(self, suffix: str, **attributes) -> str:
        """The URL of a queue that is subscribed so."""
        url = self.sqs.create_queue(QueueName=f"{self.name[:40]}-{suffix}")["QueueUrl"]
        said = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = said["Attributes"]["QueueArn"]
        texts = {n: v if isinstance(v, str) else json.dumps(v) for n, v in attributes.items()}
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=texts)
        return url

    def publish(self, messages: list[dict]) -> None:
        """As they came over the wire, byte for byte."""
        for message in messages:
            attributes = message["attributes"].items()
            self.sns.publish(
                TopicArn=self.topic,
                Subject=message["subject"],
                Message=message["message"],
                MessageAttributes={n: {"DataType": "String", "StringValue": v} for n, v in attributes},
            )

    def received(self, url: str) -> list[dict]:
        found = []
        while batch := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                found.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


class Queues(OnATopic):
    def test_filters_by_attributes_and_by_the_body_let_the_same_through(self) -> None:
        messages = published("hybrid")
        raw = {"RawMessageDelivery": "true"}
        by_body = {"FilterPolicyScope": "MessageBody", **raw}
        critical = {"severity": ["critical"]}
        not_reminded = {"status": [{"anything-but": "reminded"}], "resource_type": ["database"]}
        queues = {
            "all": self.queue("all", **raw),
            "critical": self.queue("critical", FilterPolicy=critical, **raw),
            "critical-body": self.queue("critical-body", FilterPolicy={"snapkeep": critical}, **by_body),
            "changes": self.queue("changes", FilterPolicy=not_reminded, **raw),
            "changes-body": self.queue("changes-body", FilterPolicy={"snapkeep": not_reminded}, **by_body),
            "ok-body": self.queue("ok-body", FilterPolicy={"NewStateValue": ["OK"]}, **by_body),
            "none": self.queue("none", FilterPolicy={"environment": ["another"]}, **raw),
        }
        self.publish(messages)
        heard = {name: sorted(self.received(url)) for name, url in queues.items()}

        def expected(keep) -> list[str]:
            return sorted(message["message"] for message in messages if keep(message["attributes"]))

        self.assertEqual(expected(lambda _: True), heard["all"])
        self.assertEqual(expected(lambda it: it["severity"] == "critical"), heard["critical"])
        self.assertTrue(0 < len(heard["critical"]) < len(messages), "a filter that filters")
        changes = expected(lambda it: it["status"] != "reminded" and it["resource_type"] == "database")
        self.assertEqual(changes, heard["changes"])
        self.assertEqual(heard["critical"], heard["critical-body"])
        self.assertEqual(heard["changes"], heard["changes-body"])
        self.assertEqual(expected(lambda it: it["status"] == "resolved"), heard["ok-body"])
        self.assertEqual([], heard["none"])

    def test_a_life_comes_out_of_a_queue_as_it_went_in(self) -> None:
        (life, *_) = whole_lives(published("hybrid"), key)
        url = self.queue("all")
        self.publish(life)
        envelopes = [json.loads(body) for body in self.received(url)]
        by_time = sorted((block(it["Message"]) for it in envelopes), key=lambda it: it["told_at"])
        statuses = [it["status"] for it in by_time]
        self.assertEqual(("opened", "resolved"), (statuses[0], statuses[-1]))
        self.assertEqual(1, len({it["key"] for it in by_time}))
        for envelope in envelopes:
            said = {name: it["Value"] for name, it in envelope["MessageAttributes"].items()}
            self.assertEqual(block(envelope["Message"])["status"], said["status"])


class OverHttp(OnATopic):
    def setUp(self) -> None:
        super().setUp()
        self.endpoint = Endpoint()
        self.addCleanup(self.endpoint.stop)

    def test_an_endpoint_confirms_and_then_hears_a_whole_life(self) -> None:
        (life, *_) = whole_lives(published("hybrid"), key)
        self.sns.subscribe(TopicArn=self.topic, Protocol="http", Endpoint=self.endpoint.url)
        self.assertTrue(self.endpoint.confirmed.wait(PATIENCE_S), self.endpoint.wrong)
        pager = Pager()
        for count, message in enumerate(life, 1):
            # One at a time: SNS doesn't promise an order.
            self.publish([message])
            eventually("a notification", lambda: len(self.endpoint.notifications) == count)
            heard = self.endpoint.notifications[-1]
            self.assertEqual(self.topic, heard["TopicArn"])
            self.assertEqual(message["message"], heard["Message"])
            pager.receive(heard["Subject"], heard["Message"])
        self.assertEqual([], self.endpoint.wrong)
        self.assertEqual([key(life[0]["message"])], [incident["name"] for incident in pager.closed])


if __name__ == "__main__":
    unittest.main()

"""An alarm's whole life, read by each reader of messages, from what the shipped handler published."""

import json
import re
import unittest

import chat
from mail import Letter
from pager import Pager
from published import ATTRIBUTES, FORMATS, published, whole_lives

# Source: SNS API reference, `Publish`.
BYTES_MAX, SUBJECT_CHARS_END = 256 * 1024, 100


def thread(message: str) -> str:
    return json.loads(message)["metadata"]["threadId"]


def name(message: str) -> str:
    return json.loads(message)["AlarmName"]


class EveryMessage(unittest.TestCase):
    def test_is_one_that_sns_takes_and_that_filters_can_tell(self) -> None:
        for written_for in FORMATS:
            for message in published(written_for):
                self.assertTrue(message["topic"].startswith("arn:aws:sns:"))
                self.assertTrue(message["subject"].isascii() and message["subject"].isprintable())
                self.assertLess(len(message["subject"]), SUBJECT_CHARS_END)
                self.assertEqual(ATTRIBUTES, set(message["attributes"]))
                size = len(message["message"].encode()) + len(json.dumps(message["attributes"]))
                self.assertLess(size, BYTES_MAX)

    def test_tells_the_same_in_each_format(self) -> None:
        said = {
            written_for: [(it["subject"], it["attributes"]) for it in published(written_for)]
            for written_for in FORMATS
        }
        for written_for in FORMATS:
            self.assertEqual(said["hybrid"], said[written_for], written_for)


class ByAProgram(unittest.TestCase):
    DURATION = re.compile(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")

    def test_what_may_be_lost_and_what_could_be_restored_are_fields(self) -> None:
        blocks = [json.loads(message["message"])["snapkeep"] for message in published("hybrid")]
        for block in blocks:
            for name in {"rpo", "age"} & block.keys():
                self.assertTrue(self.DURATION.fullmatch(block[name]), block[name])
        exceeded = [block for block in blocks if block["condition"] == "recovery-point-missing"]
        self.assertTrue(exceeded)
        self.assertTrue(any("recovery_point" in block and "age" in block for block in exceeded))
        for block in exceeded:
            self.assertTrue(block.get("recovery_point", "snapkeep-").startswith("snapkeep-"))


class ByAChat(unittest.TestCase):
    def test_an_alarm_is_one_thread_from_its_opening_to_its_end(self) -> None:
        for written_for in ("hybrid", "chat"):
            channel = chat.Channel()
            for message in published(written_for):
                channel.receive(message["message"])
            lives = whole_lives(published(written_for), thread)
            self.assertTrue(lives, written_for)
            for life in lives:
                cards = channel.threads[thread(life[0]["message"])]
                self.assertEqual(len(life), len(cards))
                self.assertTrue(cards[0]["content"]["title"].startswith("ALARM: "))
                self.assertTrue(cards[-1]["content"]["title"].startswith("OK: "))
                for card in cards:
                    step, runbook = card["content"]["nextSteps"]
                    self.assertTrue(step)
                    self.assertIn(f"#{card['metadata']['eventType']}", runbook)

    def test_what_is_no_notification_is_dropped(self) -> None:
        good = json.loads(published("chat")[0]["message"])
        for wrong in (
            {"version": "2.0"}, {"source": "aws.cloudwatch"}, {"content": {"title": "without a description"}},
            {"content": {**good["content"], "title": "x" * 251}},
            {"metadata": {"additionalContext": {"level": 1}}},
        ):
            with self.assertRaises(chat.NoNotification):
                chat.read(json.dumps({**good, **wrong}))
        for message in (published("cloudwatch")[0], published("plain")[0]):
            with self.assertRaises(chat.NoNotification):
                chat.read(message["message"])


class ByAPager(unittest.TestCase):
    def test_an_alarm_is_one_incident_and_its_end_closes_it(self) -> None:
        for written_for in ("hybrid", "cloudwatch"):
            pager = Pager()
            for message in published(written_for):
                pager.receive(message["subject"], message["message"])
            closed = {incident["name"]: incident for incident in pager.closed}
            lives = whole_lives(published(written_for), name)
            self.assertTrue(lives, written_for)
            for life in lives:
                incident = closed[name(life[0]["message"])]
                self.assertEqual(len(life) - 1, incident["told"])
                self.assertGreater(incident["lasted"].total_seconds(), 0)


class ByEmail(unittest.TestCase):
    def test_an_alarm_is_text_that_a_person_reads(self) -> None:
        letters = [Letter(it["subject"], it["message"]) for it in published("plain")]
        for letter, message in zip(letters, published("plain"), strict=True):
            self.assertEqual(message["subject"], letter.subject)
            self.assertEqual([], letter.too_long())
            self.assertIn(f"#{message['attributes']['event_type']}", letter.fact("Runbook"))
            self.assertTrue(letter.fact("Next step").endswith((".", "?")))
            self.assertIn(message["attributes"]["status"], letter.fact("Status"))
            self.assertNotIn("{", letter.lines[0])
        lives = whole_lives(published("plain"), lambda text: Letter("s", text).fact("Key"))
        self.assertTrue(lives)
        for life in lives:
            last = Letter(life[-1]["subject"], life[-1]["message"])
            self.assertTrue(last.subject.startswith("OK: "))
            self.assertTrue(last.fact("Until"))


if __name__ == "__main__":
    unittest.main()

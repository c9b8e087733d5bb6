"""What the test provider decides by itself: policy documents, schedules, what is the same.

    python -m unittest -v test_documents
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "provider"))

import checks  # noqa: E402 (the provider's own modules lie in its folder)
import policies  # noqa: E402
import values  # noqa: E402
import wire  # noqa: E402
from entry import Refused  # noqa: E402


def statement(**more) -> dict:
    return {"actions": ["s3:GetObject"], "resources": ["*"], **more}


def minified(*statements: dict, **more) -> str:
    return policies.document({"statement": list(statements), **more})["minified_json"]


class Documents(unittest.TestCase):
    def test_the_text_is_the_real_providers(self) -> None:
        given = statement(
            sid="Read",
            actions=["s3:GetBucketLocation", "s3:ListAllMyBuckets"],
            resources=["arn:aws:s3:::home/&{aws:username}"],
            principals=[{"type": "AWS", "identifiers": ["arn:a", "arn:b"]}],
            condition=[{"test": "NumericLess", "variable": "x", "values": ["<5"]}],
        )
        self.assertEqual(
            """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation"
      ],
      "Resource": "arn:aws:s3:::home/${aws:username}",
      "Principal": {
        "AWS": [
          "arn:b",
          "arn:a"
        ]
      },
      "Condition": {
        "NumericLess": {
          "x": "\\u003c5"
        }
      }
    }
  ]
}""",
            policies.document({"statement": [given]})["json"],
        )

    def test_conditions_of_one_test_are_merged_in_their_order(self) -> None:
        both = [
            {"test": "StringEquals", "variable": "b", "values": ["2", "1"]},
            {"test": "StringEquals", "variable": "a", "values": ["1"]},
        ]
        made = json.loads(minified(statement(condition=both)))["Statement"][0]["Condition"]
        self.assertEqual({"StringEquals": {"a": "1", "b": ["2", "1"]}}, made)

    def test_everybody_is_a_star(self) -> None:
        everybody = [{"type": "*", "identifiers": ["*"]}]
        self.assertIn('"Principal":"*"', minified(statement(principals=everybody)))
        of_aws = [{"type": "AWS", "identifiers": ["*"]}]
        self.assertIn('"Principal":{"AWS":"*"}', minified(statement(principals=of_aws)))

    def test_sources_come_first_and_overrides_replace(self) -> None:
        first = minified(statement(sid="A"), policy_id="old")
        over = minified(statement(sid="A", effect="Deny"), policy_id="new")
        made = json.loads(minified(
            statement(sid="B"),
            source_policy_documents=[first],
            override_policy_documents=[over],
        ))
        self.assertEqual("new", made["Id"])
        effects = [(each["Sid"], each["Effect"]) for each in made["Statement"]]
        self.assertEqual([("A", "Deny"), ("B", "Allow")], effects)

    def test_a_sid_stands_once(self) -> None:
        with self.assertRaisesRegex(Refused, r"duplicate Sid \(A\)"):
            minified(statement(sid="A"), statement(sid="A"))
        source = minified(statement(sid="A"))
        with self.assertRaisesRegex(Refused, r"source document 1: duplicate Sid \(A\)"):
            minified(source_policy_documents=[source, source])

    def test_old_documents_have_no_variables(self) -> None:
        with self.assertRaisesRegex(Refused, "version 2008-10-17"):
            minified(statement(resources=["&{x}"]), version="2008-10-17")


class Policies(unittest.TestCase):
    GOOD = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    CASES = [
        ({}, None),
        ({"Action": ["s3:GetObject", "*"]}, None),
        ({"Effect": "allow"}, "has the Effect 'allow'"),
        ({"Action": "GetObject"}, "is no service:Action"),
        ({"Resource": None}, "exactly one of Resource and NotResource"),
        ({"NotAction": "s3:*"}, "exactly one of Action and NotAction"),
        ({"Principal": "*"}, "which no identity policy can have"),
        ({"Resources": "*"}, "which no statement has"),
    ]

    def test_what_aws_refuses(self) -> None:
        check = policies.policy("identity", 500)
        for change, complaint in self.CASES:
            with self.subTest(change):
                said = check(json.dumps({"Version": "2012-10-17", "Statement": self.GOOD | change}))
                self.assertIn(complaint or "None", str(said))
        long = {"Version": "2012-10-17", "Statement": self.GOOD | {"Sid": "x" * 500}}
        self.assertIn("characters, allowed are 500", check(json.dumps(long)))
        self.assertIn("Version is '2012'", check('{"Version":"2012","Statement":[]}'))


class Schedules(unittest.TestCase):
    GOOD = [
        "rate(1 minute)", "rate(5 minutes)", "rate(1 day)", "cron(0 2 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI *)", "cron(0 6 1,15 * ? 2026)", "cron(0 2 ? * 6#3 *)",
        "cron(0 2 L * ? *)", "cron(0 2 ? JAN,JUL 2L *)", "at(2026-11-26T02:00:00)",
    ]
    BAD = [
        "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(5 weeks)", "cron(0 2 * * *)",
        "cron(0 2 * * * *)", "cron(0 2 ? * ? *)", "cron(60 2 * * ? *)", "cron(0 24 * * ? *)",
        "cron(0 2 32 * ? *)", "cron(0 2 ? * 8 *)", "cron(0 2 * 13 ? *)", "cron(0/0 2 * * ? *)",
        "at(2026-11-26)", "every day", "",
    ]

    def test_schedules(self) -> None:
        for expression in self.GOOD:
            self.assertIsNone(checks.schedule_expression(expression), expression)
        for expression in self.BAD:
            self.assertIsNotNone(checks.schedule_expression(expression), expression)
        self.assertIsNotNone(checks.rule_schedule("at(2026-11-26T02:00:00)"))

    def test_buckets(self) -> None:
        for name in ("abc", "a.b-c", "snapkeep-state-123456789012"):
            self.assertIsNone(checks.bucket_name(name), name)
        for name in ("ab", "A-b", "a..b", "-ab", "1.2.3.4", "xn--ab", "a" * 64, "ab-s3alias"):
            self.assertIsNotNone(checks.bucket_name(name), name)


class Sameness(unittest.TestCase):
    CASES = [
        (None, "anything", True),
        ("a", "b", False),
        ({"a": "1"}, {"a": "1", "b": "2"}, True),
        ({"a": "1"}, {"a": "2"}, False),
        (["a", "b"], ["b", "a"], True),
        (["a"], ["a", "b"], False),
        ('{"Action":["a"]}', '{ "Action": "a" }', True),
        ('{"Action":["a","b"]}', '{"Action":["b","a"]}', True),
        ('{"Action":"a"}', '{"Action":"b"}', False),
        (False, None, True),
        (True, None, False),
    ]

    def test_what_was_found_against_the_state(self) -> None:
        for stated, found, expected in self.CASES:
            with self.subTest(stated=stated, found=found):
                self.assertEqual(expected, values.same(stated, found))


class Wire(unittest.TestCase):
    def test_values_survive_the_wire(self) -> None:
        value = {"name": "x", "timeout": 30, "rate": 0.5, "tags": {"a": "b"}, "list": [1, None]}
        self.assertEqual(value, wire.decode(wire.encode(value)))

    def test_what_is_not_known_stays_so(self) -> None:
        self.assertIs(wire.UNKNOWN, wire.decode(wire.encode({"id": wire.UNKNOWN}))["id"])


if __name__ == "__main__":
    unittest.main()

"""What the test provider refuses, as the real one or AWS would.

    python -m unittest -v test_refusals
"""

import unittest

import terraform
from roots import OnAnAccount

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"lambda.amazonaws.com"}}]}'
)
ROLE = "arn:aws:iam::123456789012:role/r"
FUNCTION = {"function_name": "f", "role": ROLE, "filename": "f.zip", "handler": "h",
            "runtime": "provided.al2023"}
TARGET = {"arn": ROLE, "role_arn": ROLE}
SCHEDULE = {"flexible_time_window": {"mode": "OFF"}, "target": TARGET}
# Type, arguments, and what the complaint is about.
BAD = [
    ("aws_lambda_function", FUNCTION | {"timeout": 1000}, "timeout: 1000"),
    ("aws_lambda_function", FUNCTION | {"memory_size": 64}, "memory_size: 64"),
    ("aws_lambda_function", FUNCTION | {"runtime": "provided.al1"}, "runtime: 'provided.al1'"),
    ("aws_lambda_function", FUNCTION | {"s3_bucket": "b"}, "exactly one of filename"),
    ("aws_cloudwatch_log_group", {"name": "g", "retention_in_days": 31}, "retention_in_days: 31"),
    ("aws_iam_role", {"name": "r" * 65, "assume_role_policy": TRUST}, "name of a role"),
    ("aws_iam_role", {"name": "r", "assume_role_policy": "{"}, "this policy is not JSON"),
    ("aws_iam_role", {"name": "r", "assume_role_policy": TRUST.replace("Allow", "allow")},
     "has the Effect 'allow'"),
    ("aws_iam_role_policy", {"role": "r", "policy": TRUST}, "exactly one of Resource"),
    ("aws_scheduler_schedule", SCHEDULE | {"schedule_expression": "rate(1 minutes)"}, "singular"),
    ("aws_scheduler_schedule", SCHEDULE | {"schedule_expression": "cron(0 2 * * *)"}, "5 fields"),
    ("aws_scheduler_schedule", SCHEDULE | {
        "schedule_expression": "rate(1 minute)", "schedule_expression_timezone": "Europe/Wien"},
     "'Europe/Wien' is no IANA time zone"),
    ("aws_cloudwatch_event_rule", {"name": "r", "schedule_expression": "at(2026-01-01T00:00:00)"},
     "is no schedule"),
    ("aws_cloudwatch_event_rule", {"name": "r", "event_pattern": "{"}, "this is not JSON"),
    ("aws_s3_bucket", {"bucket": "Upper_Case"}, "'Upper_Case' is no name of a bucket"),
    ("aws_sqs_queue", {"name": "q", "message_retention_seconds": 5}, "_retention_seconds: 5"),
    ("aws_kms_key", {"deletion_window_in_days": 3}, "deletion_window_in_days: 3"),
    ("aws_kms_alias", {"name": "snapkeep", "target_key_id": "k"}, "'snapkeep' is no name"),
    ("aws_route_table", {"vpc_id": "vpc-1", "propagating_vgws": ["vgw-1"]}, "can't do this"),
]


class WhatIsRefused(OnAnAccount):
    def refused(self, call, *arguments, **variables) -> str:
        with self.assertRaises(terraform.Failed) as failed:
            call(*arguments, **variables)
        # Terraform breaks lines and frames them.
        return " ".join(str(failed.exception).replace("│", " ").split())

    def test_bad_values(self) -> None:
        blocks: dict = {}
        for number, (kind, values, _) in enumerate(BAD):
            blocks.setdefault(kind, {})[f"bad{number}"] = terraform.literal(values)
        said = self.refused(self.root("bad", resource=blocks).validate)
        for number, (kind, _, complaint) in enumerate(BAD):
            with self.subTest(kind, complaint=complaint):
                self.assertIn(" ".join(complaint.split()), said)
                self.assertIn(f'"bad{number}"', said)

    def test_an_unknown_type(self) -> None:
        root = self.root("unknown", resource={"aws_dynamodb_table": {"t": {"name": "t"}}})
        complaint = 'does not support resource type "aws_dynamodb_table"'
        self.assertIn(complaint, self.refused(root.validate))

    def test_an_unknown_argument(self) -> None:
        root = self.root("misspelt", resource={"aws_sqs_queue": {"q": {"nmae": "q"}}})
        self.assertIn("nmae", self.refused(root.validate))

    def test_a_bad_value_that_is_known_late(self) -> None:
        late = {"input": TRUST}
        role = {"role": "r", "policy": "${terraform_data.late.output}"}
        root = self.root(
            "late", resource={"terraform_data": {"late": late}, "aws_iam_role_policy": {"p": role}}
        )
        root.validate()
        self.assertIn("exactly one of Resource", self.refused(root.apply))

    def test_what_the_provider_cannot_do(self) -> None:
        root = self.root("assuming", {"assume_role": {"role_arn": ROLE}}, data={
            "aws_caller_identity": {"me": {}}
        })
        self.assertIn("the test provider can't do assume_role", self.refused(root.plan))


if __name__ == "__main__":
    unittest.main()

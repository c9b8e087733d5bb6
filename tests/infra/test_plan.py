"""What was applied, read as `terraform show -json` tells it: what no emulated account enforces, and
what holds for two deployments in one account.

`prod` has all that the module can make, a permissions boundary and tags; `staging` is in the same
network, from zips in S3.
"""

import json
import types
import unittest

from botocore.exceptions import ClientError

from deployment import ACCOUNT_ID, HOME, VERBS, Account, deployment
from judged import ALLOW_ALL, as_list
from made import WIDE, Made, arn, is_wide, statements
from place import make_instance, released, tags, variables, wake

TAGS = {"team": "databases", "cost-center": "7"}
on = types.SimpleNamespace()


def setUpModule() -> None:
    on.account = Account(enforce=True)
    unittest.addModuleCleanup(on.account.stop)
    key = on.account.client("kms").create_key()["KeyMetadata"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW_ALL]})
    boundary = on.account.client("iam").create_policy(
        PolicyName="boundary", PolicyDocument=document
    )
    on.boundary = boundary["Policy"]["Arn"]
    on.variables = variables(
        on.account,
        name="prod",
        database_key_arns=[key],
        permissions_boundary=on.boundary,
        tags=TAGS,
    )
    on.root = deployment("plan-prod", on.account.url, **on.variables)
    on.root.apply()
    on.made = Made(on.root.show()["values"]["root_module"])
    on.key = on.root.output()["kms_key_arn"]


class Functions(unittest.TestCase):
    def test_each_runs_once_at_a_time_and_once_an_event_and_leaves_what_failed_in_its_own_queue(
        self,
    ) -> None:
        functions, invokes = (
            on.made.by("function_name", "lambda_function"),
            on.made.by("function_name", "lambda_function_event_invoke_config"),
        )
        self.assertEqual({f"prod-{verb}" for verb in VERBS}, set(functions))
        for name, function in functions.items():
            self.assertEqual(1, function["reserved_concurrent_executions"])
            self.assertEqual(["x86_64"], function["architectures"])
            self.assertEqual(on.key, function["kms_key_arn"])
            self.assertEqual(f"arn:aws:iam::{ACCOUNT_ID}:role/{name}", function["role"])
            self.assertEqual(0, invokes[name]["maximum_retry_attempts"])
            destination = invokes[name]["destination_config"][0]["on_failure"][0]["destination"]
            self.assertEqual(arn("sqs", f"{name}-failed"), destination)

    def test_each_has_a_log_group_that_is_kept_and_encrypted(self) -> None:
        groups = on.made.by("name", "cloudwatch_log_group")
        for name, function in on.made.by("function_name", "lambda_function").items():
            logging = function["logging_config"][0]
            self.assertEqual(
                (f"/aws/lambda/{name}", "JSON"), (logging["log_group"], logging["log_format"])
            )
            group = groups[f"/aws/lambda/{name}"]
            self.assertEqual((365, on.key), (group["retention_in_days"], group["kms_key_id"]))

    def test_each_role_is_trusted_by_its_service_alone_and_has_the_boundary(self) -> None:
        roles = on.made.by("name", "iam_role")
        self.assertEqual(
            {f"prod-{verb}{of}" for verb in VERBS for of in ("", "-schedule")}, set(roles)
        )
        for name, role in roles.items():
            self.assertEqual(on.boundary, role["permissions_boundary"])
            (trust,) = json.loads(role["assume_role_policy"])["Statement"]
            scheduled = name.endswith("-schedule")
            service = "scheduler.amazonaws.com" if scheduled else "lambda.amazonaws.com"
            self.assertEqual({"Service": service}, trust["Principal"])
            if scheduled:
                condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
                self.assertEqual(condition, trust["Condition"])

    def test_no_statement_is_about_every_resource_but_those_that_must_be(self) -> None:
        wide = set()
        for policy in on.made.all_of("iam_role_policy"):
            for sid, statement in statements(policy["policy"]).items():
                if statement["Effect"] == "Allow" and any(
                    map(is_wide, as_list(statement["Resource"]))
                ):
                    wide.add(sid)
        self.assertEqual(set(WIDE), wide)


class Wakes(unittest.TestCase):
    def test_each_schedule_wakes_exactly_its_function_and_says_for_when(self) -> None:
        roles = on.made.by("role", "iam_role_policy")
        for name, schedule in on.made.by("name", "scheduler_schedule").items():
            (target,) = schedule["target"]
            report = name.removeprefix("prod-report-") if "-report-" in name else None
            name = "prod-alarm" if report else name
            queue = arn("sqs", f"{name}-failed")
            self.assertEqual(arn("lambda", f"function:{name}"), target["arn"])
            self.assertEqual(f"arn:aws:iam::{ACCOUNT_ID}:role/{name}-schedule", target["role_arn"])
            self.assertEqual(queue, target["dead_letter_config"][0]["arn"])
            verb = name.removeprefix("prod-")
            # The literal text, as EventBridge Scheduler replaces it.
            asked = f'"report":"{report}",' if report else ""
            said = f'{{{asked}"scheduled_at":"<aws.scheduler.scheduled-time>","verb":"{verb}"}}'
            self.assertEqual(said, target["input"])
            allowed = statements(roles[f"{name}-schedule"]["policy"]).values()
            may = {
                (action, each["Resource"]) for each in allowed for action in as_list(each["Action"])
            }
            expected = {
                ("lambda:InvokeFunction", target["arn"]),
                ("sqs:SendMessage", queue),
                ("kms:Decrypt", on.key),
                ("kms:GenerateDataKey", on.key),
            }
            self.assertEqual(expected, may)

    def test_each_rules_target_lets_that_rule_of_this_account_in(self) -> None:
        permissions, rules = (
            on.made.by("source_arn", "lambda_permission"),
            on.made.by("name", "cloudwatch_event_rule"),
        )
        targets = on.made.all_of("cloudwatch_event_target")
        self.assertEqual(set(rules), {each["rule"] for each in targets})
        self.assertEqual({each["arn"] for each in rules.values()}, set(permissions))
        for target in targets:
            permission = permissions[rules[target["rule"]]["arn"]]
            self.assertEqual("events.amazonaws.com", permission["principal"])
            self.assertEqual("lambda:InvokeFunction", permission["action"])
            self.assertEqual(ACCOUNT_ID, permission["source_account"])
            self.assertEqual(
                target["arn"], arn("lambda", f"function:{permission['function_name']}")
            )
            queue = arn("sqs", f"{permission['function_name']}-failed")
            self.assertEqual(queue, target["dead_letter_config"][0]["arn"])


class Keeping(unittest.TestCase):
    def test_the_key_is_for_the_services_that_deliver_and_write_logs_here(self) -> None:
        (home,) = [each for each in on.made.all_of("kms_key") if each["arn"] == on.key]
        said = statements(home["policy"])
        of_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
        delivers = said["AlarmsAndEvents"]
        services = {"cloudwatch.amazonaws.com", "events.amazonaws.com"}
        self.assertEqual(services, set(delivers["Principal"]["Service"]))
        self.assertEqual({"kms:Decrypt", "kms:GenerateDataKey"}, set(delivers["Action"]))
        self.assertEqual(of_account, delivers["Condition"])
        logs = said["Logs"]
        self.assertEqual({"Service": f"logs.{HOME}.amazonaws.com"}, logs["Principal"])
        context = {
            "kms:EncryptionContext:aws:logs:arn": arn("logs", "log-group:/aws/lambda/prod-*")
        }
        self.assertEqual({"ArnLike": context}, logs["Condition"])
        for key in on.made.all_of("kms_key"):
            self.assertTrue(key["enable_key_rotation"])

    def test_bucket_topic_and_queues_are_encrypted_and_reached_over_tls_alone(self) -> None:
        policies = (
            on.made.all_of("s3_bucket_policy")
            + on.made.all_of("sns_topic_policy")
            + on.made.all_of("sqs_queue_policy")
        )
        self.assertEqual(7, len(policies))
        for policy in policies:
            tls = statements(policy["policy"])["OnlyOverTls"]
            self.assertEqual(("Deny", "*"), (tls["Effect"], tls["Principal"]))
            self.assertEqual({"Bool": {"aws:SecureTransport": "false"}}, tls["Condition"])
        for each in on.made.all_of("sns_topic") + on.made.all_of("sqs_queue"):
            self.assertEqual(on.key, each["kms_master_key_id"])

    def test_the_topic_is_for_alarms_of_this_account(self) -> None:
        (topic,) = on.made.all_of("sns_topic_policy")
        alarms = statements(topic["policy"])["CloudWatchAlarmsOfThisAccount"]
        self.assertEqual({"Service": "cloudwatch.amazonaws.com"}, alarms["Principal"])
        self.assertEqual({"aws:SourceAccount": ACCOUNT_ID}, alarms["Condition"]["StringEquals"])
        named = {"aws:SourceArn": arn("cloudwatch", "alarm:prod-*")}
        self.assertEqual(named, alarms["Condition"]["ArnLike"])

    def test_the_bucket_keeps_versions_locks_encrypts_is_private_and_forgets_passwords(
        self,
    ) -> None:
        (bucket,), (versions,) = on.made.all_of("s3_bucket"), on.made.all_of("s3_bucket_versioning")
        self.assertTrue(bucket["object_lock_enabled"])
        self.assertFalse(bucket["force_destroy"])
        self.assertEqual("Enabled", versions["versioning_configuration"][0]["status"])
        (encryption,), (block,) = (
            on.made.all_of("s3_bucket_server_side_encryption_configuration"),
            on.made.all_of("s3_bucket_public_access_block"),
        )
        default = encryption["rule"][0]["apply_server_side_encryption_by_default"][0]
        self.assertEqual(
            ("aws:kms", on.key), (default["sse_algorithm"], default["kms_master_key_id"])
        )
        blocked = (
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        )
        self.assertTrue(all(block[each] for each in blocked))
        (lifecycle,) = on.made.all_of("s3_bucket_lifecycle_configuration")
        rules = {rule["filter"][0]["prefix"]: rule for rule in lifecycle["rule"]}
        scratch = rules["scratch/"]
        self.assertEqual(("Enabled", 8), (scratch["status"], scratch["expiration"][0]["days"]))
        self.assertEqual(1, scratch["noncurrent_version_expiration"][0]["noncurrent_days"])
        for prefix, rule in rules.items():
            ends = prefix in ("scratch/", "reports/")
            self.assertEqual(ends, bool(rule["expiration"]), "nothing else ends")

    def test_alarms_about_silence_are_raised_by_silence_and_all_are_told(self) -> None:
        alarms = on.made.by("alarm_name", "cloudwatch_metric_alarm")
        silent = {f"prod-{verb}-silent" for verb in VERBS} | {"prod-unproven"}
        self.assertEqual(3 * len(VERBS) + 3, len(alarms))
        breaching = {
            name for name, each in alarms.items() if each["treat_missing_data"] == "breaching"
        }
        self.assertEqual(silent, breaching)
        for alarm in alarms.values():
            self.assertEqual([arn("sns", "prod-alarms")], alarm["alarm_actions"])
            self.assertEqual([arn("sns", "prod-alarms")], alarm["ok_actions"])
            self.assertTrue(alarm["actions_enabled"])

    def test_all_that_can_have_tags_has_them(self) -> None:
        can = [each for each in on.made.resources if "tags" in each["values"]]
        self.assertGreater(len(can), 50)
        for each in can:
            self.assertEqual(TAGS, each["values"]["tags"], each["address"])


class Changes(unittest.TestCase):
    def test_another_policy_changes_the_policy_document_and_nothing_else(self) -> None:
        policies = json.loads(json.dumps(on.variables["policies"]))
        policies["standard"]["retention"] = {"daily": 8, "yearly": "all"}
        changed = {**on.variables, "policies": policies}
        changes = deployment("plan-prod", on.account.url, **changed).planned()["resource_changes"]
        done = {
            each["address"]: each["change"]["actions"]
            for each in changes
            if each["mode"] == "managed" and each["change"]["actions"] != ["no-op"]
        }
        self.assertEqual({"module.under_test.aws_s3_object.policy": ["update"]}, done)

    def test_a_second_deployment_lies_beside_the_first_and_cannot_touch_its_recovery_points(
        self,
    ) -> None:
        self.apply_from_s3()
        rds, point = on.account.client("rds"), {"DBSnapshotIdentifier": "snapkeep-orders-1"}
        wake(on.account, False)
        self.addCleanup(wake, on.account, True)
        make_instance(rds, "orders", [])
        made = rds.create_db_snapshot(
            DBInstanceIdentifier="orders", **point, Tags=tags(owner="prod")
        )
        subject = {"ResourceName": made["DBSnapshot"]["DBSnapshotArn"]}
        calls = {
            "create": ("add_tags_to_resource", {**subject, "Tags": tags(owner="{}")}),
            "copy": ("add_tags_to_resource", {**subject, "Tags": tags(owner="{}")}),
            "verify": ("add_tags_to_resource", {**subject, "Tags": tags(verdict="pass")}),
            "prune": ("delete_db_snapshot", point),
        }
        for verb, (operation, params) in calls.items():
            for name in ("staging", "prod"):
                role = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}-{verb}"
                own = json.loads(json.dumps(params).replace("{}", name))
                call = getattr(on.account.client_as(role, "rds"), operation)
                if name == "prod":
                    call(**own)
                else:
                    with self.assertRaisesRegex(ClientError, "AccessDenied"):
                        call(**own)

    def apply_from_s3(self) -> None:
        same = {
            name: on.variables[name] for name in ("network", "policies", "validate_restore_tests")
        }
        root = deployment(
            "plan-staging",
            on.account.url,
            name="staging",
            artifacts=released(on.account),
            architecture="arm64",
            **same,
        )
        root.apply()
        made = Made(root.show()["values"]["root_module"])
        functions = made.all_of("lambda_function")
        told = {each["function_name"]: (each["s3_bucket"], each["s3_key"]) for each in functions}
        expected = {f"staging-{verb}": ("releases", f"snapkeep/1/{verb}.zip") for verb in VERBS}
        self.assertEqual(expected, told)
        self.assertEqual([["arm64"]] * len(VERBS), [each["architectures"] for each in functions])


if __name__ == "__main__":
    unittest.main()

"""Functions of the emulated account run as in Lambda: environment, retries, destinations, logs."""

import json
import time
import unittest

from emulated import ACCOUNT, HOME
from on_account import OnTheAccount, allow, eventually

LOGGED = {
    "_aws": {
        "Timestamp": int(time.time() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": "snapkeep",
                "Dimensions": [["function"]],
                "Metrics": [{"Name": "taken", "Unit": "Count"}],
            }
        ],
    },
    "function": "create",
    "taken": [2, 3],
}


class RunningFunctions(OnTheAccount):
    function_env = {"SNAPKEEP_CA_BUNDLE": "/certificates.pem", "EMPTY": ""}

    def test_a_function_finds_what_lambda_gives_it_and_nothing_of_the_emulator(self) -> None:
        self.function(
            self.role(),
            Environment={"Variables": {"SNAPKEEP_POLICY": "s3://a/b"}},
            Architectures=["arm64"],
        )
        environment = self.invoked({})["environment"]
        expected = {
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_DEFAULT_REGION": HOME,
            "AWS_ENDPOINT_URL": self.account.url,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_REGION": HOME,
            "EMPTY": "",
            "SNAPKEEP_CA_BUNDLE": "/certificates.pem",
            "SNAPKEEP_POLICY": "s3://a/b",
            "TZ": ":UTC",
            "_HANDLER": "bootstrap",
        }
        self.assertEqual(expected, {name: environment[name] for name in expected})
        allowed = ("AWS_LAMBDA_", "LAMBDA_", "LC_")
        others = {
            name
            for name in environment
            if name not in expected and not name.startswith(allowed)
        }
        self.assertEqual({"AWS_SECRET_ACCESS_KEY", "LANG", "PATH"}, others)

    def test_a_function_may_be_in_a_network(self) -> None:
        ec2 = self.account.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        network = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
        self.function(self.role(), VpcConfig=network)
        found = self.functions.get_function_configuration(FunctionName=self.name)["VpcConfig"]
        self.assertEqual({**network, "VpcId": vpc}, found | {"VpcId": found["VpcId"]})
        self.assertEqual({"n": 1}, self.invoked({"n": 1})["event"])

    def test_a_failed_event_is_tried_thrice_and_ends_at_the_destination(self) -> None:
        url, arn = self.queue()
        function = self.function(self.role())
        self.functions.put_function_event_invoke_config(
            FunctionName=self.name, DestinationConfig={"OnFailure": {"Destination": arn}}
        )
        event = {"fail": "as wanted", "log": "tried"}
        self.functions.invoke(
            FunctionName=self.name, InvocationType="Event", Payload=json.dumps(event)
        )
        record = eventually(lambda: self.received(url))[0]
        context = record["requestContext"]
        self.assertEqual(f"{function}:$LATEST", context["functionArn"])
        self.assertEqual(
            ("RetriesExhausted", 3), (context["condition"], context["approximateInvokeCount"])
        )
        self.assertEqual(event, record["requestPayload"])
        self.assertEqual("as wanted", record["responsePayload"]["errorMessage"])
        self.assertEqual(3, self.logged().count("tried"))

    def test_an_alias_has_destinations_of_its_own_and_retries_as_many_as_it_says(self) -> None:
        url, arn = self.queue()
        self.function(self.role(), Publish=True)
        alias = self.functions.create_alias(
            FunctionName=self.name, Name="live", FunctionVersion="1"
        )["AliasArn"]
        self.functions.put_function_event_invoke_config(
            FunctionName=self.name,
            Qualifier="live",
            MaximumRetryAttempts=0,
            DestinationConfig={
                "OnFailure": {"Destination": arn},
                "OnSuccess": {"Destination": arn},
            },
        )
        for event in ({"fail": "at once"}, {"n": 1}):
            self.functions.invoke(
                FunctionName=alias, InvocationType="Event", Payload=json.dumps(event)
            )
            context = eventually(lambda: self.received(url))[0]["requestContext"]
            self.assertEqual(1, context["approximateInvokeCount"])
            condition = "RetriesExhausted" if "fail" in event else "Success"
            self.assertEqual(condition, context["condition"])

    def test_a_dead_letter_is_the_event_itself_whoever_sent_it(self) -> None:
        url, arn = self.queue()
        function = self.function(self.role(), DeadLetterConfig={"TargetArn": arn})
        event = {"fail": "by EventBridge"}
        events = self.account.client("events")
        events.put_rule(Name=self.name, EventPattern=json.dumps({"source": ["test"]}))
        target = {"Id": "function", "Arn": function, "Input": json.dumps(event)}
        events.put_targets(Rule=self.name, Targets=[target])
        entry = {"Source": "test", "DetailType": "any", "Detail": "{}"}
        events.put_events(Entries=[entry])
        self.assertEqual([event], eventually(lambda: self.received(url)))
        sns = self.account.client("sns")
        topic = sns.create_topic(Name=self.name)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
        self.functions.update_function_code(FunctionName=self.name, ZipFile=b"PK\5\6" + bytes(18))
        sns.publish(TopicArn=topic, Message="no function that runs")
        dead = eventually(lambda: self.received(url))[0]
        self.assertEqual("no function that runs", dead["Records"][0]["Sns"]["Message"])

    def test_an_event_waits_for_a_function_that_runs_once_at_a_time(self) -> None:
        url, arn = self.queue()
        self.function(self.role())
        self.functions.put_function_concurrency(
            FunctionName=self.name, ReservedConcurrentExecutions=1
        )
        self.functions.put_function_event_invoke_config(
            FunctionName=self.name,
            MaximumRetryAttempts=0,
            DestinationConfig={
                "OnFailure": {"Destination": arn},
                "OnSuccess": {"Destination": arn},
            },
        )
        for number in (1, 2):
            event = json.dumps({"sleep": 1, "n": number})
            self.functions.invoke(FunctionName=self.name, InvocationType="Event", Payload=event)
        records: list[dict] = []
        eventually(lambda: records.extend(self.received(url)) or len(records) == 2)
        self.assertEqual({"Success"}, {r["requestContext"]["condition"] for r in records})

    def test_what_is_logged_as_metrics_becomes_metrics(self) -> None:
        self.function(self.role())
        self.invoked({"log": json.dumps(LOGGED)})
        self.invoked({"log": '{"_aws": "no metrics"}'})
        self.assertIn('{"_aws": "no metrics"}', self.logged())
        metrics = self.account.client("cloudwatch").list_metrics(Namespace="snapkeep")["Metrics"]
        dimensions = [{"Name": "function", "Value": "create"}]
        expected = {"Namespace": "snapkeep", "MetricName": "taken", "Dimensions": dimensions}
        self.assertEqual([expected], metrics)

    def logged(self) -> list[str]:
        logs = self.account.client("logs")
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.name}")["events"]
        return [event["message"] for event in events]


class FunctionsWithTheirRoles(OnTheAccount):
    enforce = True

    def test_a_function_calls_as_its_role_and_may_what_its_role_may(self) -> None:
        self.cluster()
        self.function(self.role(allow("rds:DescribeDBClusters")))
        given = self.invoked({})["environment"]
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        clients = {
            service: self.account.client_with(service, HOME, *(given[name] for name in names))
            for service in ("rds", "sts", "lambda")
        }
        who = clients["sts"].get_caller_identity()["Arn"]
        self.assertEqual(f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.name}/{self.name}", who)
        self.assertEqual(1, len(clients["rds"].describe_db_clusters()["DBClusters"]))
        self.assertRefused("AccessDenied", clients["rds"].describe_db_instances)
        self.assertRefused("AccessDeniedException", clients["lambda"].list_functions)
        forged = (given[names[0]], "another secret", given[names[2]])
        rds = self.account.client_with("rds", HOME, *forged)
        self.assertRefused("SignatureDoesNotMatch", rds.describe_db_clusters)


if __name__ == "__main__":
    unittest.main()

"""With --enforce nothing is delivered without the permission that AWS wants for it."""

import datetime
import json
import unittest

from emulated import ACCOUNT, HOME
from on_account import TRUST, OnTheAccount, allow, eventually

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def trust(service: str) -> str:
    return json.dumps(TRUST).replace("lambda.amazonaws.com", service)


def service_statement(service: str, actions, resource: str, source: str) -> dict:
    statement = {**allow(actions, resource), "Principal": {"Service": service}}
    return {**statement, "Condition": {"ArnLike": {"aws:SourceArn": source}}}


class Deliveries(OnTheAccount):
    enforce = True

    def setUp(self) -> None:
        super().setUp()
        self.sent = 0
        self.url, self.queue_arn = self.queue()

    def policy(self, *statements: dict) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

    def open_queue_to(self, service: str, source: str) -> None:
        statement = service_statement(service, "sqs:SendMessage", self.queue_arn, source)
        attributes = {"Policy": self.policy(statement)}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=attributes)

    def assertArrives(self, expected: bool, send) -> None:
        """Whether what `send` sends comes into the queue."""
        send()
        if expected:
            eventually(lambda: self.received(self.url))
            return
        refused = eventually(self.account.refusals)
        self.assertIn(" may not ", refused[0])
        self.assertEqual([], self.received(self.url))

    def logging_function(self, *statements: dict, **more) -> str:
        """A function that tells the queue when it has run."""
        tells = allow("sqs:SendMessage", self.queue_arn)
        function = self.function(self.role(tells, *statements), **more)
        self.functions.put_function_event_invoke_config(
            FunctionName=self.name,
            MaximumRetryAttempts=0,
            DestinationConfig={"OnSuccess": {"Destination": self.queue_arn}},
        )
        return function

    def permit(self, service: str, source: str) -> None:
        self.functions.add_permission(
            FunctionName=self.name,
            StatementId=f"s{self.sent}",
            Action="lambda:InvokeFunction",
            Principal=service,
            SourceArn=source,
        )
        self.sent += 1

    def test_a_rule_needs_the_functions_permission_for_itself(self) -> None:
        function = self.logging_function()
        events = self.account.client("events")
        rule = events.put_rule(Name=self.name, EventPattern=json.dumps({"source": ["test"]}))
        events.put_targets(Rule=self.name, Targets=[{"Id": "f", "Arn": function}])

        def send() -> None:
            entry = {"Source": "test", "DetailType": "any", "Detail": "{}"}
            events.put_events(Entries=[entry])

        self.assertArrives(False, send)
        self.permit("events.amazonaws.com", f"{rule['RuleArn']}-other")
        self.assertArrives(False, send)
        self.permit("events.amazonaws.com", rule["RuleArn"])
        self.assertArrives(True, send)

    def test_a_notification_needs_the_functions_permission_for_its_topic(self) -> None:
        function = self.logging_function()
        sns = self.account.client("sns")
        topic = sns.create_topic(Name=self.name)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)

        def send() -> None:
            sns.publish(TopicArn=topic, Message="hello")

        self.assertArrives(False, send)
        self.permit("sns.amazonaws.com", topic)
        self.assertArrives(True, send)

    def test_a_schedule_needs_a_role_that_trusts_it_and_may(self) -> None:
        function = self.logging_function()
        role = self.iam.create_role(
            RoleName="schedule", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        self.account.client("scheduler").create_schedule(
            Name=self.name,
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": function, "RoleArn": role, "Input": "{}"},
        )

        def send() -> None:
            self.account.fire(self.name)

        def permit(resource: str) -> None:
            document = self.policy(allow("lambda:InvokeFunction", resource))
            self.iam.put_role_policy(
                RoleName="schedule", PolicyName="own", PolicyDocument=document
            )

        permit(function)
        self.assertArrives(False, send)
        self.iam.update_assume_role_policy(
            RoleName="schedule", PolicyDocument=trust("scheduler.amazonaws.com")
        )
        permit(f"{function}-other")
        self.assertArrives(False, send)
        permit(function)
        self.assertArrives(True, send)

    def test_a_destination_needs_the_functions_role(self) -> None:
        self.logging_function()

        def send() -> None:
            self.functions.invoke(FunctionName=self.name, InvocationType="Event", Payload="{}")

        self.assertArrives(True, send)
        self.iam.delete_role_policy(RoleName=self.name, PolicyName="own")
        self.assertArrives(False, send)

    def topic_to_queue(self, **attributes: str) -> str:
        sns = self.account.client("sns")
        topic = sns.create_topic(Name=self.name, Attributes=attributes)["TopicArn"]
        self.open_queue_to("sns.amazonaws.com", topic)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.queue_arn)
        return topic

    def alarm(self, topic: str, threshold: float) -> None:
        """An alarm that goes off at once, or the end of it."""
        metrics = self.account.client("cloudwatch")
        now = datetime.datetime.now(datetime.timezone.utc)
        datum = {"MetricName": self.name, "Value": 5, "Timestamp": now}
        metrics.put_metric_data(Namespace="test", MetricData=[datum])
        metrics.put_metric_alarm(
            AlarmName=self.name,
            Namespace="test",
            MetricName=self.name,
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[topic],
            OKActions=[topic],
        )

    def test_an_alarm_needs_the_policy_of_its_topic_and_of_the_topics_key(self) -> None:
        kms, sns = self.account.client("kms"), self.account.client("sns")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        topic = self.topic_to_queue(KmsMasterKeyId=key)
        alarm = f"arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:{self.name}"
        service = "cloudwatch.amazonaws.com"
        closed = self.policy({**allow("sns:Publish", topic), "Principal": ROOT})
        opened = self.policy(service_statement(service, "sns:Publish", topic, alarm))
        owner = {**allow("kms:*"), "Principal": ROOT}
        use = ["kms:Decrypt", "kms:GenerateDataKey*"]
        key_opened = self.policy(owner, service_statement(service, use, "*", alarm))
        expected = (
            (closed, key_opened, False),
            (opened, self.policy(owner), False),
            (opened, key_opened, True),
        )
        for topic_policy, key_policy, arrives in expected:
            sns.set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=topic_policy
            )
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy)
            for threshold in (1, 10):
                self.assertArrives(arrives, lambda: self.alarm(topic, threshold))

    def test_what_is_encrypted_needs_the_key(self) -> None:
        key = self.account.client("kms").create_key()["KeyMetadata"]
        topic = self.topic_to_queue(KmsMasterKeyId=key["KeyId"])
        s3 = self.account.client("s3")
        bucket = "encrypted"
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME}
        )
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]}
        rules = [{"ApplyServerSideEncryptionByDefault": default}]
        s3.put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules}
        )
        own = allow(["sns:Publish", "s3:PutObject", "s3:GetObject"])
        role = self.role(own)
        sns, s3 = (self.account.client_as(role, service) for service in ("sns", "s3"))
        publish = {"TopicArn": topic, "Message": "hello"}
        put = {"Bucket": bucket, "Key": "1", "Body": b"x"}
        self.assertRefused("KMSAccessDenied", sns.publish, **publish)
        self.assertRefused("AccessDenied", s3.put_object, **put)
        self.role(own, allow("kms:GenerateDataKey", key["Arn"]))
        s3.put_object(**put)
        self.assertRefused("KMSAccessDenied", sns.publish, **publish)
        self.assertRefused("AccessDenied", s3.get_object, Bucket=bucket, Key="1")
        self.role(own, allow(["kms:GenerateDataKey", "kms:Decrypt"], key["Arn"]))
        sns.publish(**publish)
        s3.get_object(Bucket=bucket, Key="1")


if __name__ == "__main__":
    unittest.main()

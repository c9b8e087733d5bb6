"""With --enforce calls to the other services are judged too, and so are the questions about them.

Sources: Service Authorization Reference for S3, SNS, SQS, CloudWatch and KMS; IAM API reference,
SimulatePrincipalPolicy.
"""

import datetime
import json
import unittest

import by_cbor
from emulated import HOME
from on_account import OnTheAccount, allow

DENIED = "AccessDenied"


class PermissionsElsewhere(OnTheAccount):
    enforce = True

    def as_role(self, service: str, *statements: dict):
        return self.account.client_as(self.role(*statements), service)

    def test_objects_go_by_bucket_prefix_and_key(self) -> None:
        self.account.client("s3").create_bucket(
            Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": HOME}
        )
        inside = "arn:aws:s3:::evidence/runs/*"
        prefix = {"StringLike": {"s3:prefix": "runs/*"}}
        s3 = self.as_role(
            "s3",
            allow(["s3:PutObject", "s3:GetObject"], inside),
            allow("s3:ListBucket", "arn:aws:s3:::evidence", **prefix),
        )
        s3.put_object(Bucket="evidence", Key="runs/1", Body=b"one")
        self.assertEqual(b"one", s3.get_object(Bucket="evidence", Key="runs/1")["Body"].read())
        self.assertRefused(DENIED, s3.put_object, Bucket="evidence", Key="other/1", Body=b"")
        self.assertRefused(DENIED, s3.get_object, Bucket="evidence", Key="other/1")
        s3.list_objects_v2(Bucket="evidence", Prefix="runs/2026")
        self.assertRefused(DENIED, s3.list_objects_v2, Bucket="evidence", Prefix="other/")
        self.assertRefused(DENIED, s3.list_objects_v2, Bucket="evidence")

    def test_a_locked_object_needs_the_right_to_lock_in_that_mode(self) -> None:
        self.account.client("s3").create_bucket(
            Bucket="locked",
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": HOME},
        )
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        wanted = {"Bucket": "locked", "Key": "1", "Body": b"x", "ObjectLockRetainUntilDate": until}
        put = allow("s3:PutObject", "arn:aws:s3:::locked/*")
        s3 = self.as_role("s3", put)
        s3.put_object(Bucket="locked", Key="0", Body=b"x")
        compliance = {**wanted, "ObjectLockMode": "COMPLIANCE"}
        self.assertRefused(DENIED, s3.put_object, **compliance)
        mode = {"StringEquals": {"s3:object-lock-mode": "COMPLIANCE"}}
        s3 = self.as_role("s3", put, allow("s3:PutObjectRetention", **mode))
        self.assertRefused(DENIED, s3.put_object, **{**wanted, "ObjectLockMode": "GOVERNANCE"})
        s3.put_object(**compliance)

    def test_metrics_go_into_their_own_namespace(self) -> None:
        own = {"StringEquals": {"cloudwatch:namespace": "snapkeep"}}
        metrics = self.as_role("cloudwatch", allow("cloudwatch:PutMetricData", **own))
        data = [{"MetricName": "Taken", "Value": 1}]
        metrics.put_metric_data(Namespace="snapkeep", MetricData=data)
        self.assertRefused(
            "AccessDeniedException", metrics.put_metric_data, Namespace="other", MetricData=data
        )

    def test_metrics_in_cbor_are_judged_too(self) -> None:
        own = {"StringEquals": {"cloudwatch:namespace": "snapkeep"}}
        metrics = self.as_role("cloudwatch", allow("cloudwatch:PutMetricData", **own))
        data = [{"MetricName": "Taken", "Value": 1}]
        allowed, refused = (
            by_cbor.call(metrics, "PutMetricData", Namespace=namespace, MetricData=data)
            for namespace in ("snapkeep", "other")
        )
        self.assertNotIn("Error", allowed)
        self.assertEqual("AccessDeniedException", refused["Error"]["Code"])

    def test_topics_and_queues_go_by_their_arn(self) -> None:
        topics = [
            self.account.client("sns").create_topic(Name=f"topic-{each}")["TopicArn"]
            for each in (1, 2)
        ]
        (own, own_arn), (other, _) = self.queue("-1"), self.queue("-2")
        sns = self.as_role("sns", allow("sns:Publish", topics[0]), allow("sqs:*", own_arn))
        sns.publish(TopicArn=topics[0], Message="hello")
        self.assertRefused("AuthorizationError", sns.publish, TopicArn=topics[1], Message="hello")
        sqs = self.account.client_as(self.role(), "sqs")
        sqs.send_message(QueueUrl=own, MessageBody="hello")
        self.assertRefused(DENIED, sqs.send_message, QueueUrl=other, MessageBody="hello")

    def test_a_key_is_for_those_who_its_policy_and_their_own_name(self) -> None:
        keys = [self.account.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in (1, 2)]
        kms = self.as_role("kms", allow("kms:DescribeKey", keys[0]))
        self.assertEqual(keys[0], kms.describe_key(KeyId=keys[0])["KeyMetadata"]["Arn"])
        self.assertRefused("AccessDeniedException", kms.describe_key, KeyId=keys[1])

    def test_who_calls_is_known_and_topics_and_roles_can_be_read(self) -> None:
        topic = self.account.client("sns").create_topic(Name="readable")["TopicArn"]
        reading = allow(["sns:ListSubscriptionsByTopic", "iam:GetRole"])
        sns = self.as_role("sns", reading)
        self.assertEqual([], sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"])
        role = self.role()
        iam, sts = (self.account.client_as(role, service) for service in ("iam", "sts"))
        self.assertEqual(role, iam.get_role(RoleName=self.name)["Role"]["Arn"])
        self.assertIn(f":assumed-role/{self.name}/", sts.get_caller_identity()["Arn"])

    def simulated(self, action: str, *resources: str, **context: list[str]) -> dict[str, str]:
        """The decision on each resource."""
        entries = [
            {
                "ContextKeyName": key.replace("__", ":"),
                "ContextKeyValues": values,
                "ContextKeyType": "stringList" if len(values) > 1 else "string",
            }
            for key, values in context.items()
        ]
        asked = self.iam.simulate_principal_policy(
            PolicySourceArn=self.role(),
            ActionNames=[action],
            ResourceArns=resources or ["*"],
            ContextEntries=entries,
        )
        results = asked["EvaluationResults"]
        return {result["EvalResourceName"]: result["EvalDecision"] for result in results}

    def test_a_simulation_tells_what_a_call_would_be_told(self) -> None:
        own, other = (f"arn:aws:sns:{HOME}:123456789012:{name}" for name in ("own", "other"))
        private = {"Bool": {"rds:PubliclyAccessible": "false"}}
        keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
        self.role(
            allow("sns:Publish", own),
            allow("rds:CreateDBInstance", **private),
            allow("rds:AddTagsToResource", **keys),
            {**allow("rds:DeleteDBCluster"), "Effect": "Deny"},
        )
        expected = {own: "allowed", other: "implicitDeny"}
        self.assertEqual(expected, self.simulated("sns:Publish", own, other))
        self.assertEqual({"*": "explicitDeny"}, self.simulated("rds:DeleteDBCluster"))
        create = "rds:CreateDBInstance"
        self.assertEqual({"*": "implicitDeny"}, self.simulated(create))
        for value, decision in (("true", "implicitDeny"), ("false", "allowed")):
            asked = self.simulated(create, rds__PubliclyAccessible=[value])
            self.assertEqual({"*": decision}, asked)
        for tags, decision in ((["a", "b"], "allowed"), (["a", "c"], "implicitDeny")):
            asked = self.simulated("rds:AddTagsToResource", aws__TagKeys=tags)
            self.assertEqual({"*": decision}, asked)

    def test_a_simulation_knows_the_boundary_and_who_is_not_there(self) -> None:
        document = {"Version": "2012-10-17", "Statement": [allow("sns:*")]}
        policy = self.iam.create_policy(PolicyName=self.name, PolicyDocument=json.dumps(document))
        role = self.role(allow("*"))
        self.iam.put_role_permissions_boundary(
            RoleName=self.name, PermissionsBoundary=policy["Policy"]["Arn"]
        )
        self.assertEqual({"*": "allowed"}, self.simulated("sns:Publish"))
        self.assertEqual({"*": "implicitDeny"}, self.simulated("sqs:SendMessage"))
        self.assertRefused(
            "NoSuchEntity",
            self.iam.simulate_principal_policy,
            PolicySourceArn=f"{role}-other",
            ActionNames=["sns:Publish"],
        )

    def test_a_role_is_assumed_by_those_whom_it_trusts(self) -> None:
        role = self.role(allow("sts:AssumeRole"))
        sts = self.account.client_as(role, "sts")
        wanted = {"RoleArn": role, "RoleSessionName": "again"}
        self.assertRefused(DENIED, sts.assume_role, **wanted)
        statement = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [statement]}
        self.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(trust))
        assumed = sts.assume_role(**wanted)["AssumedRoleUser"]["Arn"]
        self.assertTrue(assumed.endswith(f":assumed-role/{self.name}/again"))


if __name__ == "__main__":
    unittest.main()

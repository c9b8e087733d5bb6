"""The emulated account does what the tests of the deployed system take for granted.

Run with python -m unittest, in this directory. A peer that is wrong in silence makes every test on
it worthless, so the endpoint is held to the API references here, by boto3, before snapkeep meets
it.
"""

import datetime
import json
import unittest

from botocore.exceptions import ClientError

import by_cbor
from emulated import ACCOUNT, AWAY, HOME, Account
from on_account import OnTheAccount, eventually

EVENTS_OF_RDS = json.dumps({"source": ["aws.rds"]})


class TheEndpoint(OnTheAccount):
    def test_both_end_when_the_one_who_started_them_lets_go(self) -> None:
        self.assertEqual(0, Account().stop())

    def test_databases_are_where_moto_is_controlled(self) -> None:
        self.cluster()
        rds = self.account.client("rds")
        self.account.set("fault::DescribeDBClusters", times=1, code="Throttling")
        self.assertRefused("Throttling", rds.describe_db_clusters)
        found = rds.describe_db_clusters()["DBClusters"]
        self.assertEqual(["shepherd"], [cluster["DBClusterIdentifier"] for cluster in found])
        away = self.account.client("docdb", AWAY)
        self.assertEqual([], away.describe_db_clusters()["DBClusters"])

    def test_snapshots_are_copied_into_another_region_and_restored(self) -> None:
        self.cluster()
        docdb, away = self.account.client("docdb"), self.account.client("rds", AWAY)
        rds = self.account.client("rds")
        self.instance()
        rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="nightly")
        source = rds.describe_db_snapshots()["DBSnapshots"]
        arn = next(s["DBSnapshotArn"] for s in source if s["DBSnapshotIdentifier"] == "nightly")
        away.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier="copied")
        docdb.create_db_cluster_snapshot(
            DBClusterIdentifier="shepherd", DBClusterSnapshotIdentifier="nightly"
        )
        docdb.restore_db_cluster_from_snapshot(
            DBClusterIdentifier="scratch", SnapshotIdentifier="nightly", Engine="docdb"
        )
        copied = away.describe_db_snapshots(DBSnapshotIdentifier="copied")["DBSnapshots"]
        expected = f"arn:aws:rds:{AWAY}:{ACCOUNT}:snapshot:copied"
        self.assertEqual(expected, copied[0]["DBSnapshotArn"])
        self.assertEqual(2, len(docdb.describe_db_clusters()["DBClusters"]))

    def test_a_copy_wants_a_key_of_where_it_goes(self) -> None:
        self.instance(StorageEncrypted=True)
        kms, away = self.account.client("kms", AWAY), self.account.client("rds", AWAY)
        made = self.account.client("rds").create_db_snapshot(
            DBInstanceIdentifier="orders", DBSnapshotIdentifier="nightly"
        )
        key = kms.create_key()["KeyMetadata"]["Arn"]
        wanted = {
            "SourceDBSnapshotIdentifier": made["DBSnapshot"]["DBSnapshotArn"],
            "TargetDBSnapshotIdentifier": "copied",
        }
        refused = "KMSKeyNotAccessibleFault"
        self.assertRefused(refused, away.copy_db_snapshot, **wanted)
        unknown = key[:-4] + "0000"
        self.assertRefused(refused, away.copy_db_snapshot, KmsKeyId=unknown, **wanted)
        copied = away.copy_db_snapshot(KmsKeyId=key, **wanted)
        self.assertEqual(key, copied["DBSnapshot"]["KmsKeyId"])

    def test_a_subnet_group_knows_the_subnets_and_a_vpc_what_seals_it(self) -> None:
        ec2, rds = self.account.client("ec2"), self.account.client("rds")
        vpc, subnets = self.network()
        group = rds.create_db_subnet_group(
            DBSubnetGroupName="sealed", DBSubnetGroupDescription="no way out", SubnetIds=subnets
        )
        self.assertEqual(vpc, group["DBSubnetGroup"]["VpcId"])
        named = rds.describe_db_subnet_groups(DBSubnetGroupName="sealed")["DBSubnetGroups"]
        self.assertEqual(2, len(named[0]["Subnets"]))
        sealed = ec2.create_security_group(GroupName="sealed", Description="none", VpcId=vpc)
        rule = {"IpProtocol": "tcp", "FromPort": 27017, "ToPort": 27017}
        made = ec2.authorize_security_group_ingress(
            GroupId=sealed["GroupId"],
            IpPermissions=[{**rule, "UserIdGroupPairs": [{"GroupId": sealed["GroupId"]}]}],
        )
        rules = [r["SecurityGroupRuleId"] for r in made["SecurityGroupRules"]]
        found = ec2.describe_security_group_rules(SecurityGroupRuleIds=rules)
        self.assertEqual(27017, found["SecurityGroupRules"][0]["FromPort"])
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{HOME}.s3", VpcEndpointType="Gateway"
        )
        self.assertEqual(1, len(ec2.describe_vpc_endpoints()["VpcEndpoints"]))
        lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
        self.assertIn(f"com.amazonaws.{HOME}.s3", [each["PrefixListName"] for each in lists])

    def network(self) -> tuple[str, list[str]]:
        ec2 = self.account.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{HOME}{zone}"
            )
            for i, zone in enumerate("ab")
        ]
        return vpc, [each["Subnet"]["SubnetId"] for each in made]

    def test_metrics_come_and_go_in_cbor_as_other_sdks_speak_it(self) -> None:
        metrics = self.account.client("cloudwatch")
        dimension = {"Name": "Function", "Value": "create"}
        now = datetime.datetime.now(datetime.timezone.utc)
        datum = {"MetricName": "Taken", "Value": 2.0, "Dimensions": [dimension], "Timestamp": now}
        by_cbor.call(metrics, "PutMetricData", Namespace="snapkeep", MetricData=[datum])
        statistics = by_cbor.call(
            metrics,
            "GetMetricStatistics",
            Namespace="snapkeep",
            MetricName="Taken",
            Dimensions=[dimension],
            StartTime=now - datetime.timedelta(minutes=5),
            EndTime=now + datetime.timedelta(minutes=5),
            Period=60,
            Statistics=["Sum"],
        )
        self.assertEqual([2.0], [point["Sum"] for point in statistics["Datapoints"]])
        self.assertEqual(now.date(), statistics["Datapoints"][0]["Timestamp"].date())

    def test_a_slack_channel_can_be_configured(self) -> None:
        chatbot = self.account.client("chatbot")
        request = {"SlackTeamId": "T0", "SlackChannelId": "C0", "IamRoleArn": self.role()}
        made = chatbot.create_slack_channel_configuration(
            ConfigurationName="alarms", Tags=[{"TagKey": "a", "TagValue": "b"}], **request
        )["ChannelConfiguration"]
        arn = made["ChatConfigurationArn"]
        self.assertRefused(
            "ConflictException",
            chatbot.create_slack_channel_configuration,
            ConfigurationName="alarms",
            **request,
        )
        chatbot.update_slack_channel_configuration(
            ChatConfigurationArn=arn, SlackChannelId="C1", LoggingLevel="ERROR"
        )
        found = chatbot.describe_slack_channel_configurations(ChatConfigurationArn=arn)
        channel = found["SlackChannelConfigurations"][0]
        self.assertEqual(("C1", "ERROR"), (channel["SlackChannelId"], channel["LoggingLevel"]))
        chatbot.tag_resource(ResourceARN=arn, Tags=[{"TagKey": "a", "TagValue": "c"}])
        tags = chatbot.list_tags_for_resource(ResourceARN=arn)["Tags"]
        self.assertEqual([{"TagKey": "a", "TagValue": "c"}], tags)
        chatbot.delete_slack_channel_configuration(ChatConfigurationArn=arn)
        self.assertRefused(
            "ResourceNotFoundException", chatbot.list_tags_for_resource, ResourceARN=arn
        )


class EventsOfDatabases(OnTheAccount):
    def heard(self, queue: str, count: int, region: str = HOME) -> list[dict]:
        """The first events in the queue, in the order in which they came."""
        events: list[dict] = []

        def enough() -> bool:
            events.extend(self.received(queue, region))
            return len(events) >= count

        eventually(enough)
        return sorted(events, key=lambda event: event["detail"]["Date"])

    def listening(self, region: str = HOME) -> str:
        """A queue that gets all events of RDS in the region."""
        url, arn = self.queue(region=region)
        events = self.account.client("events", region)
        events.put_rule(Name=self.name, EventPattern=EVENTS_OF_RDS)
        events.put_targets(Rule=self.name, Targets=[{"Id": "queue", "Arn": arn}])
        return url

    def test_a_cluster_snapshot_is_announced_when_it_is_there(self) -> None:
        queue = self.listening()
        self.cluster()
        self.account.set("lifecycle::CreateDBClusterSnapshot", seconds=2)
        self.account.client("docdb").create_db_cluster_snapshot(
            DBClusterIdentifier="shepherd", DBClusterSnapshotIdentifier="nightly"
        )
        started, done = self.heard(queue, 2)
        arn = f"arn:aws:rds:{HOME}:{ACCOUNT}:cluster-snapshot:nightly"
        self.assertEqual("RDS-EVENT-0074", started["detail"]["EventID"])
        self.assertEqual("RDS DB Cluster Snapshot Event", done["detail-type"])
        self.assertEqual(([arn], HOME), (done["resources"], done["region"]))
        self.assertLess(started["detail"]["Date"], done["detail"]["Date"])
        expected = {
            "EventCategories": ["backup"],
            "SourceType": "CLUSTER_SNAPSHOT",
            "SourceArn": arn,
            "Date": done["detail"]["Date"],
            "SourceIdentifier": "nightly",
            "Message": "Manual cluster snapshot created",
            "EventID": "RDS-EVENT-0075",
        }
        self.assertEqual(expected, done["detail"])

    def test_an_instance_snapshot_is_announced_and_so_is_its_copy_where_it_is(self) -> None:
        here, there = self.listening(), self.listening(AWAY)
        self.instance()
        made = self.account.client("rds").create_db_snapshot(
            DBInstanceIdentifier="orders", DBSnapshotIdentifier="nightly"
        )
        events = self.heard(here, 2)
        ids = [event["detail"]["EventID"] for event in events]
        self.assertEqual({"RDS-EVENT-0040", "RDS-EVENT-0042"}, set(ids))
        self.account.client("rds", AWAY).copy_db_snapshot(
            SourceDBSnapshotIdentifier=made["DBSnapshot"]["DBSnapshotArn"],
            TargetDBSnapshotIdentifier="copied",
        )
        copies = {event["detail"]["EventID"]: event for event in self.heard(there, 2, AWAY)}
        done = copies["RDS-EVENT-0060"]
        arn = f"arn:aws:rds:{AWAY}:{ACCOUNT}:snapshot:copied"
        self.assertEqual((AWAY, [arn]), (done["region"], done["resources"]))
        self.assertEqual([], self.received(here))

    def test_one_that_fails_is_never_announced_as_made(self) -> None:
        queue = self.listening()
        self.instance()
        rds = self.account.client("rds")
        self.account.set("lifecycle::CreateDBSnapshot", last="failed")
        rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="fails")
        # The endpoint's own looks meet no fault and use none up.
        self.account.set("fault::DescribeDBSnapshots", times=1, code="Throttling")
        events = self.heard(queue, 1)
        self.assertRefused("Throttling", rds.describe_db_snapshots)
        self.account.set("lifecycle::CreateDBSnapshot", last="available")
        rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="works")
        # What became of the first is looked at before the second one.
        events += self.heard(queue, 2)
        details = [event["detail"] for event in events]
        made = [d["SourceIdentifier"] for d in details if d["EventID"] == "RDS-EVENT-0042"]
        self.assertEqual(["works"], made)


class Schedules(OnTheAccount):
    INPUT = '{"slot": "<aws.scheduler.scheduled-time>", "arn": "<aws.scheduler.schedule-arn>"}'

    def schedule(self, expression: str, target: str, text: str = INPUT, **more) -> str:
        made = self.account.client("scheduler").create_schedule(
            Name=self.name,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": self.role(), "Input": text},
            **more,
        )
        return made["ScheduleArn"]

    def test_a_schedule_says_for_when_it_was_planned_in_its_own_time_zone(self) -> None:
        url, arn = self.queue()
        zone = datetime.timezone(datetime.timedelta(hours=9))
        due = datetime.datetime.now(zone).replace(microsecond=0) + datetime.timedelta(seconds=2)
        schedule = self.schedule(
            f"at({due:%Y-%m-%dT%H:%M:%S})", arn, ScheduleExpressionTimezone="Asia/Tokyo"
        )
        slot = due.astimezone(datetime.timezone.utc)
        message = eventually(lambda: self.received(url))[0]
        self.assertEqual({"slot": f"{slot:%Y-%m-%dT%H:%M:%SZ}", "arn": schedule}, message)

    def test_a_schedule_can_be_fired_for_an_instant(self) -> None:
        url, arn = self.queue()
        self.schedule("cron(0 2 * * ? *)", arn)
        self.account.fire(self.name, "2026-03-02T02:00:00Z")
        self.assertEqual("2026-03-02T02:00:00Z", eventually(lambda: self.received(url))[0]["slot"])

    def test_an_expression_that_nobody_can_read_is_refused(self) -> None:
        for expression, zone in (
            ("0 2 * * *", "UTC"),
            ("cron(0 2 * * *)", "UTC"),
            ("cron(0 25 * * ? *)", "UTC"),
            ("rate(0 hours)", "UTC"),
            ("at(tomorrow)", "UTC"),
            ("rate(1 hour)", "Mars/Base"),
        ):
            with self.subTest(expression, zone=zone), self.assertRaises(ClientError) as refused:
                self.schedule(expression, "arn:any", ScheduleExpressionTimezone=zone)
            self.assertEqual("ValidationException", refused.exception.response["Error"]["Code"])

    def test_an_escaped_keyword_stays_as_scheduler_leaves_it(self) -> None:
        url, arn = self.queue()
        escaped = '{"slot": "\\u003caws.scheduler.scheduled-time\\u003e"}'
        self.schedule("rate(1 hour)", arn, escaped)
        self.account.fire(self.name)
        message = eventually(lambda: self.received(url))[0]
        self.assertEqual("<aws.scheduler.scheduled-time>", message["slot"])


if __name__ == "__main__":
    unittest.main()

"""What the deployed functions log becomes metrics, and these drive the alarms and fill the dashboard.

The functions are the shipped binaries, woken one by one; their alarms are the module's own, with shorter
periods where a test can't wait for hours.
"""

import json
import re
import types
import unittest

import emf
from deployment import AWAY, HOME, NAME, VERBS, Account, binaries, deployment, eventually
from made import Made
from place import make_instance, tags, variables

SEARCH = re.compile(
    r"""SEARCH\('\{snapkeep,([\w,]+)\} Deployment="(\w+)" MetricName="(\w+)"', '(\w+)', \d+\)"""
)
on = types.SimpleNamespace()


def setUpModule() -> None:
    """One deployment for all, which no schedule wakes."""
    on.account = Account(enforce=True)
    unittest.addModuleCleanup(on.account.stop)
    make_instance(on.account.client("rds"), "orders", tags(policy="standard"))
    settings = variables(
        on.account,
        name=NAME,
        artifacts={"path": str(binaries())},
        schedules={verb: "cron(0 0 1 1 ? 2100)" for verb in VERBS},
    )
    on.root = deployment("metrics", on.account.url, **settings)
    on.root.apply()
    on.made = Made(on.root.show()["values"]["root_module"])
    on.cloudwatch = on.account.client("cloudwatch")


def invoke(verb: str, **request) -> None:
    payload = json.dumps({"verb": verb, **request}).encode()
    answer = on.account.client("lambda").invoke(FunctionName=f"{NAME}-{verb}", Payload=payload)
    answer["Payload"].read()


def logged(verb: str) -> list[str]:
    """The lines of a function that are meant as metrics."""
    group = f"/aws/lambda/{NAME}-{verb}"
    events = on.account.client("logs").filter_log_events(logGroupName=group)["events"]
    lines = [line for event in events for line in event["message"].splitlines()]
    return [line for line in lines if '"_aws"' in line]


def state(alarm: str) -> str:
    return on.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"]


def comes_to(alarm: str, wanted: str) -> None:
    eventually(f"{wanted} of {alarm}", lambda: state(alarm) == wanted, patience_s=60)


def hasten(alarm: str, period_s: int, periods: int = 1) -> None:
    """The same alarm over less time."""
    made = on.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]
    kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Threshold",
            "ComparisonOperator", "TreatMissingData")
    on.cloudwatch.put_metric_alarm(
        **{key: made[key] for key in kept}, Period=period_s, EvaluationPeriods=periods
    )


class WhatTheFunctionsSay(unittest.TestCase):
    def test_every_line_is_as_cloudwatch_documents_it_and_every_metric_is_documented(self) -> None:
        for verb in VERBS:
            invoke(verb)
            lines = eventually(f"metrics of {verb}", lambda: logged(verb), patience_s=60)
            for line in lines:
                self.assertEqual([], emf.wrong_with(line), line)
                self.assertEqual(set(), emf.metrics_in(line) - emf.documented())
            beats = {name for line in lines for name, *_ in emf.metrics_in(line)}
            self.assertLessEqual({"Runs", "FailedRuns", "RunDuration"}, beats)

    def test_alarm_measures_the_fleet_and_each_database(self) -> None:
        invoke("alarm")
        listed = on.cloudwatch.list_metrics(Namespace="snapkeep")["Metrics"]
        of = {
            (each["MetricName"], *(d["Value"] for d in each["Dimensions"] if d["Name"] == "Database"))
            for each in listed
        }
        self.assertIn(("RestorableShare",), of)
        self.assertIn(("RecoveryPointStorage", "orders"), of)
        regions = {
            d["Value"] for each in listed for d in each["Dimensions"]
            if each["MetricName"] == "RegionStorage" and d["Name"] == "Region"
        }
        self.assertEqual({HOME, AWAY}, regions)


class WhoWatches(unittest.TestCase):
    def test_a_function_that_falls_silent_is_told_and_so_is_that_it_speaks_again(self) -> None:
        alarm = f"{NAME}-create-silent"
        invoke("create")
        comes_to(alarm, "OK")
        hasten(alarm, period_s=10)
        comes_to(alarm, "ALARM")
        invoke("create")
        comes_to(alarm, "OK")

    def test_a_function_that_fails_is_told_though_it_came_to_nothing(self) -> None:
        alarm = f"{NAME}-copy-failing"
        invoke("copy")
        hasten(alarm, period_s=300)
        comes_to(alarm, "OK")
        s3, place = on.account.client("s3"), {"Bucket": on.root.output()["bucket"], "Key": "policy.json"}
        written = s3.get_object(**place)["Body"].read()
        self.addCleanup(s3.put_object, **place, Body=written)
        s3.put_object(**place, Body=b"{}")
        invoke("copy")
        comes_to(alarm, "ALARM")
        comes_to(f"{NAME}-copy-silent", "OK")

    def test_that_nothing_is_proven_is_told_by_what_is_said_and_by_silence(self) -> None:
        alarm = f"{NAME}-unproven"
        comes_to(alarm, "ALARM")
        invoke("alarm")
        comes_to(alarm, "ALARM")
        lines = [json.loads(line) for line in logged("alarm")]
        self.assertEqual({0.0}, {line["ProvenShare"] for line in lines if "ProvenShare" in line})


class WhatIsLookedAt(unittest.TestCase):
    """The dashboard and the alarms name nothing that isn't measured, in the same dimensions."""

    def setUp(self) -> None:
        (made,) = on.made.all_of("cloudwatch_dashboard")
        self.widgets = json.loads(made["dashboard_body"])["widgets"]
        self.charts = [each["properties"] for each in self.widgets if each["type"] == "metric"]
        self.units = {(name, of): unit for name, of, unit in emf.documented()}

    def assertMeasured(self, name: str, dimensions: dict[str, str]) -> str:
        """It is, with these dimensions; its unit."""
        of = tuple(dimensions)
        self.assertIn((name, of), self.units)
        self.assertEqual(NAME, dimensions["Deployment"])
        self.assertIn(dimensions.get("Function", "alarm"), VERBS)
        return self.units[name, of].lower()

    def shown(self, chart: dict) -> list[tuple[str, dict[str, str]]]:
        """The metrics of ours on a chart."""
        found = []
        for entry in chart["metrics"]:
            texts = [each for each in entry if isinstance(each, str)]
            if texts and texts[0] == "snapkeep":
                found.append((texts[1], dict(zip(texts[2::2], texts[3::2]))))
            elif not texts and (search := SEARCH.fullmatch(entry[0]["expression"])):
                (of,) = set(search[1].split(",")) - {"Deployment"}
                found.append((search[3], {"Deployment": search[2], of: "*"}))
        return found

    def test_every_chart_is_of_what_is_measured_in_the_unit_that_it_says(self) -> None:
        for chart in self.charts:
            units = {self.assertMeasured(*each) for each in self.shown(chart)}
            if "yAxis" in chart:
                shares = [each for each in self.expressions(chart) if "/" in each]
                label = chart["yAxis"]["left"]["label"]
                self.assertLessEqual({"percent"} if shares else units, {label}, chart["title"])

    def test_everything_that_is_measured_is_on_a_chart(self) -> None:
        shown = {name for chart in self.charts for name, _ in self.shown(chart)}
        self.assertEqual({name for name, _ in self.units}, shown)

    def test_every_expression_computes_with_metrics_of_its_chart(self) -> None:
        for chart in self.charts:
            ids = {each["id"] for entry in chart["metrics"] for each in entry
                   if isinstance(each, dict) and "id" in each}
            for text in self.expressions(chart):
                self.assertLessEqual(set(re.findall(r"[a-z]\w*", text)), ids, chart["title"])

    def expressions(self, chart: dict) -> list[str]:
        """What is computed on a chart, searches aside."""
        first = [entry[0] for entry in chart["metrics"] if isinstance(entry[0], dict)]
        return [each["expression"] for each in first if not SEARCH.fullmatch(each["expression"])]

    def test_it_answers_first_and_no_widget_lies_on_another(self) -> None:
        first = self.charts[0]
        self.assertEqual("singleValue", first["view"])
        self.assertEqual(["RestorableShare", "ProvenShare"], [n for n, _ in self.shown(first)][:2])
        self.assertEqual(first, self.widgets[1]["properties"])
        taken = [(x, y) for each in self.widgets
                 for x in range(each["x"], each["x"] + each["width"])
                 for y in range(each["y"], each["y"] + each["height"])]
        self.assertEqual(len(taken), len(set(taken)))
        self.assertTrue(all(x < 24 for x, _ in taken), "a dashboard has 24 columns")

    def test_every_alarm_is_shown_and_watches_what_is_measured(self) -> None:
        alarms = on.made.all_of("cloudwatch_metric_alarm")
        (widget,) = (each for each in self.widgets if each["type"] == "alarm")
        self.assertEqual({each["arn"] for each in alarms}, set(widget["properties"]["alarms"]))
        own = [each for each in alarms if each["namespace"] == "snapkeep"]
        self.assertEqual(2 * len(VERBS) + 3, len(own))
        for each in own:
            of = sorted(each["dimensions"].items(), key=lambda pair: pair[0] != "Deployment")
            self.assertMeasured(each["metric_name"], dict(of))


if __name__ == "__main__":
    unittest.main()

"""The reader of log events sees what CloudWatch would refuse."""

import json
import unittest

import emf

SOUND = {
    "_aws": {
        "Timestamp": 1772798400000,
        "CloudWatchMetrics": [
            {
                "Namespace": "snapkeep",
                "Dimensions": [["Deployment"]],
                "Metrics": [{"Name": "Runs", "Unit": "Count"}],
            }
        ],
    },
    "Deployment": "prod",
    "Runs": 1,
}


class LogEvents(unittest.TestCase):
    def changed(self, change) -> list[str]:
        event = json.loads(json.dumps(SOUND))
        change(event, event["_aws"]["CloudWatchMetrics"][0])
        return emf.wrong_with(json.dumps(event))

    def test_one_that_is_sound_is_taken(self) -> None:
        self.assertEqual([], emf.wrong_with(json.dumps(SOUND)))

    def test_whatever_cloudwatch_would_refuse_is_refused(self) -> None:
        for what, change in {
            "no timestamp": lambda event, _: event["_aws"].pop("Timestamp"),
            "a timestamp in words": lambda event, _: event["_aws"].update(Timestamp="today"),
            "no namespace": lambda _, directive: directive.pop("Namespace"),
            "an unknown member": lambda _, directive: directive.update(Color="red"),
            "no set of dimensions": lambda _, directive: directive.update(Dimensions=[]),
            "too many dimensions": lambda _, d: d["Dimensions"][0].extend(["Deployment"] * 30),
            "too many metrics": lambda _, d: d["Metrics"].extend(d["Metrics"] * 100),
            "a unit of its own": lambda _, d: d["Metrics"][0].update(Unit="Hours"),
            "a dimension that isn't there": lambda event, _: event.pop("Deployment"),
            "a metric that isn't there": lambda event, _: event.pop("Runs"),
            "a metric in words": lambda event, _: event.update(Runs="one"),
            "too many values": lambda event, _: event.update(Runs=[1] * 101),
            "a value that is missing": lambda event, _: event.update(Runs=None),
        }.items():
            with self.subTest(what):
                self.assertTrue(self.changed(change))

    def test_one_that_is_too_long_or_has_more_around_it_is_refused(self) -> None:
        self.assertTrue(emf.wrong_with("INFO " + json.dumps(SOUND)))
        self.assertTrue(emf.wrong_with(json.dumps(SOUND) + " " * emf.BYTES_MAX))

    def test_the_documentation_has_metrics_of_each_kind(self) -> None:
        of = {dimensions for _, dimensions, _ in emf.documented()}
        kinds = {(), ("Function",), ("Database",), ("Region",)}
        self.assertEqual({("Deployment", *kind) for kind in kinds}, of)


if __name__ == "__main__":
    unittest.main()

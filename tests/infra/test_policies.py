"""The Terraform module's `policies` and the functions' own parser agree on what a policy may be.

    SNAPKEEP_TEST_COMMAND=target/debug/snapkeep python -m unittest -v test_policies

Terraform reads each document as variables of infra/policies.tf alone, which needs no provider. The
parser reads it in `snapkeep simulate`, which refuses a bad document before its first simulated day.
"""

import concurrent.futures
import copy
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import type_of
from deployment import MODULE, REPOSITORY, Root, folder, placeholders
from documents import BAD, COMPLETE, GOOD, Changed
from terraform import Failed

COMMAND = os.environ.get("SNAPKEEP_TEST_COMMAND", str(REPOSITORY / "target" / "debug" / "snapkeep"))
SCHEMA = json.loads((REPOSITORY / "schemas" / "policy.schema.json").read_text())
# Terraform's own name for each object that the document has in the place of the word `pick`.
PICKS = {"random": "pick_random", "point-in-time": "pick_point_in_time"}
REFUSED_BY_PARSER = re.compile(r"^error: \S+: ([A-Z_]+) ", re.MULTILINE)
MESSAGE = re.compile(r'error_message = "(.*)"')
SECONDS_MAX = 120

# Attributes that differ on purpose: as the module has them, as the schema has them, and why.
OPTIONAL, MANDATORY = (False, "string"), (True, "string")
DIFFERENCES = {
    "verify.pick": (OPTIONAL, MANDATORY, "pick_random or pick_point_in_time may be in its place"),
    "verify.pick_random": ((False, "object"), None, "no type of Terraform's is word or object"),
    "verify.pick_random.window": (MANDATORY, None, "as above"),
    "verify.pick_point_in_time": ((False, "object"), None, "as above"),
    "verify.pick_point_in_time.back": (MANDATORY, None, "as above"),
    "verify.subnet_group": (OPTIONAL, MANDATORY, "the module makes one in `network`"),
    "verify.security_groups": (OPTIONAL, MANDATORY, "the module makes one in `network`"),
}


def variables(document: dict) -> dict:
    """A document as the module takes it: what it is called and its version are said elsewhere."""
    policies = copy.deepcopy(document["policies"])
    for policy in policies.values():
        verify = policy.get("verify") or {}
        if isinstance(verify.get("pick"), dict):
            [(kind, details)] = verify.pop("pick").items()
            verify[PICKS[kind]] = details
    return {"policies": policies} | {name: document[name] for name in ("regions", "time_zone")}


@functools.cache
def alone() -> Root:
    """The variables without anything that is made of them."""
    place = folder() / "alone"
    place.mkdir()
    shutil.copy(MODULE / "policies.tf", place)
    root = Root(place, {})
    root.init()
    return root


def refused_by_terraform(number: int, document: dict) -> str:
    """What it said, or nothing."""
    file = folder() / f"{number}.tfvars.json"
    file.write_text(json.dumps(variables(document)))
    try:
        alone().run("plan", "-no-color", "-lock=false", f"-var-file={file}")
    except Failed as failed:
        said = str(failed)
        if "Invalid value for" not in said:
            raise
        return said
    return ""


def refused_by_parser(number: int | str, document: dict | str) -> str:
    file = folder() / f"{number}.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    done = subprocess.run(
        [COMMAND, "simulate", "--policy", file, "--days", "1"],
        text=True, capture_output=True, timeout=SECONDS_MAX, env={},
    )
    if done.returncode and not REFUSED_BY_PARSER.search(done.stderr):
        raise AssertionError(f"snapkeep ended with {done.returncode}: {done.stderr}")
    return done.stderr if done.returncode else ""


def both(cases: list[Changed]) -> list[tuple[Changed, str, str]]:
    """What Terraform and the parser said of each; two at a time, each mostly starts and ends."""
    alone()
    numbers, documents = range(len(cases)), [case.document() for case in cases]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        by_terraform = list(pool.map(refused_by_terraform, numbers, documents))
        by_parser = list(pool.map(refused_by_parser, numbers, documents))
    return list(zip(cases, by_terraform, by_parser))


class TheType(unittest.TestCase):
    def test_names_what_the_schema_names(self) -> None:
        of_module = type_of.flat(type_of.of_variable(MODULE / "policies.tf", "policies"))
        policies = SCHEMA["properties"]["policies"]
        of_schema = type_of.flat(type_of.of_schema(policies, SCHEMA["$defs"]))
        self.assertGreater(len(of_schema), 60)
        different = {
            name: (of_module.get(name), of_schema.get(name))
            for name in of_module.keys() | of_schema.keys()
            if of_module.get(name) != of_schema.get(name)
        }
        self.assertEqual(different, {name: each[:2] for name, each in DIFFERENCES.items()})

    def test_leaves_to_other_variables_what_is_of_the_whole_document(self) -> None:
        elsewhere = {"$schema", "version", "deployment", "time_zone", "regions", "policies"}
        self.assertEqual(set(SCHEMA["properties"]), elsewhere)


class WhatIsRefused(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.said = both(BAD)

    def test_is_refused_by_every_validation_at_least_once(self) -> None:
        # Terraform breaks lines and frames them.
        said = {" ".join(each.replace("│", " ").split()) for _, each, _ in self.said}
        messages = MESSAGE.findall((MODULE / "policies.tf").read_text())
        self.assertGreater(len(messages), 20)
        for message in messages:
            with self.subTest(message):
                self.assertTrue(any(message.replace('\\"', '"') in each for each in said))

    def test_is_refused_by_both(self) -> None:
        for case, by_terraform, by_parser in self.said:
            with self.subTest(case.name):
                self.assertTrue(by_parser, "the parser accepts it")
                self.assertEqual(bool(by_terraform), not case.only_parser, by_terraform)

    def test_what_is_no_document_at_all_is_refused_by_the_parser(self) -> None:
        texts = {
            "no version": {**COMPLETE, "version": None},
            "version 99": {**COMPLETE, "version": 99},
            "duplicate keys": '{"version": 1, "version": 1}',
            "not JSON": "{",
            "an array": "[]",
            "ten megabytes": json.dumps(COMPLETE) + " " * 10_000_000,
        }
        for name, text in texts.items():
            with self.subTest(name):
                self.assertTrue(refused_by_parser("no-document", text))


class WhatIsGood(unittest.TestCase):
    def test_is_accepted_by_both(self) -> None:
        for case, by_terraform, by_parser in both(GOOD):
            with self.subTest(case.name):
                self.assertEqual((by_terraform, by_parser), ("", ""))

    def test_means_the_same_once_the_module_has_written_it(self) -> None:
        for number, (case, written) in enumerate(zip(GOOD, documents_written(GOOD), strict=True)):
            with self.subTest(case.name):
                self.assertEqual(refused_by_parser(f"written-{number}", written), "")
                self.assertEqual(canonical(written), canonical(case.document()))


def documents_written(cases: list[Changed]) -> list[dict]:
    """The module's output `policy_document` of each, from plans on a mocked account."""
    place = folder() / "written"
    others = shutil.ignore_patterns("examples", "*.tftest.hcl", ".terraform*")
    shutil.copytree(MODULE, place, ignore=others)
    root = Root(place, {})
    root.init()
    mocked = {"mock_provider": {"aws": {"source": "./tests/mocks"}}}
    runs = {f"good_{number}": run_of(case) for number, case in enumerate(cases)}
    (place / "tests" / "written.tftest.json").write_text(json.dumps(mocked | {"run": runs}))
    said = root.run("test", "-json", "-verbose").stdout
    found = [json.loads(line) for line in said.splitlines()]
    plans = {each["@testrun"]: each["test_plan"] for each in found if each["type"] == "test_plan"}
    return [
        json.loads(plans[name]["output_changes"]["policy_document"]["after"]) for name in runs
    ]


def run_of(case: Changed) -> dict:
    fixed = {"name": "prod", "artifacts": {"path": str(placeholders())}}
    return {"command": "plan", "variables": as_expressions(fixed | variables(case.document()))}


def as_expressions(value: object) -> object:
    """Text in JSON configuration is a template; so that it comes out as it is."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {name: as_expressions(each) for name, each in value.items()}
    return [as_expressions(each) for each in value] if isinstance(value, list) else value


def canonical(document: object) -> object:
    """Without what says nothing: null, and empty lists. No copies are an empty list of them."""
    if isinstance(document, dict):
        found = {name: canonical(each) for name, each in document.items()}
        return {name: each for name, each in found.items() if each not in (None, [])}
    return [canonical(each) for each in document] if isinstance(document, list) else document


if __name__ == "__main__":
    unittest.main()

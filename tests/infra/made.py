"""What Terraform has made, read from its state: `terraform show -json`."""

import json
import re

from deployment import ACCOUNT_ID, HOME

# Statements of functions whose resource is every one of its kind, and why it can't be less.
WIDE = {
    "Look": "a hidden database would look like one that is gone; it is bound to the regions",
    "LookUpVersionsAndRestoreJobs": "versions and restore jobs belong to no resource",
    "LiveInTheNetwork": "Lambda names no resource when it makes an interface",
    "SnapshotDatabases": "policies choose databases by their tags, and those change",
    "FromAutomatedBackups": "as above; it is bound to the tag of what is restored",
    "TagRehearsals": "as above; it is bound to the keys of the tags",
    "WithNetworkAndParameters": "a restore uses the groups of the database it came from",
    "WithoutLastSnapshot": "which name AWS asks about when none is taken isn't documented",
    "WithOptionGroups": "policies name them, by region",
    "WriteOwnLogs": "every stream of the function's own group",
}


class Made:
    """All resources of a state, modules' modules included."""

    def __init__(self, root_module: dict) -> None:
        self.resources = managed(root_module)

    def all_of(self, kind: str) -> list[dict]:
        """The values of all resources of a type; there is at least one."""
        found = [each["values"] for each in self.resources if each["type"] == f"aws_{kind}"]
        assert found, f"no aws_{kind} was made"
        return found

    def by(self, attribute: str, kind: str) -> dict[str, dict]:
        return {each[attribute]: each for each in self.all_of(kind)}


def managed(module: dict) -> list[dict]:
    own = [each for each in module.get("resources", []) if each["mode"] == "managed"]
    return own + [each for child in module.get("child_modules", []) for each in managed(child)]


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{HOME}:{ACCOUNT_ID}:{name}"


def statements(policy: str) -> dict[str, dict]:
    return {each.get("Sid", ""): each for each in json.loads(policy)["Statement"]}


def is_wide(resource: str) -> bool:
    """Whether it is every resource of a kind, or of any region or account."""
    parts = resource.split(":", 5)
    return len(parts) < 6 or "*" in parts[:5] or bool(re.search(r"(^|:|^key/)\*$", parts[5]))

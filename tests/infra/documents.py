"""Policy documents, good and bad, for both who read them: Terraform and the functions' own parser.

A bad document is the complete one with one value changed. Where only the parser can refuse it, the
reason stands beside it: then Terraform has to accept it, so that the reason stays true.
"""

import copy
import dataclasses

ACCOUNT = "123456789012"
CLUSTER = f"arn:aws:rds:us-west-2:{ACCOUNT}:cluster:shepherd"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GONE = object()
POLICY = "policies.critical."
VERIFY = POLICY + "verify."
CHECKS = VERIFY + "checks"
ESCALATION = POLICY + "alarms.escalation"
CHECK = CHECKS + ".0."
COPY = POLICY + "copies.0."

COMPLETE = {
    "version": 1,
    "deployment": "prod",
    "time_zone": "Europe/Vienna",
    "regions": ["us-west-2"],
    "policies": {
        "critical": {
            "select": {"tags": {"snapkeep:policy": "critical"}, "databases": [CLUSTER, "orders"]},
            "schedules": ["cron(0 2 * * ? *)", "rate(12 hours)"],
            "objectives": {"rpo": "PT15M", "rto": "PT1H"},
            "retention": {
                "keep_last": 3, "hourly": 6, "daily": 30, "weekly": 12, "monthly": 12,
                "yearly": "all", "within": "P2D", "within_hourly": "P1D", "within_daily": "P1W",
                "within_weekly": "P1M", "within_monthly": "P1Y", "within_yearly": "P7Y",
                "keep_oldest": False, "min_keep": 2,
                "verified_floor": 1, "expire_after": "P10Y", "quarantine": "P30D", "drain": 2,
                "guard": {"max_deletes": 5, "max_percent": 10},
            },
            "copies": [{
                "region": "us-east-1", "kms_key": KEY, "option_group": "default:mysql-8-0",
                "late_after": "PT6H", "give_up_after": "P1D", "retention": {"daily": 30},
            }],
            "verify": {
                "schedule": "cron(0 6 * * ? *)", "pick": "latest", "region": "us-east-1",
                "instance_class": "db.t4g.medium", "subnet_group": "scratch",
                "security_groups": ["sg-0123456789abcdef0"], "deadline": "PT4H",
                "check_timeout": "PT2M", "concurrent_max": 2,
                "drift": {"max_drop_percent": 20, "ignore": ["sessions"]},
                "checks": [
                    {"sql": "select count(*) from users", "min": 0, "database": "shop"},
                    {"freshness": "select max(at) from log", "max_age": "PT25H"},
                    {"table": "orders", "min": 1000},
                    {"table": "shop.orders", "newest": "updated_at", "max_age": "P1D"},
                    {"table": "orders", "index": "orders_customer_idx"},
                    {"collection": "notifications", "newest": "at", "max_age": "P1D"},
                    {"indexes": "valid"},
                    {"integrity": ["orders"]},
                ],
            },
            "alarms": {
                "severity": "critical", "missing_after": "PT25H", "slot_after": "PT2H",
                "unverified_after": "P3D", "quota_percent": 70,
                "storage_growth_percent": 40, "remind_every": "PT12H",
                "escalation": [
                    {"after": "PT1H", "call_in": "database administrator"},
                    {"after": "PT2H", "call_in": "infrastructure lead"},
                    {"after": "PT4H", "call_in": "management"},
                ],
            },
        },
        "standard": {
            "select": {"tags": {"snapkeep:policy": "standard"}},
            "schedules": ["rate(1 day)"],
            "retention": {"daily": 7},
        },
    },
}


@dataclasses.dataclass(frozen=True)
class Changed:
    """The complete document with other values, by their paths; GONE removes what is there."""

    name: str
    values: dict
    only_parser: str = ""

    def document(self) -> dict:
        changed = copy.deepcopy(COMPLETE)
        for path, value in self.values.items():
            set_value(changed, path.split("."), value)
        return changed


def set_value(holder: dict | list, path: list[str], value: object) -> None:
    *way, last = (int(step) if step.isdigit() else step for step in path)
    for step in way:
        holder = holder[step]
    if value is GONE:
        del holder[last]
    else:
        holder[last] = value


def schedule(expression: str, only_parser: str = "") -> Changed:
    return Changed(f"schedule {expression}", {POLICY + "schedules": [expression]}, only_parser)


def check(only_parser: str = "", **keys: object) -> Changed:
    return Changed(f"check {keys}", {CHECKS: [keys]}, only_parser)


def one(path: str, value: object, only_parser: str = "") -> Changed:
    what = "gone" if value is GONE else str(value)[:60]
    return Changed(f"{path} is {what}", {path: value}, only_parser)


CONVERTED = "Terraform makes a number of a text, and the document that it writes holds a number"
DROPPED = "Terraform drops attributes that a type doesn't name, without a word"
REGIONS = "which regions there are is a list that only the parser keeps"
DATES = "which dates come is the calendar's business"
LENGTHS = "how long a duration is in years is the calendar's business"
MINUTES = "which minutes a list or a step comes to is more than a pattern can say"
NAMES = "which names can stand in a statement is the statement writer's business"
READING = "whether a statement only reads is beyond its first word"

GOOD = [
    Changed("the complete one", {}),
    Changed("without regions", {"regions": [], VERIFY + "region": GONE}),
    Changed("without what is optional", {
        POLICY + key: GONE for key in ("objectives", "copies", "verify", "alarms")
    }),
    Changed("the least of a retention", {POLICY + "retention": {"keep_last": 1}}),
    Changed("a window alone", {POLICY + "retention": {"within": "P14D"}}),
    Changed("the least recently verified", {VERIFY + "pick": "least-recently-verified"}),
    Changed("any of the newest", {VERIFY + "pick": {"random": {"window": "P7D"}}}),
    Changed("a point in time", {VERIFY + "pick": {"point-in-time": {"back": "PT10M"}}}),
    Changed("bounds", {
        VERIFY + "deadline": "P7D", VERIFY + "check_timeout": "PT300S",
        VERIFY + "concurrent_max": 40,
        POLICY + "retention.daily": 4294967295, POLICY + "alarms.quota_percent": 100,
        POLICY + "retention.guard": {"max_deletes": 0, "max_percent": 0},
    }),
    Changed("no checks, and a copy that keeps as its source", {
        CHECKS: [], COPY + "retention": GONE, COPY + "option_group": GONE,
    }),
    Changed("calendars", {POLICY + "schedules": [
        "cron(15 0/6 1,15 JAN-MAR,12 ? 2026-2030)", "cron(0 2 ? * MON-FRI *)", "cron(0 2 L * ? *)",
        "cron(0 2 LW * ? *)", "cron(0 2 15W * ? *)", "cron(0 2 ? * 6L *)", "cron(0 2 ? * TUE#2 *)",
        "cron(0 */4 * * ? *)", "rate(60 minutes)", "rate(1 hour)", "at(2031-03-04T02:00:00)",
    ]}),
    Changed("levels by every letter of a duration", {ESCALATION: [
        {"after": "PT59M60S", "call_in": "a"}, {"after": "PT1H1S", "call_in": "b"},
        {"after": "P1DT1M", "call_in": "c"}, {"after": "P1W", "call_in": "d"},
    ]}),
    Changed("no levels", {ESCALATION: []}),
    check(sql="(select 1 from t where a = ';x') ;", min=-5),
    Changed("names of every alphabet", {POLICY + "select.tags": {"größe@home": "été 1"}}),
]

BAD = [
    one("time_zone", "Mars/Base", "which time zones there are is the zone database's business"),
    one("time_zone", "Europe Vienna"),
    one("regions", ["us-east-9"], REGIONS),
    one("regions", ["US"]),
    one("policies", {}),
    one("policies.Critical", COMPLETE["policies"]["standard"]),
    Changed("misspelt retention", {
        POLICY + "retension": {"daily": 7}, POLICY + "retention": GONE,
    }),
    one(POLICY + "retension", {"daily": 7}, DROPPED),
    one(POLICY + "retention.dayly", 7, DROPPED),
    one(POLICY + "select", {}),
    one(POLICY + "select", {"tags": {}, "databases": []}),
    one(POLICY + "select.tags", {"aws:name": "x"}),
    one(POLICY + "select.tags", {"rds:name": "x"}),
    one(POLICY + "select.tags", {"k": "v" * 257}),
    one(POLICY + "select.tags", {"k" * 129: "v"}),
    one(POLICY + "select.tags", {"k": '{"a": 1}'}),
    one(POLICY + "select.tags", {"snapkeep:policy": "standard"}),
    one(POLICY + "select.databases", ["orders", "Orders"]),
    one(POLICY + "select.databases", [CLUSTER, "shepherd"]),
    one(POLICY + "select.databases", [CLUSTER, CLUSTER]),
    one(POLICY + "select.databases", [CLUSTER, CLUSTER.replace(ACCOUNT, "210987654321") + "-2"]),
    one(POLICY + "select.databases", [CLUSTER.replace(":cluster:", ":cluster-snapshot:")]),
    one(POLICY + "select.databases", [CLUSTER.replace("aws", "aws-cn", 1)], REGIONS),
    one(POLICY + "select.databases", [CLUSTER.replace(":rds:", ":redshift:")]),
    one(POLICY + "select.databases", ["snapkeep-orders"]),
    one(POLICY + "select.databases", ["orders--2"]),
    one(POLICY + "select.databases", ["o" * 64]),
    Changed("one database twice", {"policies.standard.select": {"databases": ["orders"]}}),
    one(POLICY + "schedules", []),
    one(POLICY + "schedules", ["rate(1 day)", "rate(1 day)"]),
    one(POLICY + "schedules", [f"rate({hours} hours)" for hours in range(2, 27)]),
    *map(schedule, [
        "daily", "cron()", "cron(0 2 * * *)", "cron(60 2 * * ? *)", "cron(0 24 * * ? *)",
        "cron(0 2 32 * ? *)", "cron(0 2 * 13 ? *)", "cron(0 2 ? * 8 *)", "cron(0 2 * * * *)",
        "cron(0 2 ? * ? *)", "cron(* * * * ? *)", "cron(*/15 * * * ? *)", "cron(0 2 * * ? 1969)",
        "cron(0 2 ? * MON/2 *)", "cron(0 0/0 * * ? *)", "cron(0 2 * foo ? *)",
        "rate(0 hours)", "rate(1 hours)", "rate(2 hour)", "rate(5 minutes)", "rate(-1 hours)",
        "rate(1 week)", "at(2026-13-01T02:00:00)", "at(2020-01-01T00:00:00)", "at(2031-03-04)",
    ]),
    schedule("cron(0 2 30 2 ? *)", DATES),
    schedule("cron(0 2 * * ? 2020)", DATES),
    schedule("at(2031-02-30T02:00:00)", DATES),
    schedule("cron(0,30 * * * ? *)", MINUTES),
    schedule("cron(0/15 * * * ? *)", MINUTES),
    schedule("cron(0 5-2 * * ? *)", MINUTES),
    one(VERIFY + "schedule", "cron(0 6 * * *)"),
    *(one(POLICY + "retention.daily", bad) for bad in (-1, 7.5, "many", 4294967296, True)),
    one(POLICY + "retention.daily", "7", CONVERTED),
    one(POLICY + "retention", {}),
    one(POLICY + "retention", {"daily": 0, "min_keep": 3}),
    one(POLICY + "retention", GONE),
    one(COPY + "retention", {"hourly": 0}),
    *(one(POLICY + "retention.within", bad) for bad in ("P0D", "PT", "14 days", "P-1D", "p14d")),
    one(POLICY + "retention.within", "P101Y", LENGTHS),
    one(POLICY + "retention.min_keep", 0),
    one(POLICY + "retention.min_keep", 1.5),
    one(POLICY + "retention.min_keep", "2", CONVERTED),
    one(POLICY + "retention.drain", 0),
    one(POLICY + "retention.verified_floor", -1),
    one(POLICY + "retention.guard.max_percent", 101),
    one(POLICY + "retention.guard.max_deletes", -1),
    one(POLICY + "objectives.rpo", "P1M"),
    one(POLICY + "objectives.rpo", "PT0S"),
    one(COPY + "region", "Virginia"),
    Changed("a copy to a region that there isn't", {
        COPY + "region": "us-east-9", COPY + "kms_key": GONE, VERIFY + "region": GONE,
    }, REGIONS),
    one(COPY + "region", "us-west-2"),
    one(COPY + "kms_key", KEY.replace("us-east-1", "eu-west-1")),
    one(COPY + "kms_key", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/rds"),
    one(COPY + "kms_key", "1234abcd"),
    one(COPY + "option_group", "8.0"),
    one(COPY + "late_after", "PT0S"),
    one(POLICY + "copies", [COMPLETE["policies"]["critical"]["copies"][0]] * 2),
    one(VERIFY + "pick", GONE),
    one(VERIFY + "pick", "newest"),
    one(VERIFY + "pick", {"random": {"window": "PT0S"}}),
    one(VERIFY + "pick", {"point-in-time": {"back": "PT5M"}}),
    one(VERIFY + "pick", {"point-in-time": {"back": "P36D"}}),
    one(VERIFY + "instance_class", "t4g.medium"),
    one(VERIFY + "instance_class", "db..medium"),
    one(VERIFY + "instance_class", GONE),
    one(VERIFY + "deadline", GONE),
    one(VERIFY + "region", "Virginia"),
    one(VERIFY + "subnet_group", "default"),
    one(VERIFY + "subnet_group", "default-vpc-1"),
    one(VERIFY + "security_groups", []),
    one(VERIFY + "security_groups", ["default"]),
    one(VERIFY + "security_groups", ["sg-1", "sg-1"]),
    *(one(VERIFY + "deadline", bad) for bad in ("PT0S", "PT29M", "P8D")),
    one(VERIFY + "check_timeout", "PT6M"),
    one(VERIFY + "concurrent_max", 0),
    one(VERIFY + "concurrent_max", 41),
    one(VERIFY + "drift.max_drop_percent", 101),
    one(CHECKS, [{"indexes": "valid"}] * 51),
    check(),
    check(database="shop"),
    check(sql="select 1"),
    check(sql="select 1", min=1, table="orders"),
    check(sql="delete from users", min=1),
    check(sql="select 1; select 2", min=1),
    check(sql="select 1; drop table users", min=1),
    check(READING, sql="select nextval('s')", min=1),
    check(READING, sql="select 1 -- one", min=1),
    check(freshness="select max(at) from log"),
    check(freshness="select max(at) from log", max_age="P1D", min=1),
    check(table="orders"),
    check(table="orders", min=0),
    check(table="orders", min=1.5),
    check(table="orders", min=1, index="i"),
    check(table="orders", newest="at"),
    check(NAMES, table='or"ders', min=1),
    check(collection="notifications", min=1, database="shop"),
    check(indexes="all"),
    check(indexes="valid", min=1),
    check(integrity=[]),
    check(integrity=["orders"], max_age="P1D"),
    one(POLICY + "alarms.severity", "fatal"),
    one(POLICY + "alarms.quota_percent", 0),
    one(POLICY + "alarms.quota_percent", 101),
    one(POLICY + "alarms.missing_after", "P1M"),
    one(POLICY + "alarms.storage_growth_percent", 0),
    one(POLICY + "alarms.storage_growth_percent", 10001),
    one(POLICY + "alarms.remind_every", "PT0S"),
    one(ESCALATION, [{"after": "P1M", "call_in": "a"}]),
    one(ESCALATION, [{"after": "PT1H", "call_in": " "}]),
    one(ESCALATION, [{"after": "PT1H", "call_in": "x" * 65}]),
    one(ESCALATION, [{"after": "PT1H", "call_in": "größe"}]),
    one(ESCALATION, [{"after": f"PT{n}H", "call_in": "a"} for n in range(1, 6)]),
    one(ESCALATION, [{"after": after, "call_in": "a"} for after in ("PT1H", "PT60M")]),
    one(ESCALATION, [{"after": after, "call_in": "a"} for after in ("P1D", "PT5H")]),
]

"""The data sources that this provider knows."""

import checks
import policies
from calls import Account
from entry import DataSource, Refused, Values


def identity(account: Account, values: Values) -> Values:
    who = account.identity
    return {
        "id": who["Account"], "account_id": who["Account"],
        "arn": who["Arn"], "user_id": who["UserId"],
    }


def region(account: Account, values: Values) -> Values:
    name = values.get("region") or values.get("name") or account.region_of({})
    endpoint = f"ec2.{name}.amazonaws.com"
    return {"id": name, "name": name, "region": name, "description": name, "endpoint": endpoint}


def partition(account: Account, values: Values) -> Values:
    return {
        "id": "aws", "partition": "aws", "dns_suffix": "amazonaws.com",
        "reverse_dns_prefix": "com.amazonaws",
    }


def filters(values: Values, names: dict[str, str]) -> list[dict]:
    """EC2's filters out of a data source's attributes, its tags and its `filter` blocks."""
    given = {name: values[key] for key, name in names.items() if values.get(key)}
    made = [{"Name": name, "Values": [value]} for name, value in given.items()]
    made += [{"Name": f"tag:{k}", "Values": [v]} for k, v in (values.get("tags") or {}).items()]
    return made + [
        {"Name": each["name"], "Values": each["values"]} for each in values.get("filter") or []
    ]


def only(found: list[dict], what: str, values: Values) -> dict:
    if len(found) != 1:
        asked = values.get("id") or filters(values, {})
        raise Refused(f"{len(found)} {what} are found for {asked}, not one; ask more precisely")
    return found[0]


def tags_of(found: dict) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in found.get("Tags", [])}


def subnet(account: Account, values: Values) -> Values:
    names = {name: name.replace("_", "-") for name in ("vpc_id", "cidr_block", "availability_zone")}
    ids = {"SubnetIds": [values["id"]]} if values.get("id") else {}
    client = account.client("ec2", values)
    answer = client.describe_subnets(**ids, Filters=filters(values, names))
    found = only(answer["Subnets"], "subnets", values)
    return {
        "id": found["SubnetId"], "vpc_id": found["VpcId"], "cidr_block": found["CidrBlock"],
        "availability_zone": found["AvailabilityZone"], "arn": found.get("SubnetArn"),
        "availability_zone_id": found.get("AvailabilityZoneId"), "owner_id": found.get("OwnerId"),
        "map_public_ip_on_launch": found.get("MapPublicIpOnLaunch", False),
        "state": found.get("State"), "tags": tags_of(found),
        "available_ip_address_count": found.get("AvailableIpAddressCount"),
    }


def vpc(account: Account, values: Values) -> Values:
    ids = {"VpcIds": [values["id"]]} if values.get("id") else {}
    names = {"cidr_block": "cidr"}
    asked = filters(values, names)
    if values.get("default") is not None:
        asked.append({"Name": "is-default", "Values": [str(values["default"]).lower()]})
    client = account.client("ec2", values)
    found = only(client.describe_vpcs(**ids, Filters=asked)["Vpcs"], "VPCs", values)
    owner = account.identity["Account"]
    arn = f"arn:aws:ec2:{account.region_of(values)}:{owner}:vpc/{found['VpcId']}"
    return {
        "id": found["VpcId"], "cidr_block": found["CidrBlock"], "owner_id": owner, "arn": arn,
        "default": found.get("IsDefault", False), "state": found.get("State"),
        "dhcp_options_id": found.get("DhcpOptionsId"), "tags": tags_of(found),
        "instance_tenancy": found.get("InstanceTenancy"),
    }


def kms_alias(account: Account, values: Values) -> Values:
    pages = account.client("kms", values).get_paginator("list_aliases").paginate()
    for alias in (each for page in pages for each in page["Aliases"]):
        if alias["AliasName"] == values["name"]:
            key, arn = alias["TargetKeyId"], alias["AliasArn"]
            key_arn = arn.split(":alias/")[0] + f":key/{key}"
            return {"id": arn, "arn": arn, "target_key_id": key, "target_key_arn": key_arn}
    raise Refused(f"there is no KMS alias {values['name']}; make it, or correct its name")


# Of services' prefix lists an emulator may have none: then this stands for them.
NO_LIST = "pl-00000000"


def prefix_list(account: Account, values: Values) -> Values:
    """A list of a service's addresses, such as com.amazonaws.us-west-2.s3."""
    asked = filters(values, {"name": "prefix-list-name", "id": "prefix-list-id"})
    asked += [{"Name": "prefix-list-id", "Values": [values["prefix_list_id"]]}] if values.get(
        "prefix_list_id"
    ) else []
    client = account.client("ec2", values)
    lists = client.describe_managed_prefix_lists(Filters=asked)["PrefixLists"]
    found = next(iter(lists), {})
    name, list_id = found.get("PrefixListName") or values.get("name"), found.get("PrefixListId")
    list_id = list_id or NO_LIST
    region_name = account.region_of(values)
    return {
        "id": list_id, "name": name, "cidr_blocks": [], "entries": [], "owner_id": "AWS",
        "address_family": "IPv4", "max_entries": 0, "version": 1, "tags": {},
        "arn": f"arn:aws:ec2:{region_name}:aws:prefix-list/{list_id}",
    }


DATA_SOURCES = {
    "aws_iam_policy_document": DataSource(
        read=lambda account, values: policies.document(values),
        defaults={"version": "2012-10-17", "statement.effect": "Allow"},
        checks={
            "statement.sid": checks.matches("[a-zA-Z0-9]*", "Sid: letters and digits only"),
            "statement.effect": checks.one_of("Allow", "Deny"),
            "version": checks.one_of(*policies.VERSIONS),
        },
    ),
    "aws_caller_identity": DataSource(read=identity),
    "aws_region": DataSource(read=region, filled="name endpoint"),
    "aws_partition": DataSource(read=partition),
    "aws_subnet": DataSource(
        read=subnet,
        filled="availability_zone availability_zone_id cidr_block default_for_az ipv6_cidr_block "
        "state vpc_id tags",
    ),
    "aws_vpc": DataSource(read=vpc, filled="cidr_block default dhcp_options_id state tags"),
    "aws_kms_alias": DataSource(read=kms_alias),
    "aws_prefix_list": DataSource(read=prefix_list, filled="name"),
    "aws_ec2_managed_prefix_list": DataSource(read=prefix_list, filled="name tags"),
}

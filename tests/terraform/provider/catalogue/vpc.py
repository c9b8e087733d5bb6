"""EC2's networks: VPCs, subnets, route tables and endpoints."""

import ipaddress

import tagging
from checks import one_of
from entry import Resource, Values
from policies import policy


def cidr_block(value: str) -> str | None:
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        return f"{value!r} is no range of addresses: {error}"
    if network.version == 4 and not 16 <= network.prefixlen <= 28:
        return f"{value!r}: a VPC or a subnet is between /16 and /28"
    return None


def created_with_tags(kind: str, creates: str, reads: str, member: str):
    """EC2 takes the tags of what is made as a specification, and reads lists of ids."""
    def arguments(account, operation: str, values: Values) -> dict:
        if operation == creates:
            tags = tagging.EC2.as_argument(values.get("tags_all") or {})
            return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}] if tags else None}
        return {member: [values["id"]]} if operation == reads else {}

    return arguments


def arn_of(account, values: Values, kind: str) -> str:
    owner, region = account.identity["Account"], account.region_of(values)
    return f"arn:aws:ec2:{region}:{owner}:{kind}/{values['id']}"


# ---- VPC ----

VPC_SWITCHES = {
    "enable_dns_support": "EnableDnsSupport",
    "enable_dns_hostnames": "EnableDnsHostnames",
    "enable_network_address_usage_metrics": "EnableNetworkAddressUsageMetrics",
}


def set_vpc(account, values: Values, prior: Values | None) -> None:
    client = account.client("ec2", values)
    before = prior or {"enable_dns_support": True}
    for name, member in VPC_SWITCHES.items():
        wanted = values.get(name)
        if wanted is not None and wanted != before.get(name, False):
            client.modify_vpc_attribute(VpcId=values["id"], **{member: {"Value": wanted}})


def computed_vpc(account, values: Values) -> Values:
    client, vpc = account.client("ec2", values), values["id"]
    of_vpc = {"Name": "vpc-id", "Values": [vpc]}
    main = {"Name": "association.main", "Values": ["true"]}
    default = {"Name": "group-name", "Values": ["default"]}
    tables = client.describe_route_tables(Filters=[of_vpc, main])["RouteTables"]
    table = tables[0]["RouteTableId"] if tables else ""
    groups = client.describe_security_groups(Filters=[of_vpc, default])["SecurityGroups"]
    acls = client.describe_network_acls(Filters=[of_vpc])["NetworkAcls"]
    found = {
        "arn": arn_of(account, values, "vpc"),
        "main_route_table_id": table,
        "default_route_table_id": table,
        "default_security_group_id": groups[0]["GroupId"] if groups else "",
        "default_network_acl_id": acls[0]["NetworkAclId"] if acls else "",
        "ipv6_association_id": "",
    }
    for name in ("enable_dns_support", "enable_dns_hostnames"):
        member = VPC_SWITCHES[name]
        attribute = member[0].lower() + member[1:]
        answer = client.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
        found[name] = answer[member]["Value"]
    return found


# ---- subnet ----

def set_subnet(account, values: Values, prior: Values | None) -> None:
    wanted = values["map_public_ip_on_launch"]
    if wanted != (prior or {}).get("map_public_ip_on_launch", False):
        account.client("ec2", values).modify_subnet_attribute(
            SubnetId=values["id"], MapPublicIpOnLaunch={"Value": wanted}
        )


# ---- route table ----

def read_association(account, values: Values) -> Values | None:
    answer = account.client("ec2", values).describe_route_tables(
        Filters=[{"Name": "association.route-table-association-id", "Values": [values["id"]]}]
    )
    associations = (each for table in answer["RouteTables"] for each in table["Associations"])
    mine = (a for a in associations if a["RouteTableAssociationId"] == values["id"])
    return next(mine, None)


def read_table(account, values: Values) -> Values | None:
    tables = account.client("ec2", values).describe_route_tables(RouteTableIds=[values["id"]])
    found = tables["RouteTables"][0]
    return {"vpc_id": found["VpcId"], "owner_id": found.get("OwnerId", "")}


# ---- endpoint ----

def create_endpoint(account, values: Values) -> Values:
    answer = account.call(RESOURCES["aws_vpc_endpoint"], "create_vpc_endpoint", values)
    return {"id": answer["VpcEndpoint"]["VpcEndpointId"]}


def read_endpoint(account, values: Values) -> Values | None:
    answer = account.client("ec2", values).describe_vpc_endpoints(VpcEndpointIds=[values["id"]])
    if not answer["VpcEndpoints"] or answer["VpcEndpoints"][0]["State"] == "deleted":
        return None
    found = answer["VpcEndpoints"][0]
    groups = [each["GroupId"] for each in found.get("Groups", [])]
    return {
        **found,
        # An interface always has some; an emulator that doesn't say which is no drift.
        **({"SecurityGroupIds": groups} if groups else {}),
        "dns_entry": found.get("DnsEntries", []),
        "arn": arn_of(account, values, "vpc-endpoint"),
        "prefix_list_id": "",
        "cidr_blocks": [],
    }


def update_endpoint(account, values: Values, prior: Values) -> None:
    changes: dict = {}
    for name, member in (
        ("route_table_ids", "RouteTableIds"),
        ("subnet_ids", "SubnetIds"),
        ("security_group_ids", "SecurityGroupIds"),
    ):
        new, old = set(values.get(name) or []), set(prior.get(name) or [])
        changes[f"Add{member}"], changes[f"Remove{member}"] = sorted(new - old), sorted(old - new)
    members = {"policy": "PolicyDocument", "private_dns_enabled": "PrivateDnsEnabled"}
    for name, member in members.items():
        if values.get(name) != prior.get(name):
            changes[member] = values.get(name)
    if changes := {member: each for member, each in changes.items() if each not in (None, [])}:
        account.client("ec2", values).modify_vpc_endpoint(VpcEndpointId=values["id"], **changes)


RESOURCES = {
    "aws_vpc": Resource(
        service="ec2",
        create="create_vpc",
        created="Vpc",
        read="describe_vpcs",
        found="Vpcs.0",
        update=(),
        delete="delete_vpc",
        id="{id}",
        names={"id": "VpcId"},
        arguments=created_with_tags("vpc", "create_vpc", "describe_vpcs", "VpcIds"),
        computed=computed_vpc,
        settle=(set_vpc,),
        filled="cidr_block enable_dns_hostnames enable_network_address_usage_metrics "
        "ipv6_cidr_block ipv6_cidr_block_network_border_group",
        replaced_by="cidr_block instance_tenancy",
        defaults={"enable_dns_support": True, "instance_tenancy": "default"},
        checks={"cidr_block": cidr_block},
        tags=tagging.EC2,
    ),
    "aws_subnet": Resource(
        service="ec2",
        create="create_subnet",
        created="Subnet",
        read="describe_subnets",
        found="Subnets.0",
        update=(),
        delete="delete_subnet",
        id="{id}",
        names={"id": "SubnetId", "arn": "SubnetArn"},
        arguments=created_with_tags("subnet", "create_subnet", "describe_subnets", "SubnetIds"),
        settle=(set_subnet,),
        filled="availability_zone availability_zone_id private_dns_hostname_type_on_launch",
        replaced_by="vpc_id cidr_block availability_zone availability_zone_id",
        defaults={
            "map_public_ip_on_launch": False,
            "assign_ipv6_address_on_creation": False,
            "enable_dns64": False,
            "ipv6_native": False,
            "enable_resource_name_dns_a_record_on_launch": False,
            "enable_resource_name_dns_aaaa_record_on_launch": False,
        },
        checks={"cidr_block": cidr_block},
        tags=tagging.EC2,
    ),
    "aws_route_table": Resource(
        service="ec2",
        create="create_route_table",
        created="RouteTable",
        read=read_table,
        update=(),
        delete="delete_route_table",
        id="{id}",
        names={"id": "RouteTableId"},
        arguments=created_with_tags("route-table", "create_route_table", "", ""),
        computed=lambda account, values: {"arn": arn_of(account, values, "route-table")},
        filled="route propagating_vgws",
        replaced_by="vpc_id",
        # A sealed network has no way out.
        unsupported="route propagating_vgws",
        tags=tagging.EC2,
    ),
    "aws_route_table_association": Resource(
        service="ec2",
        create="associate_route_table",
        read=read_association,
        update=(),
        delete="disassociate_route_table",
        id="{id}",
        names={"id": "AssociationId"},
        replaced_by="subnet_id gateway_id route_table_id",
    ),
    "aws_vpc_endpoint": Resource(
        service="ec2",
        create=create_endpoint,
        read=read_endpoint,
        update=(update_endpoint,),
        delete="delete_vpc_endpoints",
        id="{id}",
        names={"policy": "PolicyDocument", "dns_entry": "dns_entry"},
        arguments=lambda account, operation, values: (
            {"VpcEndpointIds": [values["id"]]} if operation == "delete_vpc_endpoints"
            else created_with_tags("vpc-endpoint", "create_vpc_endpoint", "", "")(
                account, operation, values
            )
        ),
        filled="ip_address_type policy private_dns_enabled route_table_ids security_group_ids "
        "service_region subnet_ids",
        replaced_by="vpc_id service_name vpc_endpoint_type service_region",
        defaults={"vpc_endpoint_type": "Gateway"},
        checks={
            "policy": policy("resource"),
            "vpc_endpoint_type": one_of("Interface", "Gateway", "GatewayLoadBalancer"),
        },
        tags=tagging.EC2,
    ),
}

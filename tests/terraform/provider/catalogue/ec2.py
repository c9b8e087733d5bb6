"""EC2's security groups and their rules."""

import ipaddress

import tagging
from catalogue.vpc import arn_of, created_with_tags
from checks import between, matches
from entry import Resource, Values


# What names and descriptions are made of.
TEXT = r"[\w .:/()#,@\[\]+=&;{}!$*-]"


def cidr(value: str) -> str | None:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        return f"{value!r} is no range of addresses: {error}"
    return None


def seal(account, values: Values, prior: Values | None) -> None:
    """AWS gives a new group a rule that lets everything out; Terraform takes it away."""
    if prior is not None:
        return
    client = account.client("ec2", values)
    found = client.describe_security_groups(GroupIds=[values["id"]])["SecurityGroups"][0]
    if found["IpPermissionsEgress"]:
        client.revoke_security_group_egress(
            GroupId=values["id"], IpPermissions=found["IpPermissionsEgress"]
        )


def read_group(account, values: Values) -> Values:
    client = account.client("ec2", values)
    found = client.describe_security_groups(GroupIds=[values["id"]])["SecurityGroups"][0]
    # Rules are resources of their own here.
    return {
        "name": found["GroupName"],
        "description": found["Description"],
        "vpc_id": found.get("VpcId", ""),
        "owner_id": found.get("OwnerId", ""),
        "arn": arn_of(account, values, "security-group"),
    }


def permission(values: Values) -> dict:
    """A rule as EC2 takes it."""
    made: dict = {"IpProtocol": values["ip_protocol"]}
    description = {"Description": values["description"]} if values.get("description") else {}
    for name, member in (("from_port", "FromPort"), ("to_port", "ToPort")):
        if values.get(name) is not None:
            made[member] = int(values[name])
    for name, member, key in (
        ("cidr_ipv4", "IpRanges", "CidrIp"),
        ("cidr_ipv6", "Ipv6Ranges", "CidrIpv6"),
        ("prefix_list_id", "PrefixListIds", "PrefixListId"),
        ("referenced_security_group_id", "UserIdGroupPairs", "GroupId"),
    ):
        if values.get(name):
            made[member] = [{key: values[name], **description}]
    return made


class Rules:
    """The calls for rules in one direction."""

    def __init__(self, direction: str) -> None:
        self.direction = direction

    def create(self, account, values: Values) -> Values:
        client = account.client("ec2", values)
        tags = tagging.EC2.as_argument(values.get("tags_all") or {})
        kind = {"ResourceType": "security-group-rule", "Tags": tags}
        answer = getattr(client, f"authorize_security_group_{self.direction}")(
            GroupId=values["security_group_id"],
            IpPermissions=[permission(values)],
            **({"TagSpecifications": [kind]} if tags else {}),
        )
        rules = answer.get("SecurityGroupRules") or [{}]
        return {"id": rules[0].get("SecurityGroupRuleId") or self._find(client, values)}

    def _find(self, client, values: Values) -> str:
        """For emulators whose answer doesn't name the rule."""
        group = [{"Name": "group-id", "Values": [values["security_group_id"]]}]
        for rule in client.describe_security_group_rules(Filters=group)["SecurityGroupRules"]:
            if rule["IsEgress"] == (self.direction == "egress") and says(rule, values):
                return rule["SecurityGroupRuleId"]
        raise LookupError(f"no rule of {values['security_group_id']} is the one just made")

    def read(self, account, values: Values) -> Values | None:
        answer = account.client("ec2", values).describe_security_group_rules(
            SecurityGroupRuleIds=[values["id"]]
        )
        if not answer["SecurityGroupRules"]:
            return None
        found = answer["SecurityGroupRules"][0]
        # Of all protocols, EC2 says -1 for the ports, and Terraform nothing.
        ports = {} if found["IpProtocol"] == "-1" else {
            "from_port": found.get("FromPort"), "to_port": found.get("ToPort")
        }
        return {
            "security_group_id": found["GroupId"],
            "ip_protocol": found["IpProtocol"],
            "cidr_ipv4": found.get("CidrIpv4"),
            "cidr_ipv6": found.get("CidrIpv6"),
            "prefix_list_id": found.get("PrefixListId"),
            "referenced_security_group_id": found.get("ReferencedGroupInfo", {}).get("GroupId"),
            "description": found.get("Description"),
            "security_group_rule_id": values["id"],
            "arn": arn_of(account, values, "security-group-rule"),
            **ports,
        }

    def delete(self, account, values: Values) -> None:
        getattr(account.client("ec2", values), f"revoke_security_group_{self.direction}")(
            GroupId=values["security_group_id"], SecurityGroupRuleIds=[values["id"]]
        )

    def resource(self) -> Resource:
        return Resource(
            service="ec2",
            create=self.create,
            read=self.read,
            update=(update_rule,),
            delete=self.delete,
            id="{id}",
            replaced_by="security_group_id",
            checks={
                "cidr_ipv4": cidr,
                "cidr_ipv6": cidr,
                "from_port": between(-1, 65535),
                "to_port": between(-1, 65535),
                "description": matches(TEXT + "{0,255}", "description of a rule"),
            },
            exactly_one=("cidr_ipv4 cidr_ipv6 prefix_list_id referenced_security_group_id",),
            tags=tagging.EC2,
        )


def says(rule: dict, values: Values) -> bool:
    members = {
        "IpProtocol": "ip_protocol", "FromPort": "from_port", "ToPort": "to_port",
        "CidrIpv4": "cidr_ipv4", "CidrIpv6": "cidr_ipv6", "PrefixListId": "prefix_list_id",
    }
    return all(values.get(name) in (None, rule.get(member)) for member, name in members.items())


def update_rule(account, values: Values, prior: Values) -> None:
    names = {
        "ip_protocol": "IpProtocol", "from_port": "FromPort", "to_port": "ToPort",
        "cidr_ipv4": "CidrIpv4", "cidr_ipv6": "CidrIpv6", "prefix_list_id": "PrefixListId",
        "referenced_security_group_id": "ReferencedGroupId", "description": "Description",
    }
    rule = {member: values[name] for name, member in names.items() if values.get(name) is not None}
    account.client("ec2", values).modify_security_group_rules(
        GroupId=values["security_group_id"],
        SecurityGroupRules=[{"SecurityGroupRuleId": values["id"], "SecurityGroupRule": rule}],
    )


def delete_group(account, values: Values) -> None:
    """By its id alone: a name stands for a group of the default network."""
    account.client("ec2", values).delete_security_group(GroupId=values["id"])


RESOURCES = {
    "aws_security_group": Resource(
        service="ec2",
        create="create_security_group",
        read=read_group,
        update=(),
        delete=delete_group,
        id="{id}",
        names={"id": "GroupId", "name": "GroupName"},
        arguments=created_with_tags("security-group", "create_security_group", "", ""),
        settle=(seal,),
        filled="name name_prefix vpc_id ingress egress",
        generated="name",
        replaced_by="name name_prefix description vpc_id",
        defaults={"description": "Managed by Terraform", "revoke_rules_on_delete": False},
        checks={
            "name": matches(f"(?!sg-){TEXT}{{1,255}}", "name of a group"),
            "description": matches(TEXT + "{1,255}", "description of a group"),
        },
        unsupported="ingress egress",
        tags=tagging.EC2,
    ),
    "aws_vpc_security_group_ingress_rule": Rules("ingress").resource(),
    "aws_vpc_security_group_egress_rule": Rules("egress").resource(),
}

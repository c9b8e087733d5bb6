"""RDS: subnet groups."""

import tagging
from checks import matches
from entry import Resource, Values


def read_group(account, values: Values) -> Values:
    answer = account.client("rds", values).describe_db_subnet_groups(
        DBSubnetGroupName=values["name"]
    )
    found = answer["DBSubnetGroups"][0]
    subnets = [each["SubnetIdentifier"] for each in found["Subnets"]]
    return {**found, "SubnetIds": subnets, "SupportedNetworkTypes": ["IPV4"]}


RESOURCES = {
    "aws_db_subnet_group": Resource(
        service="rds",
        create="create_db_subnet_group",
        created="DBSubnetGroup",
        read=read_group,
        update=("modify_db_subnet_group",),
        delete="delete_db_subnet_group",
        id="{name}",
        names={
            "name": "DBSubnetGroupName",
            "description": "DBSubnetGroupDescription",
            "arn": "DBSubnetGroupArn",
        },
        filled="name name_prefix",
        generated="name",
        replaced_by="name name_prefix",
        defaults={"description": "Managed by Terraform"},
        checks={"name": matches(r"(?!default$)[a-z0-9 _.-]{1,255}", "name of a subnet group")},
        tags=tagging.RDS,
    ),
}

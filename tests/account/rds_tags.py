"""The tags of what RDS keeps, for the condition keys aws:ResourceTag and rds:…-tag."""

import re
from xml.etree import ElementTree

from moto_behind import Moto

NAMED = re.compile(r"arn:aws:rds:([^:]+):(\d+):([^:]+):[^*]+")


def tags_of(moto: Moto, arn: str) -> dict[str, str]:
    """The condition keys that the tags of the resource are; none if it doesn't exist (yet)."""
    found = NAMED.fullmatch(arn)
    if not found:
        return {}
    region, account, kind = found.groups()
    form = {"Action": "ListTagsForResource", "Version": "2014-10-31", "ResourceName": arn}
    answer = moto.look("rds", region, account, form)
    if answer.status != 200:
        return {}
    context = {}
    for tag in ElementTree.fromstring(answer.body).iter():
        if tag.tag.endswith("}Tag") or tag.tag == "Tag":
            key, value = (part.text or "" for part in tag)
            context[f"aws:ResourceTag/{key}"] = context[f"rds:{kind}-tag/{key}"] = value
    return context

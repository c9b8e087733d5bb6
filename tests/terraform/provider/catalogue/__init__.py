"""The resource types that this provider knows, by service: one entry each."""

from catalogue import (
    chatbot,
    cloudwatch,
    ec2,
    events,
    iam,
    kms,
    lambda_,
    logs,
    rds,
    s3,
    scheduler,
    sns,
    sqs,
    vpc,
)
from entry import Resource

SERVICES = (
    chatbot, cloudwatch, ec2, events, iam, kms, lambda_, logs, rds, s3, scheduler, sns, sqs, vpc,
)
RESOURCES: dict[str, Resource] = {
    name: resource for service in SERVICES for name, resource in service.RESOURCES.items()
}

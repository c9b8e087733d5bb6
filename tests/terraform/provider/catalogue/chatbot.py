"""Amazon Q Developer in chat applications (AWS Chatbot): alarms in a Slack channel."""

import tagging
from checks import arn, matches, one_of
from entry import Resource, Values


def read_channel(account, values: Values) -> Values | None:
    client = account.client("chatbot", values)
    answer = client.describe_slack_channel_configurations(
        ChatConfigurationArn=values["chat_configuration_arn"]
    )
    found = answer.get("SlackChannelConfigurations") or [None]
    return found[0]


RESOURCES = {
    "aws_chatbot_slack_channel_configuration": Resource(
        service="chatbot",
        create="create_slack_channel_configuration",
        created="ChannelConfiguration",
        read=read_channel,
        update=("update_slack_channel_configuration",),
        delete="delete_slack_channel_configuration",
        id="{chat_configuration_arn}",
        filled="guardrail_policy_arns logging_level sns_topic_arns user_authorization_required",
        replaced_by="slack_team_id configuration_name",
        defaults={"logging_level": "NONE", "user_authorization_required": False},
        checks={
            "iam_role_arn": arn,
            "slack_channel_id": matches(r"[A-Za-z0-9]{1,256}", "id of a Slack channel"),
            "slack_team_id": matches(r"[0-9A-Z]{1,255}", "id of a Slack workspace"),
            "logging_level": one_of("ERROR", "INFO", "NONE"),
        },
        tags=tagging.CHATBOT,
    ),
}

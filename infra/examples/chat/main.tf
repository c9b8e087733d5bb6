# Alarms in a Slack channel by Amazon Q Developer, once a person has let it into the workspace. It shows the messages' own card, and
# keeps an alarm and its end in one thread.

variable "slack_team_id" {
  description = "The workspace, as Amazon Q Developer shows it after it was let in."
  type        = string
  default     = "T0123456789"
}

variable "slack_channel_id" {
  description = "The channel: the last part of its link."
  type        = string
  default     = "C0123456789"
}

module "snapkeep" {
  source = "../.."

  artifacts = { path = var.artifacts }

  policies = {
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 14 }
    }
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["chatbot.amazonaws.com"]
    }
  }
}

# The channel's people may see through it what this role may, which is nothing.
resource "aws_iam_role" "channel" {
  name               = "snapkeep-channel"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_chatbot_slack_channel_configuration" "alarms" {
  configuration_name    = "snapkeep"
  iam_role_arn          = aws_iam_role.channel.arn
  slack_team_id         = var.slack_team_id
  slack_channel_id      = var.slack_channel_id
  sns_topic_arns        = [module.snapkeep.topic_arn]
  guardrail_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  logging_level         = "ERROR"
}

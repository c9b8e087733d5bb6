# A pager for what is critical, a queue for everything, kept apart by filter policies. The pager's address is any HTTPS endpoint that
# takes CloudWatch alarms from SNS, such as PagerDuty's integration for Amazon CloudWatch.

variable "pager_url" {
  description = "The integration's address. It holds a key: give it by a variable file that isn't kept, or by TF_VAR_pager_url."
  type        = string
  default     = "https://events.example.com/integration/0123456789/enqueue"
  sensitive   = true
}

module "snapkeep" {
  source = "../.."

  artifacts = { path = var.artifacts }

  policies = {
    critical = {
      select    = { tags = { "snapkeep:policy" = "critical" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 14 }
      alarms    = { severity = "critical" }
    }
  }
}

resource "aws_sns_topic_subscription" "pager" {
  topic_arn              = module.snapkeep.topic_arn
  protocol               = split(":", var.pager_url)[0]
  endpoint               = var.pager_url
  endpoint_auto_confirms = true
  filter_policy          = jsonencode({ severity = ["critical"] })
}

resource "aws_sqs_queue" "all" {
  name                    = "snapkeep-alarms"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "all" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.all.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [module.snapkeep.topic_arn]
    }
  }
}

resource "aws_sqs_queue_policy" "all" {
  queue_url = aws_sqs_queue.all.url
  policy    = data.aws_iam_policy_document.all.json
}

resource "aws_sns_topic_subscription" "all" {
  topic_arn            = module.snapkeep.topic_arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.all.arn
  raw_message_delivery = true
  depends_on           = [aws_sqs_queue_policy.all]
}

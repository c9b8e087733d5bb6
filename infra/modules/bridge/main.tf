# The alarm function a second time, as a bridge: subscribed to the topic, it posts each message to a Slack-compatible webhook or to
# PagerDuty. It has a role of its own, which may nothing of AWS but log, use the key, and leave what failed.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  name      = "${var.name}-bridge-${var.service}"
  partition = data.aws_partition.current.partition
  zip       = var.artifacts.path == null ? null : "${var.artifacts.path}/alarm.zip"
  arn       = "arn:${local.partition}:lambda:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:function:${local.name}"
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = local.name
  description        = "What snapkeep's bridge to ${var.service} may do"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "WriteOwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  statement {
    sid       = "LeaveFailedRuns"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "bridge"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

# Before the function, or Lambda makes one that keeps logs for ever.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:It makes one call, and its log says what became of it
  #checkov:skip=CKV_AWS_115:Alarms shall not wait for each other
  #checkov:skip=CKV_AWS_116:The queue of failed runs is its on-failure destination, which says more than a dead-letter queue
  #checkov:skip=CKV_AWS_117:It reaches the internet and nothing in a VPC
  #checkov:skip=CKV_AWS_272:Zips are told apart by the SHA-256 that ./dist publishes; code signing is the account's choice
  function_name    = local.name
  description      = "snapkeep ${var.name}: alarms to ${var.service}"
  role             = aws_iam_role.this.arn
  filename         = local.zip
  source_code_hash = local.zip == null ? null : filebase64sha256(local.zip)
  s3_bucket        = var.artifacts.bucket
  s3_key           = var.artifacts.bucket == null ? null : "${var.artifacts.prefix}alarm.zip"
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  timeout          = 60
  memory_size      = 128
  kms_key_arn      = var.kms_key_arn
  tags             = var.tags

  environment {
    variables = merge(
      { SNAPKEEP_BRIDGE = var.service },
      var.url == null ? {} : { SNAPKEEP_BRIDGE_URL = var.url },
      var.routing_key == null ? {} : { SNAPKEEP_BRIDGE_ROUTING_KEY = var.routing_key },
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  lifecycle {
    precondition {
      condition     = var.service == "slack" ? var.url != null : var.routing_key != null
      error_message = "MISSING_FIELD: slack needs url, pagerduty needs routing_key."
    }
  }

  # A function that starts before it may anything fails for nothing.
  depends_on = [aws_iam_role_policy.this]
}

# The service may be away for a while: Lambda tries again twice, and then keeps the message for a person.
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }

  # Lambda looks whether the role may send there.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_permission" "topic" {
  statement_id  = "topic"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = var.topic_arn
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn     = var.topic_arn
  protocol      = "lambda"
  endpoint      = local.arn
  filter_policy = var.filter_policy == null ? null : jsonencode(var.filter_policy)

  depends_on = [aws_lambda_permission.topic]
}

resource "aws_sqs_queue" "failed" {
  name                      = "${local.name}-failed"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.tags
}

data "aws_iam_policy_document" "failed" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.failed.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "failed" {
  queue_url = aws_sqs_queue.failed.url
  policy    = data.aws_iam_policy_document.failed.json
}

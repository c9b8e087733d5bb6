# One function: its code, its role, its logs, its schedule and what else wakes it, its queue of failed runs, and the alarms on
# itself.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  name      = "${var.name}-${coalesce(var.label, var.verb)}"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = coalesce(var.region, data.aws_region.current.region)
  zip       = var.settings.code.path == null ? null : "${var.settings.code.path}/${var.verb}.zip"
  arn       = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.name}"
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
  name                 = local.name
  description          = "What snapkeep's ${var.verb} may do"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.settings.permissions_boundary
  tags                 = var.settings.tags
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [var.policy_json]

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
}

resource "aws_iam_role_policy" "this" {
  name   = var.verb
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

# Before the function, or Lambda makes one that keeps logs for ever.
resource "aws_cloudwatch_log_group" "this" {
  region            = var.region
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.settings.log_retention_days
  kms_key_id        = var.settings.kms_key_arn
  tags              = var.settings.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:It calls AWS and nothing of ours: its report says what it did and how long each step took
  #checkov:skip=CKV_AWS_116:The queue of failed runs is its on-failure destination, which says more than a dead-letter queue
  #checkov:skip=CKV_AWS_117:Only verify has to reach into a VPC; in one, the others would need an endpoint for each service they call
  #checkov:skip=CKV_AWS_272:Zips are told apart by the SHA-256 that ./dist publishes; code signing is the account's choice
  region           = var.region
  function_name    = local.name
  description      = "snapkeep ${var.name}: ${var.verb}"
  role             = aws_iam_role.this.arn
  filename         = local.zip
  source_code_hash = local.zip == null ? null : filebase64sha256(local.zip)
  s3_bucket        = var.settings.code.bucket
  s3_key           = var.settings.code.bucket == null ? null : "${var.settings.code.prefix}${var.verb}.zip"
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.settings.architecture]
  # A run stops starting things 20 s before its end, and the next one goes on.
  timeout     = var.settings.timeout_seconds
  memory_size = 256
  kms_key_arn = var.settings.kms_key_arn
  tags        = var.settings.tags

  # All shards are woken at once.
  reserved_concurrent_executions = var.settings.reserved_concurrency * (var.settings.reserved_concurrency > 0 ? var.shards : 1)

  environment {
    variables = merge(var.settings.environment, var.environment)
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  dynamic "vpc_config" {
    for_each = var.network[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # A function that starts before it may anything fails for nothing.
  depends_on = [aws_iam_role_policy.this]
}

# A run that failed is not repeated: the next one looks at the world as it is then. What it was woken for is kept for a person.
resource "aws_lambda_function_event_invoke_config" "this" {
  region                       = var.region
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }

  # Lambda looks whether the role may send there.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_sqs_queue" "failed" {
  region                    = var.region
  name                      = "${local.name}-failed"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.settings.kms_key_arn
  tags                      = var.settings.tags
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

  dynamic "statement" {
    for_each = length(var.wakes_on) > 0 ? [true] : []

    content {
      sid       = "EventsThatCouldNotBeDelivered"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.failed.arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [for rule in aws_cloudwatch_event_rule.wakes : rule.arn]
      }
    }
  }
}

resource "aws_sqs_queue_policy" "failed" {
  region    = var.region
  queue_url = aws_sqs_queue.failed.url
  policy    = data.aws_iam_policy_document.failed.json
}

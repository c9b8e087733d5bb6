# One resource of every type that the test provider knows, in a module that holds no provider.

terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 6.0, < 7.0"
      configuration_aliases = [aws.away]
    }
  }
}

variable "name" {
  type = string
}
variable "code" {
  type = string
}
variable "greeting" {
  type     = string
  default  = "hello"
  nullable = false
}
variable "timeout" {
  type     = number
  default  = 30
  nullable = false
}
variable "schedule" {
  type     = string
  default  = "rate(5 minutes)"
  nullable = false
}
variable "tags" {
  type     = map(string)
  default  = { component = "sample" }
  nullable = false
}

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "this" {}

# ---- what everything else is encrypted with ----

resource "aws_kms_key" "home" {
  description             = "snapkeep"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = var.tags
}
resource "aws_kms_alias" "home" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.home.key_id
}
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
}
resource "aws_kms_key_policy" "home" {
  key_id = aws_kms_key.home.key_id
  policy = data.aws_iam_policy_document.key.json
}
data "aws_kms_alias" "home" {
  name = aws_kms_alias.home.name
}
resource "aws_kms_key" "away" {
  provider                = aws.away
  description             = "snapkeep's copies"
  deletion_window_in_days = 7
}

# ---- a function and what calls it ----

data "aws_iam_policy_document" "trust" {
  for_each = toset(["lambda", "scheduler"])
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}
data "aws_iam_policy_document" "function" {
  statement {
    sid       = "Speak"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]
  }
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }
}
resource "aws_iam_role" "function" {
  name               = "${var.name}-function"
  assume_role_policy = data.aws_iam_policy_document.trust["lambda"].json
  tags               = var.tags
}
resource "aws_iam_role_policy" "function" {
  name   = "function"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}
resource "aws_iam_policy" "look" {
  name_prefix = var.name
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "rds:Describe*", Resource = "*" }] })
  tags        = var.tags
}
resource "aws_iam_role_policy_attachment" "look" {
  role       = aws_iam_role.function.name
  policy_arn = aws_iam_policy.look.arn
}
resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
  tags              = var.tags
}
resource "aws_lambda_function" "this" {
  function_name                  = var.name
  role                           = aws_iam_role.function.arn
  filename                       = var.code
  source_code_hash               = filebase64sha256(var.code)
  handler                        = "bootstrap"
  runtime                        = "provided.al2023"
  architectures                  = ["arm64"]
  timeout                        = var.timeout
  memory_size                    = 256
  reserved_concurrent_executions = 1
  environment {
    variables = { GREETING = var.greeting, BUCKET = aws_s3_bucket.state.bucket }
  }
  dead_letter_config {
    target_arn = aws_sqs_queue.failures.arn
  }
  tracing_config {
    mode = "Active"
  }
  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function.name
  }
  tags       = var.tags
  depends_on = [aws_iam_role_policy.function]
}
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 3600
  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}
resource "aws_iam_role" "scheduler" {
  name               = "${var.name}-scheduler"
  assume_role_policy = data.aws_iam_policy_document.trust["scheduler"].json
}
resource "aws_iam_role_policy" "scheduler" {
  role   = aws_iam_role.scheduler.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_function.this.arn }] })
}
resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = var.tags
}
resource "aws_scheduler_schedule" "tick" {
  name                = "tick"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = var.schedule
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ why = "schedule" })
    retry_policy {
      maximum_retry_attempts = 2
    }
    dead_letter_config {
      arn = aws_sqs_queue.failures.arn
    }
  }
}
resource "aws_cloudwatch_event_rule" "rds" {
  name          = "${var.name}-rds"
  description   = "RDS says something"
  event_pattern = jsonencode({ source = ["aws.rds"] })
  tags          = var.tags
}
resource "aws_cloudwatch_event_target" "rds" {
  rule = aws_cloudwatch_event_rule.rds.name
  arn  = aws_lambda_function.this.arn
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 8
  }
  dead_letter_config {
    arn = aws_sqs_queue.failures.arn
  }
  input_transformer {
    input_paths    = { time = "$.time" }
    input_template = "{\"why\":\"event\",\"at\":<time>}"
  }
}
resource "aws_lambda_permission" "rds" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.rds.arn
}

# ---- messages ----

resource "aws_sqs_queue" "failures" {
  name                      = "${var.name}-failures"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}
data "aws_iam_policy_document" "failures" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failures.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "scheduler.amazonaws.com"]
    }
  }
}
resource "aws_sqs_queue_policy" "failures" {
  queue_url = aws_sqs_queue.failures.id
  policy    = data.aws_iam_policy_document.failures.json
}
resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  kms_master_key_id = aws_kms_alias.home.name
  tags              = var.tags
}
resource "aws_sns_topic" "elsewhere" {
  region = "eu-west-1"
  name   = "${var.name}-elsewhere"
}
data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
  }
}
resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.topic.json
}
resource "aws_sns_topic_subscription" "failures" {
  topic_arn            = aws_sns_topic.alerts.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.failures.arn
  filter_policy        = jsonencode({ severity = ["critical"] })
  raw_message_delivery = true
}

# ---- a bucket ----

resource "aws_s3_bucket" "state" {
  bucket              = "${var.name}-state"
  object_lock_enabled = true
  force_destroy       = true
  tags                = var.tags
}
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_object_lock_configuration" "state" {
  bucket = aws_s3_bucket_versioning.state.bucket
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}
resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.home.arn
    }
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket_versioning.state.bucket
  rule {
    id     = "old-runs"
    status = "Enabled"
    filter {
      prefix = "runs/"
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    expiration {
      days = 90
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }
}
resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Sid    = "NoDeletes", Effect = "Deny", Principal = "*", Action = "s3:DeleteBucketPolicy",
    Resource = aws_s3_bucket.state.arn, Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }] })
}
resource "aws_s3_object" "policy" {
  bucket        = aws_s3_bucket.state.id
  key           = "policy.json"
  content       = jsonencode({ version = 1, greeting = var.greeting })
  content_type  = "application/json"
  force_destroy = true
  tags          = var.tags
  depends_on    = [aws_s3_bucket_versioning.state]
}

# ---- alarms ----

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = 0.5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}
resource "aws_cloudwatch_metric_alarm" "rate" {
  alarm_name          = "${var.name}-rate"
  evaluation_periods  = 1
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"
  metric_query {
    id          = "rate"
    expression  = "errors/calls*100"
    label       = "Error rate"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { calls = "Invocations", errors = "Errors" }
    content {
      id = metric_query.key
      metric {
        metric_name = metric_query.value
        namespace   = "AWS/Lambda"
        period      = 120
        stat        = "Sum"
        dimensions  = { FunctionName = var.name }
      }
    }
  }
}
resource "aws_cloudwatch_composite_alarm" "any" {
  alarm_name    = "${var.name}-any"
  alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.errors.alarm_name})"
  alarm_actions = [aws_sns_topic.alerts.arn]
}
resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = [{ type = "text", x = 0, y = 0, width = 12, height = 6, properties = { markdown = data.aws_region.here.region } }] })
}

output "function_arn" {
  value = aws_lambda_function.this.arn
}
output "region_of_copies" {
  value = aws_kms_key.away.region
}
output "key" {
  value = data.aws_kms_alias.home.target_key_id
}

# What wakes the function: a schedule, and for some events. All of them mean "look", and none says what to do.

data "aws_iam_policy_document" "assume_schedule" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    # Not for schedules of others, whoever they trick into asking.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name                 = "${local.name}-schedule"
  description          = "Lets the schedule wake snapkeep's ${var.verb}"
  assume_role_policy   = data.aws_iam_policy_document.assume_schedule.json
  permissions_boundary = var.settings.permissions_boundary
  tags                 = var.settings.tags
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "WakeThisFunction"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.arn]
  }

  statement {
    sid       = "LeaveWhatCouldNotBeDelivered"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }

  statement {
    sid       = "UseTheQueuesKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.settings.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "wake"
  role   = aws_iam_role.schedule.name
  policy = data.aws_iam_policy_document.schedule.json
}

# One for each shard. The first bears the function's name, so that dividing it later renames nothing.
resource "aws_scheduler_schedule" "this" {
  count = var.shards

  region                       = var.region
  name                         = count.index == 0 ? local.name : "${local.name}-${count.index}"
  description                  = var.shards == 1 ? "Wakes snapkeep's ${var.verb}" : "Wakes snapkeep's ${var.verb}, shard ${count.index + 1} of ${var.shards}"
  schedule_expression          = var.schedule
  schedule_expression_timezone = var.settings.time_zone
  kms_key_arn                  = var.settings.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.schedule.arn
    # Scheduler replaces the literal text only, and jsonencode escapes its brackets.
    input = replace(replace(jsonencode(merge(
      { verb = var.verb, scheduled_at = "<aws.scheduler.scheduled-time>" },
      var.shards == 1 ? {} : { shard = { index = count.index, of = var.shards } },
    )), "\\u003c", "<"), "\\u003e", ">")

    # At least once, and after an hour the next look has long been.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }

    dead_letter_config {
      arn = aws_sqs_queue.failed.arn
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}

moved {
  from = aws_scheduler_schedule.this
  to   = aws_scheduler_schedule.this[0]
}

resource "aws_cloudwatch_event_rule" "wakes" {
  for_each = var.wakes_on

  region        = var.region
  name          = "${local.name}-${each.key}"
  description   = "Wakes snapkeep's ${var.verb}"
  event_pattern = jsonencode(each.value)
  tags          = var.settings.tags
}

resource "aws_cloudwatch_event_target" "wakes" {
  for_each = var.wakes_on

  region    = var.region
  rule      = aws_cloudwatch_event_rule.wakes[each.key].name
  target_id = var.verb
  arn       = aws_lambda_function.this.arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 5
  }

  dead_letter_config {
    arn = aws_sqs_queue.failed.arn
  }
}

resource "aws_lambda_permission" "wakes" {
  for_each = var.wakes_on

  region         = var.region
  statement_id   = "events-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.wakes[each.key].arn
  source_account = local.account
}

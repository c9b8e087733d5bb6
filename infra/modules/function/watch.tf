# Who watches this function: it is silent, it fails, or somebody has to look into its queue.

resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${local.name}-silent"
  alarm_description   = "snapkeep's ${var.verb} wasn't run for ${var.settings.silent_after_hours} h. Look at its schedule ${local.name}, and whether the function is throttled."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.settings.silent_after_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  # No runs leave no data at all: that is what this alarm is for.
  treat_missing_data = "breaching"
  alarm_actions      = var.settings.alarm_actions
  ok_actions         = var.settings.alarm_actions
  tags               = var.settings.tags
}

resource "aws_cloudwatch_metric_alarm" "failing" {
  alarm_name          = "${local.name}-failing"
  alarm_description   = "snapkeep's ${var.verb} fails again and again. Its log group ${aws_cloudwatch_log_group.this.name} has a line for each failure: what failed, on which id, what to do."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 900
  evaluation_periods  = 4
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.settings.alarm_actions
  ok_actions          = var.settings.alarm_actions
  tags                = var.settings.tags
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "${local.name}-failed"
  alarm_description   = "Runs of snapkeep's ${var.verb} failed, and nobody has told it for an hour: alarm takes them out of queue ${aws_sqs_queue.failed.name} and says why they failed. Look at alarm's log first, then read the queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.failed.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 3600
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.settings.alarm_actions
  ok_actions          = var.settings.alarm_actions
  tags                = var.settings.tags
}

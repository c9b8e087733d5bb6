# Who watches this function: it is silent, it fails, or somebody has to look into its queue.
#
# Silence and failure are taken from what the function says itself, in its log. Lambda's Invocations would count a
# run that crashes or is killed before it says anything, and a second alarm on them would tell of one silence twice.

locals {
  # How long the schedule leaves between two runs, in seconds: what fails again and again fails once in that time. Of a
  # cron it is enough to know whether it looks every hour; one that doesn't, and an at, count as once a day.
  unit_s    = { minute = 60, hour = 3600, day = 86400 }
  rate      = try(regex("^rate\\(([0-9]+) (minute|hour|day)s?\\)$", var.schedule), null)
  is_hourly = can(regex("^cron\\([^ ]+ \\* ", var.schedule))
  between_s = local.rate != null ? tonumber(local.rate[0]) * local.unit_s[local.rate[1]] : local.is_hourly ? 3600 : 86400
  # A quarter of an hour of a function that looks more often than that has more than one run.
  failing_period_s = min(max(local.between_s, 900), 86400)
  # CloudWatch looks back seven days at most: where a run is a day's, the first that fails is told.
  failing_of = local.between_s < 86400 ? { failed = 2, periods = 4 } : { failed = 1, periods = 1 }
}

resource "aws_cloudwatch_metric_alarm" "silent" {
  region              = var.region
  alarm_name          = "${local.name}-silent"
  alarm_description   = "No run of snapkeep's ${var.verb} has come to its end for ${var.settings.silent_after_hours} h. Look at its schedule ${local.name}, into its log group ${aws_cloudwatch_log_group.this.name} for a start that failed or a timeout, and whether the function is throttled."
  namespace           = "snapkeep"
  metric_name         = "Runs"
  dimensions          = { Deployment = var.name, Function = var.verb }
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
  region              = var.region
  alarm_name          = "${local.name}-failing"
  alarm_description   = "snapkeep's ${var.verb} fails${local.failing_of.failed > 1 ? " again and again" : ""}. Its log group ${aws_cloudwatch_log_group.this.name} has a line for each failure: what failed, on which id, what to do."
  namespace           = "snapkeep"
  metric_name         = "FailedRuns"
  dimensions          = { Deployment = var.name, Function = var.verb }
  statistic           = "Sum"
  period              = local.failing_period_s
  evaluation_periods  = local.failing_of.periods
  datapoints_to_alarm = local.failing_of.failed
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.settings.alarm_actions
  ok_actions          = var.settings.alarm_actions
  tags                = var.settings.tags
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  region              = var.region
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

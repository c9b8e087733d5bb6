# Who watches the deployment as a whole. The functions' own alarms are in modules/function/watch.tf.
#
# Two of these say something of the fleet that alarm has measured. When it measures nothing they stay as they
# are: that alarm is silent is told by its own alarm, and its silence must not look like an all-clear here.

locals {
  is_verified      = anytrue([for policy in values(var.policies) : policy.verify != null])
  fleet_alarm_arns = concat(aws_cloudwatch_metric_alarm.unproven[*].arn, [aws_cloudwatch_metric_alarm.unprotected.arn, aws_cloudwatch_metric_alarm.unseen.arn])
}

# The one question that must never go unanswered: missing counts as no. Which database isn't proven is what alarm
# tells; here it is none at all, or nobody knows.
resource "aws_cloudwatch_metric_alarm" "unproven" {
  count = local.is_verified ? 1 : 0

  alarm_name          = "${var.name}-unproven"
  alarm_description   = "For ${var.silent_after_hours} h nothing has said that even one database of snapkeep ${var.name} is proven to restore: none is, a region can't be seen, or alarm doesn't run. Look at the dashboard ${var.name}, then into the log groups of alarm and verify."
  namespace           = "snapkeep"
  metric_name         = "ProvenShare"
  dimensions          = { Deployment = var.name }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = var.silent_after_hours
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = 0
  treat_missing_data  = "breaching"
  alarm_actions       = local.function.alarm_actions
  ok_actions          = local.function.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "unprotected" {
  alarm_name          = "${var.name}-unprotected"
  alarm_description   = "snapkeep ${var.name} has said for an hour that it protects no database. Run `snapkeep doctor`; look at what the policies select."
  namespace           = "snapkeep"
  metric_name         = "ProtectedDatabases"
  dimensions          = { Deployment = var.name }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "ignore"
  alarm_actions       = local.function.alarm_actions
  ok_actions          = local.function.alarm_actions
  tags                = var.tags
}

# A region that can't be seen stops every delete, and resolves no alarm.
resource "aws_cloudwatch_metric_alarm" "unseen" {
  alarm_name          = "${var.name}-unseen"
  alarm_description   = "snapkeep ${var.name} can't see every region that it protects: nothing is deleted until it can. Look at the AWS Health Dashboard, and into the log group of alarm."
  namespace           = "snapkeep"
  metric_name         = "RegionsUnseen"
  dimensions          = { Deployment = var.name }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "ignore"
  alarm_actions       = local.function.alarm_actions
  ok_actions          = local.function.alarm_actions
  tags                = var.tags
}

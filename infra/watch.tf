# Who watches the deployment as a whole. The functions' own alarms are in modules/function/watch.tf.

# alarm counts what it protects in every run: if that number is missing or 0, nobody looks, or nobody is protected.
resource "aws_cloudwatch_metric_alarm" "unprotected" {
  alarm_name          = "${var.name}-unprotected"
  alarm_description   = "snapkeep ${var.name} has said for an hour that it protects no database, or nothing at all. Run `snapkeep doctor`; look into the log group of alarm."
  namespace           = "snapkeep"
  metric_name         = "ProtectedDatabases"
  dimensions          = { Deployment = var.name }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = var.silent_after_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
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
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.function.alarm_actions
  ok_actions          = local.function.alarm_actions
  tags                = var.tags
}

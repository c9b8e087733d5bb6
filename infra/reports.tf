# Reports: alarm writes them into the bucket, below reports/, and tells the topic. These wake it for one; its own schedule
# (alarm.tf) goes on judging.

resource "aws_scheduler_schedule" "report" {
  for_each = { for report, schedule in var.report_schedules : report => schedule if schedule != null && report != "time_zone" }

  name                         = "${var.name}-report-${each.key}"
  description                  = "Asks snapkeep's alarm for the ${each.key} report"
  schedule_expression          = each.value
  schedule_expression_timezone = coalesce(var.report_schedules.time_zone, var.time_zone)
  kms_key_arn                  = aws_kms_key.home.arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.alarm.arn
    role_arn = module.alarm.schedule_role_arn
    # Scheduler replaces the literal text only, and jsonencode escapes its brackets.
    input = replace(replace(jsonencode({
      verb         = "alarm"
      report       = each.key
      scheduled_at = "<aws.scheduler.scheduled-time>"
    }), "\\u003c", "<"), "\\u003e", ">")

    # The same report again is written over, so a second delivery does no harm.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }

    dead_letter_config {
      arn = module.alarm.failed_queue_arn
    }
  }
}

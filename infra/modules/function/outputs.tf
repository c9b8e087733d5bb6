output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "schedules" {
  description = "What its schedules send, by their names."
  value       = { for schedule in aws_scheduler_schedule.this : schedule.name => schedule.target[0].input }
}

output "wakes_on" {
  description = "Names of the events that wake it beside its schedules."
  value       = keys(aws_cloudwatch_event_rule.wakes)
}

output "concurrency" {
  description = "Runs at a time that are reserved for it; -1 if none are."
  value       = aws_lambda_function.this.reserved_concurrent_executions
}

output "failed_queue_url" {
  description = "URL of the queue of failed runs."
  value       = aws_sqs_queue.failed.url
}

output "failed_queue_arn" {
  description = "ARN of the queue of failed runs."
  value       = aws_sqs_queue.failed.arn
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "alarm_arns" {
  description = "ARNs of the alarms on the function."
  value       = [aws_cloudwatch_metric_alarm.silent.arn, aws_cloudwatch_metric_alarm.failing.arn, aws_cloudwatch_metric_alarm.failed.arn]
}

output "environment" {
  description = "Settings that the function is given."
  value       = merge(var.settings.environment, var.environment)
}

output "schedule_role_arn" {
  description = "ARN of the role with which schedules wake the function. It can once it has its policy."
  value       = aws_iam_role.schedule.arn
  depends_on  = [aws_iam_role_policy.schedule]
}

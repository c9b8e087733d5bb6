output "topic_arn" {
  description = "Topic of all alarms. Subscribe to it; filter by the message attributes severity, event_type, status, resource_type and environment."
  value       = aws_sns_topic.alarms.arn
}

output "bucket" {
  description = "Bucket of policy document, evidence and state: `snapkeep doctor --bucket` and `snapkeep evidence --bucket` read it."
  value       = module.bucket.name
}

output "functions" {
  description = "The five functions by verb: `arn`, `name`, `role_arn`, `log_group`, `failed_queue_url`, `alarm_arns`, `environment`."
  value       = local.functions
}

output "standby" {
  description = "The standby in the second region, if there is one: `region`, `topic_arn` to subscribe to beside the other, `bucket`, `function`, `role_arn`, `kms_key_arn`, `alarm_arns`."
  value = one([
    for standby in module.standby : {
      region      = var.standby.region
      topic_arn   = one(aws_sns_topic.standby[*].arn)
      bucket      = one(module.standby_bucket[*].name)
      function    = standby.name
      role_arn    = standby.role_arn
      kms_key_arn = one(aws_kms_key.standby[*].arn)
      alarm_arns  = standby.alarm_arns
    }
  ])
}

output "kms_key_arn" {
  description = "Key of the bucket, the topic, the queues and the logs: whoever reads there needs kms:Decrypt with it."
  value       = aws_kms_key.home.arn
}

output "copy_key_arns" {
  description = "Keys that the module made for copies, by region."
  value       = { for region, key in aws_kms_key.copies : region => key.arn }
}

output "scratch_security_group_id" {
  description = "Security group of scratch databases, if the module made it."
  value       = one(aws_security_group.scratch[*].id)
}

output "dashboard_name" {
  description = "CloudWatch dashboard that says first whether the fleet is restorable."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "policy_document" {
  description = "The policy document as the functions read it: `snapkeep plan --policy` says what it would do."
  value       = jsonencode(local.document)
}

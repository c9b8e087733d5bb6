# snapkeep, deployed: five functions, what wakes them, what they may do, and what notices when they don't.
#
#   policies.tf document.tf    what is wanted, and the document that says it
#   create.tf … alarm.tf   each function and exactly its permissions
#   permissions.tf what all may do, and what none may
#   bucket.tf topic.tf keys.tf network.tf   what they need
#   standby.tf             alarm once more, where home's outage isn't
#   watch.tf dashboard.tf  who watches the watchers
#
# Databases are identified, never managed: no resource here is one.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  # Where the functions run, and what they keep is.
  region = data.aws_region.current.region

  # Every region in which they act. Databases that a policy names by ARN may be elsewhere than the document's regions.
  database_regions = toset(concat(
    length(var.regions) > 0 ? var.regions : [local.region],
    [for arn in flatten([for policy in values(var.policies) : coalesce(policy.select.databases, [])]) : split(":", arn)[3] if startswith(arn, "arn:")],
  ))
  all_regions = setunion(local.database_regions, local.copy_regions)

  # ARN patterns of one kind of RDS resource in these regions, always of this account.
  rds = { for region in local.all_regions : region => "arn:${local.partition}:rds:${region}:${local.account}" }

  recovery_points = flatten([for arn in values(local.rds) : ["${arn}:snapshot:snapkeep-*", "${arn}:cluster-snapshot:snapkeep-*"]])
  databases       = flatten([for region in local.database_regions : ["${local.rds[region]}:db:*", "${local.rds[region]}:cluster:*"]])
  scratch         = flatten([for arn in values(local.rds) : ["${arn}:db:snapkeep-scratch-*", "${arn}:cluster:snapkeep-scratch-*"]])

  # What every function is made with.
  function = {
    code                 = var.artifacts
    architecture         = var.architecture
    kms_key_arn          = aws_kms_key.home.arn
    log_retention_days   = var.log_retention_days
    permissions_boundary = var.permissions_boundary
    reserved_concurrency = var.reserved_concurrency
    timeout_seconds      = var.timeout_seconds
    silent_after_hours   = var.silent_after_hours
    time_zone            = var.time_zone
    alarm_actions        = concat([aws_sns_topic.alarms.arn], var.alarm_actions)
    tags                 = var.tags
    environment = merge(
      { SNAPKEEP_BUCKET = module.bucket.name, SNAPKEEP_POLICY_KEY = aws_s3_object.policy.key, SNAPKEEP_DEPLOYMENT = var.name },
      var.evidence_lock_days > 0 ? { SNAPKEEP_EVIDENCE_LOCK_DAYS = tostring(var.evidence_lock_days) } : {},
    )
  }
}

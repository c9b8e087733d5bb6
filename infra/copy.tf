# copy: what another region would keep and doesn't have.

data "aws_iam_policy_document" "copy" {
  source_policy_documents = [
    data.aws_iam_policy_document.common[local.region].json,
    data.aws_iam_policy_document.evidence["copy"].json,
    data.aws_iam_policy_document.tag_new.json,
    data.aws_iam_policy_document.database_keys.json,
  ]

  # From ours to ours: source and target are both checked, in both regions.
  statement {
    sid       = "CopyRecoveryPoints"
    actions   = ["rds:CopyDBSnapshot", "rds:CopyDBClusterSnapshot"]
    resources = local.recovery_points
  }

  # IAM refuses a statement about nothing.
  dynamic "statement" {
    for_each = length(local.copy_regions) > 0 ? [true] : []

    content {
      sid       = "WithOptionGroups"
      actions   = ["rds:CopyDBSnapshot"]
      resources = [for region in local.copy_regions : "${local.rds[region]}:og:*"]
    }
  }
}

module "copy" {
  source = "./modules/function"

  name        = var.name
  verb        = "copy"
  settings    = local.function
  schedule    = var.schedules.copy
  shards      = var.shards.copy
  policy_json = data.aws_iam_policy_document.copy.json

  # A recovery point is complete: AWS says so at best, so the schedule looks too.
  # Source: Amazon RDS User Guide and Amazon Aurora User Guide, "Event categories and event messages".
  # For each of a large fleet's snapshots the whole account would be listed, so its shards are left to their schedules.
  wakes_on = { for name, pattern in {
    recovery-points = {
      source      = ["aws.rds"]
      detail-type = ["RDS DB Snapshot Event", "RDS DB Cluster Snapshot Event"]
      detail      = { SourceIdentifier = [{ prefix = "snapkeep-" }] }
    }
  } : name => pattern if var.shards.copy == 1 }
}

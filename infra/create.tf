# create: one recovery point for each database and due slot.

data "aws_iam_policy_document" "create" {
  source_policy_documents = [
    data.aws_iam_policy_document.common[local.region].json,
    data.aws_iam_policy_document.evidence["create"].json,
    data.aws_iam_policy_document.tag_new.json,
  ]

  statement {
    sid       = "SnapshotDatabases"
    actions   = ["rds:CreateDBSnapshot", "rds:CreateDBClusterSnapshot"]
    resources = local.databases
  }

  statement {
    sid       = "AsOurRecoveryPoints"
    actions   = ["rds:CreateDBSnapshot", "rds:CreateDBClusterSnapshot"]
    resources = local.recovery_points

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/snapkeep:owner"
      values   = [var.name]
    }
  }
}

module "create" {
  source = "./modules/function"

  name        = var.name
  verb        = "create"
  settings    = local.function
  schedule    = var.schedules.create
  shards      = var.shards.create
  policy_json = data.aws_iam_policy_document.create.json
}

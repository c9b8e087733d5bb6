# prune: deletes what the policy no longer keeps. The only function that may delete a recovery point, and it may not tag: it can't make
# anything prunable.

data "aws_iam_policy_document" "prune" {
  source_policy_documents = [
    data.aws_iam_policy_document.common[local.region].json,
    data.aws_iam_policy_document.evidence["prune"].json,
  ]

  statement {
    sid       = "DeleteOwnRecoveryPoints"
    actions   = ["rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot"]
    resources = local.recovery_points

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/snapkeep:owner"
      values   = [var.name]
    }
  }

  # A denial, of whatever there is: with a tag of its own making it could delete anything.
  statement {
    sid       = "NeverTag"
    effect    = "Deny"
    actions   = ["rds:AddTagsToResource", "rds:RemoveTagsFromResource"]
    resources = ["*"]
  }
}

module "prune" {
  source = "./modules/function"

  name        = var.name
  verb        = "prune"
  settings    = local.function
  schedule    = var.schedules.prune
  shards      = var.shards.prune
  policy_json = data.aws_iam_policy_document.prune.json
  environment = { SNAPKEEP_DRY_RUN = tostring(!var.prune_enabled) }
}

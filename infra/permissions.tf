# What all functions may do, a standby too, and what none of them may. What only one of them may do is in its own file.

data "aws_iam_policy_document" "look" {
  # Lists of RDS can't be narrowed by name without hiding databases, and a hidden database looks like one that is gone.
  statement {
    sid = "Look"
    actions = [
      "rds:DescribeAccountAttributes",
      "rds:DescribeDBClusters",
      "rds:DescribeDBClusterSnapshots",
      "rds:DescribeDBInstances",
      "rds:DescribeDBSnapshots",
      "rds:ListTagsForResource",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = local.all_regions
    }
  }

  # Whatever else a role is given one day: no function gives a recovery point to anybody else.
  statement {
    sid       = "NeverShareNorExport"
    effect    = "Deny"
    actions   = ["rds:ModifyDBSnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute", "rds:StartExportTask"]
    resources = ["*"]
  }
}

locals {
  # What functions have where they run: at home, and where a standby is.
  places = merge(
    { (local.region) = { bucket = module.bucket.arn, key = aws_kms_key.home.arn } },
    { for bucket in module.standby_bucket : var.standby.region => { bucket = bucket.arn, key = aws_kms_key.standby[0].arn } },
  )
}

data "aws_iam_policy_document" "common" {
  for_each = local.places

  source_policy_documents = [data.aws_iam_policy_document.look.json]

  statement {
    sid       = "ReadThePolicies"
    actions   = ["s3:GetObject"]
    resources = ["${each.value.bucket}/policy.json"]
  }

  # The newest record of evidence is the first key of a listing. And whoever may not list is told "denied" instead of "not there".
  statement {
    sid       = "FindWhatIsThere"
    actions   = ["s3:ListBucket"]
    resources = [each.value.bucket]
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [each.value.key]
  }
}

# Each verb writes its own evidence, and reads it to write behind the newest.
data "aws_iam_policy_document" "evidence" {
  for_each = toset(["create", "copy", "verify", "prune", "alarm"])

  statement {
    sid       = "KeepEvidence"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.bucket.arn}/evidence/${each.value}/*"]
  }

  dynamic "statement" {
    for_each = var.evidence_lock_days > 0 ? [true] : []

    content {
      sid       = "LockEvidence"
      actions   = ["s3:PutObjectRetention"]
      resources = ["${module.bucket.arn}/evidence/${each.value}/*"]

      condition {
        test     = "StringEquals"
        variable = "s3:object-lock-mode"
        values   = ["COMPLIANCE"]
      }
    }
  }

  # Nobody who writes evidence can take it away, or write over what is there but by another version.
  statement {
    sid       = "NeverDeleteEvidence"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
    resources = ["${module.bucket.arn}/*"]
  }
}

# New recovery points are tagged as they are made. The tags of a verdict are verify's: who may write them says what is proven.
data "aws_iam_policy_document" "tag_new" {
  statement {
    sid       = "TagNewRecoveryPoints"
    actions   = ["rds:AddTagsToResource"]
    resources = local.recovery_points

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/snapkeep:owner"
      values   = [var.name]
    }

    # A new one has no tags yet; one that is another deployment's stays so, or it could be taken over and pruned.
    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceTag/snapkeep:owner"
      values   = [var.name]
    }

    condition {
      test     = "ForAllValues:StringNotLike"
      variable = "aws:TagKeys"
      values   = ["snapkeep:verdict*"]
    }
  }
}

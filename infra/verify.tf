# verify: restores recovery points into sealed scratch databases, questions them, says what that proves, and cleans up.

data "aws_iam_policy_document" "verify" {
  source_policy_documents = [
    data.aws_iam_policy_document.common[local.region].json,
    data.aws_iam_policy_document.evidence["verify"].json,
    data.aws_iam_policy_document.database_keys.json,
  ]

  # AWS offers no way to narrow these: versions are everybody's, and a restore job belongs to no resource.
  statement {
    sid       = "LookUpVersionsAndRestoreJobs"
    actions   = ["rds:DescribeDBEngineVersions", "backup:DescribeRestoreJob", "backup:PutRestoreValidationResult"]
    resources = ["*"]
  }

  # What is restored must be called and tagged as scratch, from the first call on.
  statement {
    sid = "RestoreIntoScratch"
    actions = [
      "rds:RestoreDBInstanceFromDBSnapshot",
      "rds:RestoreDBClusterFromSnapshot",
      "rds:CreateDBInstance",
    ]
    resources = local.scratch

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/snapkeep:scratch"
      values   = [var.name]
    }

    condition {
      test     = "BoolIfExists"
      variable = "rds:PubliclyAccessible"
      values   = ["false"]
    }
  }

  statement {
    sid       = "FromRecoveryPoints"
    actions   = ["rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBClusterFromSnapshot"]
    resources = local.recovery_points
  }

  # A point in time is a database's, so the database that it comes from must be allowed too, and IAM can't tell it from the
  # restored one: that one is kept apart by its tag, and its name by TagNewScratch.
  statement {
    sid       = "FromAutomatedBackups"
    actions   = ["rds:RestoreDBInstanceToPointInTime", "rds:RestoreDBClusterToPointInTime"]
    resources = local.databases

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/snapkeep:scratch"
      values   = [var.name]
    }

    condition {
      test     = "BoolIfExists"
      variable = "rds:PubliclyAccessible"
      values   = ["false"]
    }
  }

  statement {
    sid = "WithNetworkAndParameters"
    actions = [
      "rds:RestoreDBInstanceFromDBSnapshot",
      "rds:RestoreDBClusterFromSnapshot",
      "rds:RestoreDBInstanceToPointInTime",
      "rds:RestoreDBClusterToPointInTime",
      "rds:CreateDBInstance",
    ]
    resources = flatten([for arn in values(local.rds) : ["${arn}:subgrp:*", "${arn}:pg:*", "${arn}:cluster-pg:*", "${arn}:og:*"]])
  }

  statement {
    sid       = "TagNewScratch"
    actions   = ["rds:AddTagsToResource"]
    resources = local.scratch

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/snapkeep:scratch"
      values   = [var.name]
    }
  }

  # Name and tag, both: a production database has neither.
  statement {
    sid       = "RunAndTearDownScratch"
    actions   = ["rds:ModifyDBInstance", "rds:ModifyDBCluster", "rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:AddTagsToResource"]
    resources = local.scratch

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/snapkeep:scratch"
      values   = [var.name]
    }
  }

  # A cluster is deleted without a last snapshot, and IAM asks for that resource all the same. Alone this allows nothing: the cluster is
  # the other resource of the same call.
  statement {
    sid       = "WithoutLastSnapshot"
    actions   = ["rds:DeleteDBCluster"]
    resources = [for arn in values(local.rds) : "${arn}:cluster-snapshot:*"]
  }

  statement {
    sid       = "TagVerdicts"
    actions   = ["rds:AddTagsToResource"]
    resources = local.recovery_points

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/snapkeep:owner"
      values   = [var.name]
    }

    condition {
      test     = "ForAllValues:StringLike"
      variable = "aws:TagKeys"
      values   = ["snapkeep:verdict*"]
    }
  }

  # What a rehearsed restore to a point in time has shown is written on the database itself.
  statement {
    sid       = "TagRehearsals"
    actions   = ["rds:AddTagsToResource"]
    resources = local.databases

    condition {
      test     = "ForAllValues:StringLike"
      variable = "aws:TagKeys"
      values   = ["snapkeep:rehearsal*"]
    }
  }

  # Passwords of scratch databases, and what each recovery point held.
  statement {
    sid       = "RememberPasswordsAndSurveys"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.bucket.arn}/scratch/*", "${module.bucket.arn}/surveys/*"]
  }

  dynamic "statement" {
    for_each = var.validate_restore_tests ? [true] : []

    # What AWS Backup's restore testing makes is called so, and nothing else is.
    # Source: AWS Backup Developer Guide, "Restore testing".
    content {
      sid     = "QuestionRestoreTests"
      actions = ["rds:ModifyDBInstance", "rds:ModifyDBCluster", "rds:AddTagsToResource", "rds:CreateDBInstance"]
      resources = flatten([
        for region in local.database_regions : ["${local.rds[region]}:db:awsbackup-restore-test-*", "${local.rds[region]}:cluster:awsbackup-restore-test-*"]
      ])

      condition {
        test     = "BoolIfExists"
        variable = "rds:PubliclyAccessible"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.network == null ? [] : [true]

    # Lambda makes the interfaces of a function in a VPC with the function's role, and names no resource then.
    # Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
    content {
      sid       = "LiveInTheNetwork"
      actions   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
      resources = ["*"]
    }
  }
}

module "verify" {
  source = "./modules/function"

  name        = var.name
  verb        = "verify"
  settings    = local.function
  schedule    = var.schedules.verify
  shards      = var.shards.verify
  policy_json = data.aws_iam_policy_document.verify.json
  network = var.network == null ? null : {
    subnet_ids         = var.network.subnet_ids
    security_group_ids = aws_security_group.verify[*].id
  }

  # Shards are left to their schedules, as copy's are; of a restore test nothing but its event tells.
  wakes_on = merge(
    { for name, pattern in {
      recovery-points = {
        source      = ["aws.rds"]
        detail-type = ["RDS DB Snapshot Event", "RDS DB Cluster Snapshot Event"]
        detail      = { SourceIdentifier = [{ prefix = "snapkeep-" }] }
      }
      # A scratch database is there, has its password, or is gone.
      scratch = {
        source      = ["aws.rds"]
        detail-type = ["RDS DB Instance Event", "RDS DB Cluster Event"]
        detail      = { SourceIdentifier = [{ prefix = "snapkeep-scratch-" }] }
      }
    } : name => pattern if var.shards.verify == 1 },
    var.validate_restore_tests ? {
      restore-tests = {
        source      = ["aws.backup"]
        detail-type = ["Restore Job State Change"]
        detail      = { status = ["COMPLETED"], restoreTestingPlanArn = [{ exists = true }] }
      }
    } : {},
  )
}

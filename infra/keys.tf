# One key for what the deployment keeps at home: bucket, topic, queues, logs, settings. One in each region to which encrypted
# recovery points are copied without a key of their own.

# At home, and the same where a standby is.
data "aws_iam_policy_document" "home_key" {
  for_each = toset(concat([local.region], var.standby[*].region))

  #checkov:skip=CKV_AWS_109:A key's policy must let its account administer it, or nobody can; IAM decides who
  #checkov:skip=CKV_AWS_111:As above; "*" is the key itself in a key's policy
  #checkov:skip=CKV_AWS_356:As above
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  # CloudWatch publishes alarms to the encrypted topic, EventBridge puts what it couldn't deliver into encrypted queues.
  statement {
    sid       = "AlarmsAndEvents"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  # "*" is the key itself in a key's policy.
  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${each.value}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${each.value}:${local.account}:log-group:/aws/lambda/${var.name}-*"]
    }
  }
}

resource "aws_kms_key" "home" {
  description         = "snapkeep ${var.name}: policy, evidence, alarms, logs"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.home_key[local.region].json
  tags                = var.tags
}

resource "aws_kms_alias" "home" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.home.key_id
}

data "aws_iam_policy_document" "copies_key" {
  #checkov:skip=CKV_AWS_109:A key's policy must let its account administer it, or nobody can; IAM decides who
  #checkov:skip=CKV_AWS_111:As above; "*" is the key itself in a key's policy
  #checkov:skip=CKV_AWS_356:As above
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

# Whoever loses this key has lost the copies. A destroyed deployment leaves 30 days to cancel its deletion.
resource "aws_kms_key" "copies" {
  for_each = local.made_key_regions

  region                  = each.value
  description             = "snapkeep ${var.name}: copies of recovery points"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.copies_key.json
  tags                    = var.tags
}

resource "aws_kms_alias" "copies" {
  for_each = local.made_key_regions

  region        = each.value
  name          = "alias/${var.name}-copies"
  target_key_id = aws_kms_key.copies[each.value].key_id
}

# What copies and restores do with the databases' keys and the copies': through RDS only, whoever holds the role.
locals {
  given_copy_keys = [for arn in distinct(flatten([for policy in values(var.policies) : policy.copies[*].kms_key])) : arn if arn != null]
  # An alias names a key that may change, and IAM knows only keys.
  aliased       = anytrue([for arn in local.given_copy_keys : can(regex(":alias/", arn))])
  database_keys = length(var.database_key_arns) > 0 ? var.database_key_arns : ["arn:${local.partition}:kms:*:${local.account}:key/*"]
  rds_keys = distinct(concat(
    local.database_keys,
    values(aws_kms_key.copies)[*].arn,
    local.aliased ? ["arn:${local.partition}:kms:*:${local.account}:key/*"] : local.given_copy_keys,
  ))
}

data "aws_iam_policy_document" "database_keys" {
  # The permissions that RDS needs of its caller to copy or restore what is encrypted.
  # Source: Amazon RDS User Guide, "Encrypting Amazon RDS resources" and "Copying an encrypted DB snapshot".
  statement {
    sid       = "UseDatabaseKeys"
    actions   = ["kms:DescribeKey", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = local.rds_keys

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for region in local.all_regions : "rds.${region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "GrantDatabaseKeysToRds"
    actions   = ["kms:CreateGrant"]
    resources = local.rds_keys

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for region in local.all_regions : "rds.${region}.amazonaws.com"]
    }
  }
}

# What the deployment remembers: the policy document, evidence/, state/ (open alarms), reports/, surveys/ and scratch/ (passwords of scratch
# databases). Nothing in it is a backup.

module "bucket" {
  source = "./modules/bucket"

  name                  = "${var.name}-${local.account}-${local.region}"
  kms_key_arn           = aws_kms_key.home.arn
  object_lock           = true
  policy_documents      = [data.aws_iam_policy_document.passwords.json]
  report_retention_days = var.report_retention_days
  force_destroy         = var.force_destroy
  tags                  = var.tags
}

data "aws_iam_policy_document" "passwords" {
  # The passwords of scratch databases are verify's alone, whatever else the account's people may read.
  statement {
    sid       = "OnlyVerifyReadsPasswords"
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${module.bucket.arn}/scratch/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = ["arn:${local.partition}:iam::${local.account}:role/${var.name}-verify"]
    }
  }
}

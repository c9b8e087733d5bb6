# What the deployment remembers: the policy document, evidence/, state/ (open alarms), reports/, surveys/ and scratch/ (passwords of scratch
# databases). Nothing in it is a backup.

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Who read or wrote it is in CloudTrail's data events, if the account wants them
  #checkov:skip=CKV_AWS_144:It holds no backups; policy and evidence of another region are of no use without its databases
  #checkov:skip=CKV2_AWS_61:It has one below, which isn't found where the module is called by a root
  #checkov:skip=CKV2_AWS_62:Nobody waits for objects; the functions look
  bucket              = "${var.name}-${local.account}-${local.region}"
  object_lock_enabled = true
  force_destroy       = var.force_destroy
  tags                = var.tags
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.home.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  # A scratch database lives for seven days at most, so its password is of no use afterwards.
  rule {
    id     = "passwords-of-scratch-databases"
    status = "Enabled"

    filter {
      prefix = "scratch/"
    }

    expiration {
      days = 8
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "earlier-versions-of-state"
    status = "Enabled"

    filter {
      prefix = "state/"
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  rule {
    id     = "old-reports"
    status = "Enabled"

    filter {
      prefix = "reports/"
    }

    expiration {
      days = var.report_retention_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  # Rules for earlier versions need versions.
  depends_on = [aws_s3_bucket_versioning.this]
}

locals {
  # By region: at home, and where a standby is.
  buckets = merge(
    { (local.region) = aws_s3_bucket.this.arn },
    { for bucket in aws_s3_bucket.standby : var.standby.region => bucket.arn },
  )
}

data "aws_iam_policy_document" "guarded" {
  for_each = local.buckets

  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "OnlyThisAccount"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  source_policy_documents = [data.aws_iam_policy_document.guarded[local.region].json]

  # The passwords of scratch databases are verify's alone, whatever else the account's people may read.
  statement {
    sid       = "OnlyVerifyReadsPasswords"
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.this.arn}/scratch/*"]

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

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket_public_access_block.this.bucket
  policy = data.aws_iam_policy_document.bucket.json
}

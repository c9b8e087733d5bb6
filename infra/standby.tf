# The standby: alarm once more, in a second region, with what it needs there. It reads two things of home's bucket, alarm's memory and
# what prune wrote down, and tells only while home is silent.

resource "aws_kms_key" "standby" {
  count = length(var.standby[*])

  region              = var.standby.region
  description         = "snapkeep ${var.name}: the standby's policy, state, alarms, logs"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.home_key[var.standby.region].json
  tags                = var.tags
}

resource "aws_kms_alias" "standby" {
  count = length(var.standby[*])

  region        = var.standby.region
  name          = "alias/${var.name}-standby"
  target_key_id = aws_kms_key.standby[0].key_id
}

resource "aws_sns_topic" "standby" {
  count = length(var.standby[*])

  region            = var.standby.region
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.standby[0].arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "standby" {
  count = length(var.standby[*])

  region = var.standby.region
  arn    = aws_sns_topic.standby[0].arn
  policy = data.aws_iam_policy_document.topic[var.standby.region].json
}

resource "aws_s3_bucket" "standby" {
  #checkov:skip=CKV_AWS_18:Who read or wrote it is in CloudTrail's data events, if the account wants them
  #checkov:skip=CKV_AWS_144:It is what is left when the other region is out; nothing in it is proof of anything
  #checkov:skip=CKV2_AWS_61:It has one below, which isn't found where the module is called by a root
  #checkov:skip=CKV2_AWS_62:Nobody waits for objects; the function looks
  count = length(var.standby[*])

  region        = var.standby.region
  bucket        = "${var.name}-${local.account}-${var.standby.region}"
  force_destroy = var.force_destroy
  tags          = var.tags

  lifecycle {
    precondition {
      condition     = var.standby.region != local.region
      error_message = "CONFLICT standby.region: expected a region other than that of the functions, ${local.region}."
    }

    precondition {
      condition     = (var.artifacts.bucket == null) == (var.standby.artifacts_bucket == null)
      error_message = "MISSING_FIELD standby.artifacts_bucket: expected a bucket in ${var.standby.region} if, and only if, artifacts are in a bucket."
    }
  }
}

resource "aws_s3_bucket_versioning" "standby" {
  count = length(var.standby[*])

  region = var.standby.region
  bucket = aws_s3_bucket.standby[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "standby" {
  count = length(var.standby[*])

  region = var.standby.region
  bucket = aws_s3_bucket.standby[0].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.standby[0].arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "standby" {
  count = length(var.standby[*])

  region                  = var.standby.region
  bucket                  = aws_s3_bucket.standby[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "standby" {
  count = length(var.standby[*])

  region = var.standby.region
  bucket = aws_s3_bucket.standby[0].id

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
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  # Rules for earlier versions need versions.
  depends_on = [aws_s3_bucket_versioning.standby]
}

resource "aws_s3_bucket_policy" "standby" {
  count = length(var.standby[*])

  region = var.standby.region
  bucket = aws_s3_bucket_public_access_block.standby[0].bucket
  policy = data.aws_iam_policy_document.guarded[var.standby.region].json
}

# The same document: when home is out, nobody can read the one there.
resource "aws_s3_object" "standby_policy" {
  count = length(var.standby[*])

  region       = var.standby.region
  bucket       = aws_s3_bucket.standby[0].id
  key          = "policy.json"
  content      = aws_s3_object.policy.content
  content_type = "application/json"
  kms_key_id   = aws_kms_key.standby[0].arn
  tags         = var.tags

  depends_on = [
    aws_s3_bucket_versioning.standby,
    aws_s3_bucket_server_side_encryption_configuration.standby,
    aws_s3_bucket_public_access_block.standby,
  ]
}

data "aws_iam_policy_document" "standby" {
  count = length(var.standby[*])

  source_policy_documents = [data.aws_iam_policy_document.look.json]

  statement {
    sid       = "ReadThePolicies"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.standby[0].arn}/policy.json"]
  }

  # The newest record of prune's is the first key of a listing. And whoever may not list is told "denied" instead of "not there".
  statement {
    sid       = "FindWhatIsThere"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.standby[0].arn, aws_s3_bucket.this.arn]
  }

  statement {
    sid       = "UseItsKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.standby[0].arn]
  }

  statement {
    sid       = "Tell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.standby[0].arn]
  }

  statement {
    sid       = "RememberWhatWasTold"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.standby[0].arn}/state/*"]
  }

  # One that was deleted or damaged: it goes back to the newest version that can be read.
  statement {
    sid       = "FindEarlierMemories"
    actions   = ["s3:ListBucketVersions"]
    resources = [aws_s3_bucket.standby[0].arn]

    condition {
      test     = "StringEquals"
      variable = "s3:prefix"
      values   = ["state/standby.json"]
    }
  }

  statement {
    sid       = "GoBackToAnEarlierMemory"
    actions   = ["s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.standby[0].arn}/state/standby.json"]
  }

  # When home last looked and what it told; and what of the missing recovery points prune deleted. At home it writes nothing.
  statement {
    sid       = "HearOfHome"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this.arn}/state/alarms.json", "${aws_s3_bucket.this.arn}/evidence/prune/*"]
  }

  statement {
    sid       = "ReadWithTheHomeKey"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.home.arn]
  }
}

module "standby" {
  source = "./modules/function"
  count  = length(var.standby[*])

  name   = var.name
  verb   = "alarm"
  label  = "standby"
  region = var.standby.region
  settings = merge(local.function, {
    code          = var.artifacts.bucket == null ? var.artifacts : merge(var.artifacts, { bucket = var.standby.artifacts_bucket })
    kms_key_arn   = aws_kms_key.standby[0].arn
    alarm_actions = [aws_sns_topic.standby[0].arn]
    environment   = { SNAPKEEP_BUCKET = aws_s3_bucket.standby[0].bucket, SNAPKEEP_POLICY_KEY = aws_s3_object.standby_policy[0].key, SNAPKEEP_DEPLOYMENT = var.name }
  })
  schedule    = var.schedules.alarm
  policy_json = data.aws_iam_policy_document.standby[0].json
  environment = merge(
    {
      SNAPKEEP_STANDBY_FOR   = local.region
      SNAPKEEP_STANDBY_AFTER = var.standby.silent_after
      SNAPKEEP_HOME_BUCKET   = aws_s3_bucket.this.bucket
      SNAPKEEP_TOPIC_ARN     = aws_sns_topic.standby[0].arn
      SNAPKEEP_ALERT_FORMAT  = var.alert_format
    },
    var.runbook_url == null ? {} : { SNAPKEEP_RUNBOOK_URL = var.runbook_url },
  )
}

# The standby: alarm once more, in a second region, with what it needs there. It reads two things of home's bucket, alarm's memory and
# what prune wrote down, and tells only while home is silent.

resource "aws_kms_key" "standby" {
  count = length(var.standby[*])

  region              = var.standby.region
  description         = "snapkeep ${var.name}: the standby's policy, state, alarms, logs"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.home_key[var.standby.region].json
  tags                = var.tags

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

module "standby_bucket" {
  source = "./modules/bucket"
  count  = length(var.standby[*])

  name                  = "${var.name}-${local.account}-${var.standby.region}"
  region                = var.standby.region
  kms_key_arn           = aws_kms_key.standby[0].arn
  report_retention_days = var.report_retention_days
  force_destroy         = var.force_destroy
  tags                  = var.tags
}

# The same document: when home is out, nobody can read the one there.
resource "aws_s3_object" "standby_policy" {
  count = length(var.standby[*])

  region       = var.standby.region
  bucket       = module.standby_bucket[0].name
  key          = "policy.json"
  content      = aws_s3_object.policy.content
  content_type = "application/json"
  kms_key_id   = aws_kms_key.standby[0].arn
  tags         = var.tags
}

data "aws_iam_policy_document" "standby" {
  count = length(var.standby[*])

  source_policy_documents = [data.aws_iam_policy_document.common[var.standby.region].json]

  statement {
    sid       = "Tell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.standby[0].arn]
  }

  statement {
    sid       = "RememberWhatWasTold"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.standby_bucket[0].arn}/state/*"]
  }

  # One that was deleted or damaged: it goes back to the newest version that can be read.
  statement {
    sid       = "FindEarlierMemories"
    actions   = ["s3:ListBucketVersions"]
    resources = [module.standby_bucket[0].arn]

    condition {
      test     = "StringEquals"
      variable = "s3:prefix"
      values   = ["state/standby.json"]
    }
  }

  statement {
    sid       = "GoBackToAnEarlierMemory"
    actions   = ["s3:GetObjectVersion"]
    resources = ["${module.standby_bucket[0].arn}/state/standby.json"]
  }

  # When home last looked and what it told; and what of the missing recovery points prune deleted. At home it writes nothing.
  statement {
    sid       = "HearOfHome"
    actions   = ["s3:GetObject"]
    resources = ["${module.bucket.arn}/state/alarms.json", "${module.bucket.arn}/evidence/prune/*"]
  }

  # The newest record of prune's is the first key of a listing, and a memory that isn't there yet shall not look forbidden.
  statement {
    sid       = "FindWhatIsAtHome"
    actions   = ["s3:ListBucket"]
    resources = [module.bucket.arn]
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
    environment   = { SNAPKEEP_BUCKET = module.standby_bucket[0].name, SNAPKEEP_POLICY_KEY = aws_s3_object.standby_policy[0].key, SNAPKEEP_DEPLOYMENT = var.name }
  })
  schedule    = var.schedules.alarm
  policy_json = data.aws_iam_policy_document.standby[0].json
  environment = merge(
    {
      SNAPKEEP_STANDBY_FOR   = local.region
      SNAPKEEP_STANDBY_AFTER = var.standby.silent_after
      SNAPKEEP_HOME_BUCKET   = module.bucket.name
      SNAPKEEP_TOPIC_ARN     = aws_sns_topic.standby[0].arn
      SNAPKEEP_ALERT_FORMAT  = var.alert_format
    },
    var.runbook_url == null ? {} : { SNAPKEEP_RUNBOOK_URL = var.runbook_url },
  )
}

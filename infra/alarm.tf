# alarm: judges what exists, and tells what is missing.

data "aws_iam_policy_document" "alarm" {
  source_policy_documents = [
    data.aws_iam_policy_document.common[local.region].json,
    data.aws_iam_policy_document.evidence["alarm"].json,
  ]

  statement {
    sid       = "Tell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]
  }

  statement {
    sid       = "RememberOpenAlarms"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.bucket.arn}/state/*"]
  }

  # One that was deleted or damaged: it goes back to the newest version that can be read.
  statement {
    sid       = "FindEarlierMemories"
    actions   = ["s3:ListBucketVersions"]
    resources = [module.bucket.arn]

    condition {
      test     = "StringEquals"
      variable = "s3:prefix"
      values   = ["state/alarms.json"]
    }
  }

  statement {
    sid       = "GoBackToAnEarlierMemory"
    actions   = ["s3:GetObjectVersion"]
    resources = ["${module.bucket.arn}/state/alarms.json"]
  }

  # It seals the others' evidence into its own, which they can't write, and looks whether prune wrote down what is gone.
  statement {
    sid       = "ReadOthersEvidence"
    actions   = ["s3:GetObject"]
    resources = [for verb in ["create", "copy", "verify", "prune"] : "${module.bucket.arn}/evidence/${verb}/*"]
  }

  # It tells which runs failed, and takes out of the queues what it told.
  statement {
    sid       = "HearOfFailedRuns"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
    resources = values(local.failed_queues)[*].arn
  }

  # They can be made again, so they are written over; what is proof is the evidence.
  statement {
    sid       = "WriteReports"
    actions   = ["s3:PutObject"]
    resources = ["${module.bucket.arn}/reports/*"]
  }
}

module "alarm" {
  source = "./modules/function"

  name        = var.name
  verb        = "alarm"
  settings    = local.function
  schedule    = var.schedules.alarm
  policy_json = data.aws_iam_policy_document.alarm.json
  environment = merge(
    {
      SNAPKEEP_TOPIC_ARN     = aws_sns_topic.alarms.arn
      SNAPKEEP_ALERT_FORMAT  = var.alert_format
      SNAPKEEP_FAILED_QUEUES = jsonencode({ for verb, queue in local.failed_queues : verb => queue.url })
    },
    var.runbook_url == null ? {} : { SNAPKEEP_RUNBOOK_URL = var.runbook_url },
  )
}

locals {
  # Of every function, its own as well.
  failed_queues = {
    create = { url = module.create.failed_queue_url, arn = module.create.failed_queue_arn }
    copy   = { url = module.copy.failed_queue_url, arn = module.copy.failed_queue_arn }
    verify = { url = module.verify.failed_queue_url, arn = module.verify.failed_queue_arn }
    prune  = { url = module.prune.failed_queue_url, arn = module.prune.failed_queue_arn }
    alarm  = { url = module.alarm.failed_queue_url, arn = module.alarm.failed_queue_arn }
  }
}

# alarm: judges what exists, and tells what is missing.

data "aws_iam_policy_document" "alarm" {
  source_policy_documents = [data.aws_iam_policy_document.common.json]

  statement {
    sid       = "Tell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]
  }

  # CloudWatch's metrics have no ARN; the namespace is what narrows it.
  statement {
    sid       = "Measure"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["snapkeep"]
    }
  }

  statement {
    sid       = "RememberOpenAlarms"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.this.arn}/state/*"]
  }

  # Whether prune wrote down what is gone, or it vanished.
  statement {
    sid       = "ReadWhatWasPruned"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this.arn}/evidence/prune/*"]
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
    { SNAPKEEP_TOPIC_ARN = aws_sns_topic.alarms.arn, SNAPKEEP_ALERT_FORMAT = var.alert_format },
    var.runbook_url == null ? {} : { SNAPKEEP_RUNBOOK_URL = var.runbook_url },
  )
}

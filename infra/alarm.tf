# alarm: judges what exists, and tells what is missing.

data "aws_iam_policy_document" "alarm" {
  source_policy_documents = [
    data.aws_iam_policy_document.common.json,
    data.aws_iam_policy_document.evidence["alarm"].json,
  ]

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

  # It seals the others' evidence into its own, which they can't write, and looks whether prune wrote down what is gone.
  statement {
    sid       = "ReadOthersEvidence"
    actions   = ["s3:GetObject"]
    resources = [for verb in ["create", "copy", "verify", "prune"] : "${aws_s3_bucket.this.arn}/evidence/${verb}/*"]
  }

  # They can be made again, so they are written over; what is proof is the evidence.
  statement {
    sid       = "WriteReports"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this.arn}/reports/*"]
  }
}

module "alarm" {
  source = "./modules/function"

  name        = var.name
  verb        = "alarm"
  settings    = local.function
  schedule    = var.schedules.alarm
  policy_json = data.aws_iam_policy_document.alarm.json
  environment = { SNAPKEEP_TOPIC_ARN = aws_sns_topic.alarms.arn }
}

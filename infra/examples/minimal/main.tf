# Every database that is tagged `snapkeep:policy = standard` gets a recovery point every night; alarms go by email.

variable "email" {
  description = "Who hears of alarms. The subscription has to be confirmed by a click."
  type        = string
  default     = "oncall@example.com"
}

module "snapkeep" {
  source = "../.."

  artifacts = { path = var.artifacts }

  policies = {
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 14, weekly = 8, monthly = 12 }
    }
  }
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = module.snapkeep.topic_arn
  protocol  = "email"
  endpoint  = var.email
}

output "bucket" {
  description = "Ask `snapkeep doctor --bucket` whether it will do its work."
  value       = module.snapkeep.bucket
}

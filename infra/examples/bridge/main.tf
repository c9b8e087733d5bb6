# What is critical to PagerDuty, everything to a Slack channel, by bridges of snapkeep's own: no service has to be subscribed.

variable "slack_url" {
  description = "Address of the incoming webhook. It is a secret: give it by a variable file that isn't kept, or by TF_VAR_slack_url."
  type        = string
  default     = "https://hooks.slack.example.com/services/T0/B0/0123456789"
  sensitive   = true
}

variable "pagerduty_routing_key" {
  description = "Integration key of a service with an Events API v2 integration. It is a secret, too."
  type        = string
  default     = "0123456789abcdef0123456789abcdef"
  sensitive   = true
}

module "snapkeep" {
  source = "../.."

  artifacts   = { path = var.artifacts }
  runbook_url = "https://wiki.example.com/snapkeep/runbook"

  policies = {
    critical = {
      select    = { tags = { "snapkeep:policy" = "critical" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 14 }
      alarms    = { severity = "critical" }
    }
  }
}

module "slack" {
  source = "../../modules/bridge"

  name        = "snapkeep"
  service     = "slack"
  url         = var.slack_url
  topic_arn   = module.snapkeep.topic_arn
  kms_key_arn = module.snapkeep.kms_key_arn
  artifacts   = { path = var.artifacts }
}

module "pagerduty" {
  source = "../../modules/bridge"

  name          = "snapkeep"
  service       = "pagerduty"
  routing_key   = var.pagerduty_routing_key
  filter_policy = { severity = ["critical"] }
  topic_arn     = module.snapkeep.topic_arn
  kms_key_arn   = module.snapkeep.kms_key_arn
  artifacts     = { path = var.artifacts }
}

variable "name" {
  description = "Name of the deployment whose topic is passed on."
  type        = string
}

variable "service" {
  description = "Where to: `slack` for an incoming webhook of Slack, Mattermost or another that takes the same, `pagerduty` for the Events API v2."
  type        = string

  validation {
    condition     = contains(["slack", "pagerduty"], var.service)
    error_message = "BAD_VALUE service: expected slack or pagerduty."
  }
}

variable "url" {
  description = "Address of the webhook; it is a secret. For `pagerduty` only if the account isn't in the United States: `https://events.eu.pagerduty.com/v2/enqueue`."
  type        = string
  default     = null
  sensitive   = true
}

variable "routing_key" {
  description = "Integration key of PagerDuty's service; it is a secret."
  type        = string
  default     = null
  sensitive   = true
}

variable "filter_policy" {
  description = "Which messages are passed on, by their attributes. Without it, all, CloudWatch's alarms on the functions among them, which have no attributes."
  type        = map(list(string))
  default     = null
}

variable "topic_arn" {
  description = "The deployment's topic: its output `topic_arn`."
  type        = string
}

variable "kms_key_arn" {
  description = "The deployment's key: its output `kms_key_arn`."
  type        = string
}

variable "artifacts" {
  description = "Where `alarm.zip` is: as for the deployment."
  type = object({
    path   = optional(string)
    bucket = optional(string)
    prefix = optional(string, "")
  })
}

variable "architecture" {
  description = "Processors that the artifacts are built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"
}

variable "log_retention_days" {
  description = "How long the bridge's log is kept."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags of everything that the bridge is made of."
  type        = map(string)
  default     = {}
}

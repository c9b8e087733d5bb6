variable "name" {
  description = "Name of the deployment."
  type        = string
}

variable "verb" {
  description = "What the function does: `create`, `copy`, `verify`, `prune` or `alarm`."
  type        = string
}

variable "label" {
  description = "What it is called, if not by its verb: a second function of one verb has another name."
  type        = string
  default     = null
}

variable "region" {
  description = "Where it runs, if not in the provider's region."
  type        = string
  default     = null
}

variable "settings" {
  description = "What all functions of the deployment have in common."
  type = object({
    code = object({
      path   = optional(string)
      bucket = optional(string)
      prefix = optional(string)
    })
    architecture         = string
    kms_key_arn          = string
    log_retention_days   = number
    permissions_boundary = optional(string)
    reserved_concurrency = number
    timeout_seconds      = number
    silent_after_hours   = number
    time_zone            = string
    alarm_actions        = list(string)
    environment          = map(string)
    tags                 = map(string)
  })
}

variable "schedule" {
  description = "When it looks."
  type        = string
}

variable "shards" {
  description = "Runs into which its work is divided: so many schedules, each with its part in the input."
  type        = number
  default     = 1
}

variable "policy_json" {
  description = "What it may do, but for its own logs and queue."
  type        = string
}

variable "environment" {
  description = "Settings of this function alone."
  type        = map(string)
  default     = {}
}

variable "network" {
  description = "Subnets and security groups that it runs in, if any."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "wakes_on" {
  description = "Patterns of events that wake it beside its schedule, by a short name."
  # Patterns differ in what they match by; each becomes JSON as it is.
  type    = any
  default = {}
}

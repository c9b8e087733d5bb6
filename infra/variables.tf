# The policies themselves are in policies.tf.

variable "name" {
  description = "Name of this deployment. All it makes is called after it, and every recovery point carries it: two deployments in an account never touch each other's."
  type        = string
  default     = "snapkeep"

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 24
    error_message = "BAD_VALUE name: expected at most 24 lower-case letters, digits and single hyphens between them."
  }
}

variable "artifacts" {
  description = "Where `create.zip`, `copy.zip`, `verify.zip`, `prune.zip` and `alarm.zip` are: in a folder (`path`), as `./dist` makes them, or below a prefix of a bucket in the functions' region (`bucket`, `prefix`)."
  type = object({
    path   = optional(string)
    bucket = optional(string)
    prefix = optional(string, "")
  })

  validation {
    condition     = (var.artifacts.path == null) != (var.artifacts.bucket == null)
    error_message = "BAD_VALUE artifacts: expected either path or bucket."
  }
}

variable "architecture" {
  description = "Processors that the artifacts are built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "BAD_VALUE architecture: expected arm64 or x86_64."
  }
}

variable "schedules" {
  description = "When each function looks, as EventBridge Scheduler writes it. What is due is the policies' business: to look more often changes nothing but how soon it is seen."
  type = object({
    create = optional(string, "rate(15 minutes)")
    copy   = optional(string, "rate(15 minutes)")
    verify = optional(string, "rate(10 minutes)")
    prune  = optional(string, "rate(1 hour)")
    alarm  = optional(string, "rate(15 minutes)")
  })
  default = {}

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(cron|rate|at)\\(.+\\)$", schedule))])
    error_message = "BAD_VALUE schedules: expected cron(…), rate(…) or at(…)."
  }
}

variable "shards" {
  description = "Runs into which the work of a function is divided, for fleets that one run doesn't get through in its time: so many schedules, each with its part in the input. Databases are dealt out by a hash of their resource id. Every run lists the whole account, so take no more than it needs. A function in several shards isn't woken by the events of databases and snapshots, of which a large fleet has too many; its schedule is."
  type = object({
    create = optional(number, 1)
    copy   = optional(number, 1)
    verify = optional(number, 1)
    prune  = optional(number, 1)
  })
  default = {}

  validation {
    condition     = alltrue([for shards in values(var.shards) : shards >= 1 && shards <= 16 && floor(shards) == shards])
    error_message = "BAD_VALUE shards: expected 1 to 16 for each function."
  }
}

variable "timeout_seconds" {
  description = "How long a run of a function may take. A run stops starting things 20 s before, and the next one goes on; listing may take three quarters of it, which for 60,000 recovery points is two to three minutes."
  type        = number
  default     = 300

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "BAD_VALUE timeout_seconds: expected 60 to 900."
  }
}

variable "report_schedules" {
  description = "When alarm writes its reports, as EventBridge Scheduler writes it; what is left out or null isn't written. `daily` is about the 24 hours before, `weekly` about the last whole ISO week, `monthly` about the last whole month. Without a `time_zone` of their own they are in the deployment's."
  type = object({
    daily     = optional(string)
    weekly    = optional(string)
    monthly   = optional(string)
    time_zone = optional(string)
  })
  default = {
    daily   = "cron(0 7 * * ? *)"
    weekly  = "cron(15 7 ? * MON *)"
    monthly = "cron(30 7 1 * ? *)"
  }

  validation {
    condition     = alltrue([for report in ["daily", "weekly", "monthly"] : can(regex("^(cron|rate|at)\\(.+\\)$", var.report_schedules[report])) || var.report_schedules[report] == null])
    error_message = "BAD_VALUE report_schedules: expected cron(…), rate(…) or at(…), or null for none."
  }

  validation {
    condition     = var.report_schedules.time_zone == null || can(regex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", var.report_schedules.time_zone))
    error_message = "BAD_VALUE report_schedules.time_zone: expected the name of an IANA time zone such as Europe/Vienna."
  }
}

variable "report_retention_days" {
  description = "For how long reports are kept. What they are made of, the evidence, stays."
  type        = number
  default     = 2557

  validation {
    condition     = var.report_retention_days >= 1 && floor(var.report_retention_days) == var.report_retention_days
    error_message = "BAD_VALUE report_retention_days: expected a number of days from 1."
  }
}

variable "prune_enabled" {
  description = "Lets prune delete. Until then it only reports what it would delete."
  type        = bool
  default     = false
}

variable "network" {
  description = <<-EOT
    Where verify reaches what it restored: a VPC and private subnets, best without a route out. The module makes a subnet group and
    security groups for scratch databases there, and puts verify into the subnets. `endpoints` also makes what verify needs to
    reach AWS from there: a gateway endpoint for S3 in `route_table_ids`, an interface endpoint for RDS, and one for AWS Backup if
    `validate_restore_tests` is set. Needed for policies with `verify`.
  EOT
  type = object({
    vpc_id          = string
    subnet_ids      = list(string)
    endpoints       = optional(bool, false)
    route_table_ids = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.network == null ? true : length(var.network.subnet_ids) >= 2
    error_message = "BAD_VALUE network.subnet_ids: expected subnets in at least two zones, as a subnet group must have."
  }

  validation {
    condition     = var.network == null ? true : !var.network.endpoints || length(var.network.route_table_ids) > 0
    error_message = "MISSING_FIELD network.route_table_ids: the endpoint for S3 is a route in the subnets' route tables."
  }
}

variable "database_key_arns" {
  description = "Keys with which the databases are encrypted: copies and restores use them. Without any, every key of this account that RDS is asked to use."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.database_key_arns : can(regex("^arn:aws(-cn|-us-gov)?:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn))])
    error_message = "BAD_VALUE database_key_arns: expected ARNs of keys; IAM doesn't know aliases."
  }
}

variable "evidence_lock_days" {
  description = "For how long nobody can delete or change a record of evidence, not even the account's administrator (S3 Object Lock, compliance mode). While any is locked, the bucket can't be destroyed. 0 locks nothing."
  type        = number
  default     = 365

  validation {
    condition     = var.evidence_lock_days >= 0 && var.evidence_lock_days <= 36500 && floor(var.evidence_lock_days) == var.evidence_lock_days
    error_message = "BAD_VALUE evidence_lock_days: expected a number of days from 0 to 36500."
  }
}

variable "force_destroy" {
  description = "Lets `terraform destroy` delete the bucket with all that is in it and isn't locked."
  type        = bool
  default     = false
}

variable "validate_restore_tests" {
  description = "Wakes verify for AWS Backup's restore testing: what it restored of a protected database is questioned, and AWS Backup is told the verdict."
  type        = bool
  default     = false
}

variable "silent_after_hours" {
  description = "A function that wasn't run for so long is reported. It must be longer than the longest pause between two of its schedules."
  type        = number
  default     = 3

  validation {
    condition     = var.silent_after_hours >= 1 && var.silent_after_hours <= 24 && floor(var.silent_after_hours) == var.silent_after_hours
    error_message = "BAD_VALUE silent_after_hours: expected 1 to 24; CloudWatch looks back a day."
  }
}

variable "reserved_concurrency" {
  description = "Runs of a function, or of each of its shards, at a time. 1 saves double work; that two runs at once do no harm doesn't depend on it. -1 reserves nothing, for accounts whose limit is too low to reserve from."
  type        = number
  default     = 1

  validation {
    condition     = contains([-1, 1], var.reserved_concurrency)
    error_message = "BAD_VALUE reserved_concurrency: expected 1, or -1 to reserve nothing."
  }
}

variable "log_retention_days" {
  description = "How long the functions' logs are kept. They are the witness of the evidence's newest entries."
  type        = number
  default     = 365
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role of the module, where the account demands one."
  type        = string
  default     = null
}

variable "alarm_actions" {
  description = "ARNs that also hear the CloudWatch alarms on the functions themselves, beside the topic."
  type        = list(string)
  default     = []
}

variable "alert_format" {
  description = "Who alarms are written for: `hybrid` for chats, pagers and programs at once, `chat` or `cloudwatch` for one of them alone, `plain` for people by email. Bridges read `hybrid` and `cloudwatch`."
  type        = string
  default     = "hybrid"

  validation {
    condition     = contains(["hybrid", "chat", "cloudwatch", "plain"], var.alert_format)
    error_message = "BAD_VALUE alert_format: expected hybrid, chat, cloudwatch or plain."
  }
}

variable "standby" {
  description = <<-EOT
    A second region, in which alarm looks as well and tells what is wrong while the one at home is silent for `silent_after` (ISO 8601): because
    its region is out, its function doesn't run, or its topic reaches nobody. It has a topic of its own there: whoever must hear of an outage subscribes
    to both. With artifacts in a bucket it needs a copy of `alarm.zip` below the same prefix of a bucket there (`artifacts_bucket`).
  EOT
  type = object({
    region           = string
    silent_after     = optional(string, "PT1H")
    artifacts_bucket = optional(string)
  })
  default = null

  validation {
    condition     = var.standby == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.standby.region))
    error_message = "BAD_VALUE standby.region: expected a region such as us-east-1."
  }

  validation {
    condition     = var.standby == null ? true : can(regex("^PT([0-9]+H)?([0-9]+M)?$", var.standby.silent_after)) && var.standby.silent_after != "PT"
    error_message = "BAD_VALUE standby.silent_after: expected an ISO 8601 duration such as PT1H, from PT5M to PT24H."
  }
}

variable "runbook_url" {
  description = "Address of your copy of `docs/runbook.md`, without an anchor: each alarm links to its section. Without it, alarms name the path in snapkeep's repository."
  type        = string
  default     = null

  validation {
    condition     = var.runbook_url == null ? true : can(regex("^https?://[^ #]+$", var.runbook_url)) && length(var.runbook_url) <= 300
    error_message = "BAD_VALUE runbook_url: expected https://… without an anchor, at most 300 characters."
  }
}

variable "tags" {
  description = "Tags of everything that the module makes. Not of recovery points: those are snapkeep's own."
  type        = map(string)
  default     = {}
}

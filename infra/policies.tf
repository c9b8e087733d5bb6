# What is wanted, as the policy document says it (schemas/policy.schema.json), in Terraform's types. What can be refused here is
# refused in the same cases as the functions' own parser refuses it; a test puts the same documents to both. The parser
# has the last word: what only it can judge (a time zone's name, a calendar that never comes) it refuses when the functions run.

variable "time_zone" {
  description = "IANA time zone of the policies' schedules and retention periods, and of cron expressions in `schedules`."
  type        = string
  default     = "UTC"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", var.time_zone))
    error_message = "BAD_VALUE time_zone: expected the name of an IANA time zone such as Europe/Vienna."
  }
}

variable "regions" {
  description = "Regions in which databases are looked for, beside those of the ARNs in the policies. Without any: the region that the module is applied in."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.regions : can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", region))])
    error_message = "BAD_VALUE regions: expected names such as us-west-2."
  }
}

variable "policies" {
  description = "What is wanted for which databases, by the policy's name. Terms and defaults are those of the policy document: see README and schemas/policy.schema.json. Counts are a number or `all`, durations ISO 8601."
  type = map(object({
    select = object({
      tags      = optional(map(string))
      databases = optional(list(string))
    })
    schedules = list(string)
    objectives = optional(object({
      rpo = optional(string)
      rto = optional(string)
    }))
    retention = object({
      keep_last      = optional(string)
      hourly         = optional(string)
      daily          = optional(string)
      weekly         = optional(string)
      monthly        = optional(string)
      yearly         = optional(string)
      within         = optional(string)
      within_hourly  = optional(string)
      within_daily   = optional(string)
      within_weekly  = optional(string)
      within_monthly = optional(string)
      within_yearly  = optional(string)
      keep_oldest    = optional(bool)
      min_keep       = optional(number)
      verified_floor = optional(number)
      expire_after   = optional(string)
      quarantine     = optional(string)
      drain          = optional(number)
      guard = optional(object({
        max_deletes = optional(number)
        max_percent = optional(number)
      }))
    })
    copies = optional(list(object({
      region = string
      # A key in that region; without one the module makes it.
      kms_key       = optional(string)
      option_group  = optional(string)
      late_after    = optional(string)
      give_up_after = optional(string)
      retention = optional(object({
        keep_last      = optional(string)
        hourly         = optional(string)
        daily          = optional(string)
        weekly         = optional(string)
        monthly        = optional(string)
        yearly         = optional(string)
        within         = optional(string)
        within_hourly  = optional(string)
        within_daily   = optional(string)
        within_weekly  = optional(string)
        within_monthly = optional(string)
        within_yearly  = optional(string)
        keep_oldest    = optional(bool)
        min_keep       = optional(number)
        verified_floor = optional(number)
        expire_after   = optional(string)
        quarantine     = optional(string)
        drain          = optional(number)
        guard = optional(object({
          max_deletes = optional(number)
          max_percent = optional(number)
        }))
      }))
    })), [])
    verify = optional(object({
      schedule = string
      # "latest", "least-recently-verified", or what pick_random or pick_point_in_time says instead.
      pick               = optional(string)
      pick_random        = optional(object({ window = string }))
      pick_point_in_time = optional(object({ back = string }))
      instance_class     = string
      deadline           = string
      region             = optional(string)
      # Those of `network`, if not given.
      subnet_group    = optional(string)
      security_groups = optional(list(string))
      check_timeout   = optional(string)
      concurrent_max  = optional(number)
      drift = optional(object({
        max_drop_percent = optional(number)
        ignore           = optional(list(string))
      }))
      checks = optional(list(object({
        sql        = optional(string)
        freshness  = optional(string)
        table      = optional(string)
        collection = optional(string)
        index      = optional(string)
        indexes    = optional(string)
        integrity  = optional(list(string))
        newest     = optional(string)
        min        = optional(number)
        max_age    = optional(string)
        database   = optional(string)
      })))
    }))
    alarms = optional(object({
      severity         = optional(string)
      missing_after    = optional(string)
      slot_after       = optional(string)
      unverified_after = optional(string)
      quota_percent    = optional(number)
    }))
  }))

  validation {
    condition     = length(var.policies) > 0
    error_message = "MISSING_FIELD policies: expected at least one policy."
  }

  validation {
    condition     = alltrue([for name in keys(var.policies) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", name)) && length(name) <= 64])
    error_message = "BAD_VALUE policies: expected names of lower-case letters, digits and hyphens."
  }

  validation {
    condition = alltrue([
      for policy in values(var.policies) : length(coalesce(policy.select.tags, {})) + length(coalesce(policy.select.databases, [])) > 0
    ])
    error_message = "MISSING_FIELD policies.*.select: expected tags, databases, or both."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        length(policy.schedules) > 0,
        [for schedule in concat(policy.schedules, policy.verify[*].schedule) : can(regex("^(cron|rate|at)\\(.+\\)$", schedule))],
      ]
    ]))
    error_message = "BAD_VALUE policies.*.schedules: expected at least one of cron(…), rate(…) or at(…), as AWS writes them."
  }

  validation {
    condition = alltrue(flatten([
      for retention in flatten([for policy in values(var.policies) : concat([policy.retention], policy.copies[*].retention)]) : retention == null ? [true] : [
        for count in [retention.keep_last, retention.hourly, retention.daily, retention.weekly, retention.monthly, retention.yearly] :
        count == null ? true : can(regex("^(all|[0-9]{1,10})$", count)) && try(tonumber(count) <= 4294967295, true)
      ]
    ]))
    error_message = "BAD_VALUE policies.*.retention: expected a whole number, not negative, or \"all\"."
  }

  validation {
    condition = alltrue([
      for retention in flatten([for policy in values(var.policies) : concat([policy.retention], policy.copies[*].retention)]) : retention == null ? true : anytrue(concat(
        [
          for count in [retention.keep_last, retention.hourly, retention.daily, retention.weekly, retention.monthly, retention.yearly] :
          count == null ? false : count != "0"
        ],
        [
          for window in [retention.within, retention.within_hourly, retention.within_daily, retention.within_weekly, retention.within_monthly, retention.within_yearly] :
          window != null
        ],
      ))
    ])
    error_message = "BAD_VALUE policies.*.retention: it keeps nothing; expected at least one rule that keeps something."
  }

  validation {
    condition = alltrue(flatten([
      for retention in flatten([for policy in values(var.policies) : concat([policy.retention], policy.copies[*].retention)]) : retention == null ? [true] : [
        for duration in [
          retention.within, retention.within_hourly, retention.within_daily, retention.within_weekly, retention.within_monthly, retention.within_yearly,
          retention.expire_after, retention.quarantine,
        ] :
        duration == null ? true : can(regex("^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", duration)) && can(regex("[0-9][YMWDHS]$", duration))
      ]
    ]))
    error_message = "BAD_VALUE policies.*.retention: expected ISO 8601 durations such as P14D or P6M."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for duration in flatten(concat(
          [for objectives in policy.objectives[*] : [objectives.rpo, objectives.rto]],
          [for copy in policy.copies : [copy.late_after, copy.give_up_after]],
          [for alarms in policy.alarms[*] : [alarms.missing_after, alarms.slot_after, alarms.unverified_after]],
          [
            for verify in policy.verify[*] : [
              verify.deadline, verify.check_timeout, verify.pick_random[*].window, verify.pick_point_in_time[*].back,
              [for check in coalesce(verify.checks, []) : check.max_age],
            ]
          ],
        )) :
        duration == null ? true : can(regex("^P([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", duration)) && can(regex("[0-9][WDHMS]$", duration))
      ]
    ]))
    error_message = "BAD_VALUE policies: expected ISO 8601 durations without years and months, such as PT25H or P14D."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for alarms in policy.alarms[*] : contains(["info", "warning", "critical"], coalesce(alarms.severity, "warning")) && coalesce(alarms.quota_percent, 80) >= 1 && coalesce(alarms.quota_percent, 80) <= 100
      ]
    ]))
    error_message = "BAD_VALUE policies.*.alarms: expected a severity of info, warning or critical, and a quota_percent of 1 to 100."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for copy in policy.copies : can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", copy.region)) && (
          copy.kms_key == null ? true : can(regex("^arn:aws(-cn|-us-gov)?:kms:${copy.region}:[0-9]{12}:(key|alias)/.+$", copy.kms_key))
        )
      ]
    ]))
    error_message = "BAD_VALUE policies.*.copies: expected a region such as us-east-1 and the ARN of a key in that very region."
  }

  validation {
    condition     = alltrue([for policy in values(var.policies) : length(distinct(policy.copies[*].region)) == length(policy.copies)])
    error_message = "BAD_VALUE policies.*.copies: expected each region once."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : length(compact([verify.pick, try(verify.pick_random.window, null), try(verify.pick_point_in_time.back, null)])) == 1 &&
        contains(["latest", "least-recently-verified"], coalesce(verify.pick, "latest"))
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify: expected pick to be latest or least-recently-verified, or instead of it pick_random or pick_point_in_time."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : can(regex("^db\\.[a-z0-9.-]+$", verify.instance_class)) && alltrue([for group in coalesce(verify.security_groups, []) : can(regex("^sg-[0-9a-z]+$", group))])
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify: expected an instance_class such as db.t4g.medium, and ids of security groups."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : [
          for check in coalesce(verify.checks, []) :
          length([for subject in [check.sql, check.freshness, check.table, check.collection, check.indexes, try(check.integrity[0], null)] : subject if subject != null]) == 1
        ]
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify.checks: expected each check to be about one of sql, freshness, table, collection, indexes and integrity."
  }
}

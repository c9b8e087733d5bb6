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
      severity               = optional(string)
      missing_after          = optional(string)
      slot_after             = optional(string)
      unverified_after       = optional(string)
      quota_percent          = optional(number)
      storage_growth_percent = optional(number)
      remind_every           = optional(string)
      escalation = optional(list(object({
        after   = string
        call_in = string
      })))
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
        for key, value in coalesce(policy.select.tags, {}) : length(key) >= 1 && length(key) <= 128 && length(value) <= 256 &&
        !can(regex("(?i)^(aws|rds):", key)) && alltrue([for text in [key, value] : can(regex("^[\\p{L}\\p{M}\\p{N} _.:/=+@-]*$", text))])
      ]
    ]))
    error_message = "BAD_VALUE policies.*.select.tags: expected keys of up to 128 and values of up to 256 letters, digits, spaces or _ . : / = + - @; aws: and rds: are AWS's own."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for database in coalesce(policy.select.databases, []) :
        can(regex("^(arn:aws(-cn|-us-gov)?:rds:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:(cluster|db):)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$", database)) &&
        length(reverse(split(":", database))[0]) <= 63 && !startswith(lower(reverse(split(":", database))[0]), "snapkeep-")
      ]
    ]))
    error_message = "BAD_VALUE policies.*.select.databases: expected ARNs of clusters or instances, or identifiers of up to 63 letters, digits and single hyphens; snapkeep- marks what snapkeep may delete."
  }

  # An identifier and an ARN that ends with it may be one database: two policies, two retentions.
  validation {
    condition = alltrue([
      for databases in [[for database in flatten([for policy in values(var.policies) : coalesce(policy.select.databases, [])]) : lower(database)]] :
      length(distinct(databases)) == length(databases) &&
      length(setintersection(databases, [for database in databases : reverse(split(":", database))[0] if startswith(database, "arn:")])) == 0
    ])
    error_message = "BAD_VALUE policies.*.select.databases: expected each database once, by its ARN or its identifier."
  }

  validation {
    condition = alltrue([
      for tags in [[for policy in values(var.policies) : jsonencode(policy.select.tags) if length(coalesce(policy.select.tags, {})) > 0]] : length(distinct(tags)) == length(tags)
    ])
    error_message = "BAD_VALUE policies.*.select.tags: expected tags by which no other policy selects."
  }

  validation {
    condition = length(distinct([
      for database in flatten([for policy in values(var.policies) : coalesce(policy.select.databases, [])]) : try(split(":", database)[4], "") if startswith(database, "arn:")
    ])) <= 1
    error_message = "CONFLICT policies.*.select.databases: expected ARNs of one account."
  }

  validation {
    condition     = alltrue([for policy in values(var.policies) : length(policy.schedules) >= 1 && length(policy.schedules) <= 24 && length(distinct(policy.schedules)) == length(policy.schedules)])
    error_message = "BAD_VALUE policies.*.schedules: expected 1 to 24 schedules, each once."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for schedule in concat(policy.schedules, policy.verify[*].schedule) : can(regex(join("|", [
          "^cron\\([^()]+\\)$",
          # Each slot is a snapshot or a restore: at most one an hour.
          "^rate\\( *0*(1 +(hour|day)|([2-9]|[1-9][0-9]{1,8}) +(hours|days)|([6-9][0-9]|[1-9][0-9]{2,8}) +minutes) *\\)$",
          "^at\\((202[5-9]|20[3-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}\\)$",
        ]), schedule))
      ]
    ]))
    error_message = "BAD_VALUE policies.*.schedules: expected cron(…), rate(…) or at(…), as AWS writes them, at most once an hour and not in the past."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for schedule in concat(policy.schedules, policy.verify[*].schedule) : [
          # Minutes and hours, day of month, month, day of week, year. A field that isn't there can't be what is expected of it.
          for fields in [regexall("[^ ]+", trimsuffix(trimprefix(schedule, "cron("), ")"))] : length(fields) == 6 && length([for field in fields : field if field == "?"]) == 1 &&
          can(regex("^(0*[1-5]?[0-9](-0*[1-5]?[0-9])?)(/0*[1-9][0-9]*)?(,(0*[1-5]?[0-9](-0*[1-5]?[0-9])?)(/0*[1-9][0-9]*)?)*$", fields[0])) &&
          can(regex("^(\\*|0*(1?[0-9]|2[0-3])(-0*(1?[0-9]|2[0-3]))?)(/0*[1-9][0-9]*)?(,(\\*|0*(1?[0-9]|2[0-3])(-0*(1?[0-9]|2[0-3]))?)(/0*[1-9][0-9]*)?)*$", fields[1])) &&
          can(regex("^(\\?|L|LW|0*([1-9]|[12][0-9]|3[01])W|(\\*|0*([1-9]|[12][0-9]|3[01])(-0*([1-9]|[12][0-9]|3[01]))?)(/0*[1-9][0-9]*)?(,(\\*|0*([1-9]|[12][0-9]|3[01])(-0*([1-9]|[12][0-9]|3[01]))?)(/0*[1-9][0-9]*)?)*)$", fields[2])) &&
          can(regex("^(\\*|(0*([1-9]|1[0-2])|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(-(0*([1-9]|1[0-2])|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))?)(/0*[1-9][0-9]*)?(,(\\*|(0*([1-9]|1[0-2])|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(-(0*([1-9]|1[0-2])|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))?)(/0*[1-9][0-9]*)?)*$", fields[3])) &&
          can(regex("^(\\?|L|(0*[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)L|(0*[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#0*[1-5]|(\\*|(0*[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(-(0*[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT))?)(,(\\*|(0*[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(-(0*[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT))?))*)$", fields[4])) &&
          can(regex("^(\\*|0*(19[7-9][0-9]|2[01][0-9]{2})(-0*(19[7-9][0-9]|2[01][0-9]{2}))?)(/0*[1-9][0-9]*)?(,(\\*|0*(19[7-9][0-9]|2[01][0-9]{2})(-0*(19[7-9][0-9]|2[01][0-9]{2}))?)(/0*[1-9][0-9]*)?)*$", fields[5]))
        ] if startswith(schedule, "cron(")
      ]
    ]))
    error_message = "BAD_VALUE policies.*.schedules: expected cron(minutes hours day-of-month month day-of-week year), with ? in exactly one of the two fields of days."
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
        duration == null ? true : can(regex("^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", duration)) && can(regex("[1-9].*[YMWDHS]$", duration))
      ]
    ]))
    error_message = "BAD_VALUE policies.*.retention: expected ISO 8601 durations above zero such as P14D or P6M."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for duration in flatten(concat(
          [for objectives in policy.objectives[*] : [objectives.rpo, objectives.rto]],
          [for copy in policy.copies : [copy.late_after, copy.give_up_after]],
          [
            for alarms in policy.alarms[*] : [
              alarms.missing_after, alarms.slot_after, alarms.unverified_after, alarms.remind_every,
              [for level in coalesce(alarms.escalation, []) : level.after],
            ]
          ],
          [
            for verify in policy.verify[*] : [
              verify.deadline, verify.check_timeout, verify.pick_random[*].window, verify.pick_point_in_time[*].back,
              [for check in coalesce(verify.checks, []) : check.max_age],
            ]
          ],
        )) :
        duration == null ? true : can(regex("^P([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", duration)) && can(regex("[1-9].*[WDHMS]$", duration))
      ]
    ]))
    error_message = "BAD_VALUE policies: expected ISO 8601 durations above zero, without years and months, such as PT25H or P14D."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for alarms in policy.alarms[*] : contains(["info", "warning", "critical"], coalesce(alarms.severity, "warning"))]]))
    error_message = "BAD_VALUE policies.*.alarms.severity: expected info, warning or critical."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for levels in [try(coalesce(policy.alarms.escalation, []), [])] : [
          length(levels) <= 4,
          [for level in levels : can(regex("^[ -~]{1,64}$", level.call_in)) && trimspace(level.call_in) != ""],
        ]
      ]
    ]))
    error_message = "BAD_VALUE policies.*.alarms.escalation: expected at most 4 levels, each with a role or a name of 1 to 64 ASCII characters to call in."
  }

  # In seconds, by the number in front of each letter: a level must begin later than the one before.
  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for seconds in [[
          for level in try(coalesce(policy.alarms.escalation, []), []) : sum([
            try(tonumber(regex("([0-9]+)W", level.after)[0]), 0) * 604800,
            try(tonumber(regex("([0-9]+)D", level.after)[0]), 0) * 86400,
            try(tonumber(regex("([0-9]+)H", level.after)[0]), 0) * 3600,
            try(tonumber(regex("([0-9]+)M", level.after)[0]), 0) * 60,
            try(tonumber(regex("([0-9]+)S", level.after)[0]), 0),
          ])
        ]] : [for n, after in seconds : n == 0 ? true : after > seconds[n - 1]]
      ]
    ]))
    error_message = "BAD_VALUE policies.*.alarms.escalation: expected each level to begin later than the one before it."
  }

  validation {
    condition = alltrue([
      for number in flatten([
        for policy in values(var.policies) : [
          [
            for retention in concat([policy.retention], policy.copies[*].retention) : [
              { value = try(retention.min_keep, null), min = 1, max = 4294967295 },
              { value = try(retention.verified_floor, null), min = 0, max = 4294967295 },
              { value = try(retention.drain, null), min = 1, max = 4294967295 },
              { value = try(retention.guard.max_deletes, null), min = 0, max = 4294967295 },
              { value = try(retention.guard.max_percent, null), min = 0, max = 100 },
            ]
          ],
          { value = try(policy.alarms.quota_percent, null), min = 1, max = 100 },
          { value = try(policy.alarms.storage_growth_percent, null), min = 1, max = 10000 },
          { value = try(policy.verify.concurrent_max, null), min = 1, max = 40 },
          { value = try(policy.verify.drift.max_drop_percent, null), min = 0, max = 100 },
        ]
      ]) : number.value == null ? true : number.value >= number.min && number.value <= number.max && floor(number.value) == number.value
    ])
    error_message = "BAD_VALUE policies: expected whole numbers; from 1 for min_keep, drain, quota_percent, storage_growth_percent (up to 10000) and concurrent_max; other percentages up to 100, concurrent_max up to 40."
  }
  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for copy in policy.copies : can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", copy.region)) && (
          copy.kms_key == null ? true : can(regex("^arn:aws(-cn|-us-gov)?:kms:${copy.region}:[0-9]{12}:(key|alias)/[A-Za-z0-9_/-]{1,256}$", copy.kms_key)) && !can(regex("alias/aws/", copy.kms_key))
        )
      ]
    ]))
    error_message = "BAD_VALUE policies.*.copies: expected a region such as us-east-1 and the ARN of a customer-managed key in that very region."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for copy in policy.copies : copy.option_group == null ? true : can(regex("^[A-Za-z][A-Za-z0-9:.-]{0,254}$", copy.option_group))]]))
    error_message = "BAD_VALUE policies.*.copies.option_group: expected the name of an option group."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for copy in policy.copies : [for database in coalesce(policy.select.databases, []) : try(split(":", database)[3], "") != copy.region]
      ]
    ]))
    error_message = "CONFLICT policies.*.copies: expected a region other than that of the policy's databases."
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
        for verify in policy.verify[*] : can(regex("^db(\\.[a-z0-9-]+)+$", verify.instance_class)) && length(verify.instance_class) <= 64
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify.instance_class: expected one such as db.t4g.medium."
  }

  # The default group has the VPC's public subnets in it: a scratch database holds production data.
  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : [
          verify.region == null ? true : can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", verify.region)),
          verify.subnet_group == null ? true : can(regex("^[A-Za-z0-9_. -]{1,255}$", verify.subnet_group)) && !can(regex("(?i)^default(-vpc-.*)?$", verify.subnet_group)),
          verify.security_groups == null ? true : length(verify.security_groups) > 0 && length(distinct(verify.security_groups)) == length(verify.security_groups),
          [for group in coalesce(verify.security_groups, []) : can(regex("^sg-[0-9a-z]{1,61}$", group))],
        ]
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify: expected a region such as us-east-1, a private subnet_group, and at least one id of a security group, each once."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : [
          for bound in [
            { text = verify.deadline, min = 30 * 60, max = 7 * 86400 },
            { text = coalesce(verify.check_timeout, "PT1M"), min = 0, max = 5 * 60 },
            { text = try(verify.pick_point_in_time.back, "PT10M"), min = 10 * 60, max = 35 * 86400 },
            ] : [
            for seconds in [sum([for unit, worth in { W = 7 * 86400, D = 86400, H = 3600, M = 60, S = 1 } : try(tonumber(regex("([0-9]+)${unit}", bound.text)[0]) * worth, 0)])] :
            seconds >= bound.min && seconds <= bound.max
          ]
        ]
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify: expected a deadline of PT30M to P7D, a check_timeout of at most PT5M, and pick_point_in_time.back of PT10M to P35D."
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

  # What a check is about decides which other keys it has.
  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : [
          for check in coalesce(verify.checks, []) : contains(
            check.sql != null ? ["min"] :
            check.freshness != null ? ["max_age"] :
            check.table != null || check.collection != null ? ["min", "max_age newest", "index"] : [""],
            join(" ", [for key in ["index", "max_age", "min", "newest"] : key if check[key] != null]),
          ) && (check.collection == null || check.database == null)
        ]
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify.checks: expected min with sql, max_age with freshness, and one of min, newest with max_age, or index with table or collection; no database with collection."
  }

  validation {
    condition = alltrue(flatten([
      for policy in values(var.policies) : [
        for verify in policy.verify[*] : length(coalesce(verify.checks, [])) <= 50 && alltrue([
          for check in coalesce(verify.checks, []) :
          coalesce(check.indexes, "valid") == "valid" &&
          (check.integrity == null ? true : length(check.integrity) > 0) &&
          (check.min == null ? true : floor(check.min) == check.min && (check.sql != null || check.min >= 1)) &&
          alltrue([
            for statement in [check.sql, check.freshness] :
            statement == null ? true : can(regex("(?i)^[^a-z0-9_]*(select|show|table|values|with)([^a-z0-9_]|$)", statement)) && !can(regex("(?s);.*[^[:space:]]", replace(statement, "/'[^']*'|\"[^\"]*\"|`[^`]*`/", ""))) && length(statement) <= 4096
          ])
        ])
      ]
    ]))
    error_message = "BAD_VALUE policies.*.verify.checks: expected at most 50, each sql and freshness one statement that only reads, min a whole number (from 1 for a count), and indexes to be the word valid."
  }
}

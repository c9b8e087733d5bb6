# The policy document that the variables make (schemas/policy.schema.json), and what only all of them together show.

locals {
  copy_regions = toset(flatten([for policy in values(var.policies) : policy.copies[*].region]))
  # Destinations for which no key is given.
  made_key_regions = toset(flatten([for policy in values(var.policies) : [for copy in policy.copies : copy.region if copy.kms_key == null]]))

  # Where each policy's databases can be: those that it selects by tags or identifiers, in any region of the deployment.
  homes = {
    for name, policy in var.policies : name => toset(concat(
      [for database in coalesce(policy.select.databases, []) : split(":", database)[3] if startswith(database, "arn:")],
      length(coalesce(policy.select.tags, {})) > 0 || anytrue([for database in coalesce(policy.select.databases, []) : !startswith(database, "arn:")]) ? tolist(local.database_regions) : [],
    ))
  }

  # A count is a number or "all": Terraform has no type for that, so it comes as text and leaves as what it is.
  retentions = {
    for name, policy in var.policies : name => merge(policy.retention, {
      for rule in ["keep_last", "hourly", "daily", "weekly", "monthly", "yearly"] : rule => try(tonumber(policy.retention[rule]), policy.retention[rule])
    })
  }

  document = {
    version    = 1
    deployment = var.name
    time_zone  = var.time_zone
    regions    = var.regions
    policies = {
      for name, policy in var.policies : name => merge(policy, {
        retention = local.retentions[name]
        copies = [
          for copy in policy.copies : merge(copy, {
            kms_key = copy.kms_key != null ? copy.kms_key : aws_kms_key.copies[copy.region].arn
            retention = copy.retention == null ? null : merge(copy.retention, {
              for rule in ["keep_last", "hourly", "daily", "weekly", "monthly", "yearly"] : rule => try(tonumber(copy.retention[rule]), copy.retention[rule])
            })
          })
        ]
        verify = policy.verify == null ? null : merge(
          { for key, value in policy.verify : key => value if !contains(["pick", "pick_random", "pick_point_in_time"], key) },
          {
            pick = try(
              { random = { window = policy.verify.pick_random.window } },
              { "point-in-time" = { back = policy.verify.pick_point_in_time.back } },
              policy.verify.pick,
            )
            subnet_group    = policy.verify.subnet_group != null ? policy.verify.subnet_group : one(aws_db_subnet_group.scratch[*].name)
            security_groups = policy.verify.security_groups != null ? policy.verify.security_groups : aws_security_group.scratch[*].id
          },
        )
      })
    }
  }
}

# The functions read it at every run: a change of the policies counts from the next run on.
resource "aws_s3_object" "policy" {
  bucket       = module.bucket.name
  key          = "policy.json"
  content      = jsonencode(local.document)
  content_type = "application/json"
  kms_key_id   = aws_kms_key.home.arn
  tags         = var.tags

  lifecycle {
    # Of a policy with several homes, a database in the destination itself is simply not copied.
    precondition {
      condition     = alltrue([for name, policy in var.policies : alltrue([for copy in policy.copies : local.homes[name] != toset([copy.region])])])
      error_message = "CONFLICT policies.*.copies: expected a region other than that of the policy's databases, which without `regions` are in ${local.region}."
    }

    precondition {
      condition = alltrue(flatten([
        for name, policy in var.policies : [
          for verify in policy.verify[*] : verify.region == null ? true : contains(concat(tolist(local.homes[name]), policy.copies[*].region), verify.region)
        ]
      ]))
      error_message = "CONFLICT policies.*.verify.region: expected a region in which the policy has databases or copies."
    }

    precondition {
      condition = alltrue(flatten([
        for policy in values(var.policies) : [
          for verify in policy.verify[*] : var.network != null || (verify.subnet_group != null && length(coalesce(verify.security_groups, [])) > 0)
        ]
      ]))
      error_message = "MISSING_FIELD network: policies with verify need it, or a subnet_group and security_groups of their own."
    }
  }
}

# What the module makes of the least that it may be given, without any account.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
  }

  mock_data "aws_region" {
    defaults = { region = "us-west-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

# Policies of roles name no principal, all others do.
override_data {
  target = module.create.data.aws_iam_policy_document.this
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.create.data.aws_iam_policy_document.schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.copy.data.aws_iam_policy_document.this
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.copy.data.aws_iam_policy_document.schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.verify.data.aws_iam_policy_document.this
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.verify.data.aws_iam_policy_document.schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.prune.data.aws_iam_policy_document.this
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.prune.data.aws_iam_policy_document.schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.alarm.data.aws_iam_policy_document.this
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = module.alarm.data.aws_iam_policy_document.schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
}

variables {
  artifacts = { bucket = "artifacts", prefix = "snapkeep/" }
  policies = {
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 14, monthly = "all" }
      copies    = [{ region = "us-east-1" }]
    }
  }
}

run "names_follow_from_one" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this.bucket == "snapkeep-123456789012-us-west-2"
    error_message = "The bucket is called after deployment, account and region."
  }

  assert {
    condition     = module.prune.name == "snapkeep-prune" && module.verify.name == "snapkeep-verify"
    error_message = "A function is called after deployment and verb."
  }
}

run "prune_deletes_nothing_unless_it_is_enabled" {
  command = plan

  assert {
    condition     = module.prune.environment["SNAPKEEP_DRY_RUN"] == "true"
    error_message = "prune is a dry run by default."
  }
}

run "prune_deletes_once_it_is_enabled" {
  command = plan
  variables { prune_enabled = true }

  assert {
    condition     = module.prune.environment["SNAPKEEP_DRY_RUN"] == "false"
    error_message = "prune_enabled turns the dry run off."
  }
}

run "evidence_is_locked_for_a_year_unless_said_otherwise" {
  command = plan

  assert {
    condition     = module.create.environment["SNAPKEEP_EVIDENCE_LOCK_DAYS"] == "365"
    error_message = "Evidence is locked by default."
  }
}

run "nothing_is_locked_for_0_days" {
  command = plan
  variables { evidence_lock_days = 0 }

  assert {
    condition     = !contains(keys(module.create.environment), "SNAPKEEP_EVIDENCE_LOCK_DAYS")
    error_message = "0 locks nothing."
  }
}

run "a_key_is_made_where_none_is_given" {
  command = plan

  assert {
    condition     = keys(aws_kms_key.copies) == ["us-east-1"]
    error_message = "The destination needs a key."
  }
}

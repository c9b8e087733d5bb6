# What is refused before anything is made. The policies themselves are held against the functions' own parser by
# tests/infra/test_policies.py.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}" }
  }

  mock_data "aws_region" {
    defaults = { region = "us-west-2" }
  }
}

# What a function is made of is of no matter here.
override_module {
  target = module.create
}

override_module {
  target = module.copy
}

override_module {
  target = module.verify
}

override_module {
  target = module.prune
}

override_module {
  target = module.alarm
}

variables {
  artifacts = { bucket = "artifacts" }
  policies = {
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 14 }
    }
  }
}

run "a_name_that_aws_would_change" {
  command         = plan
  expect_failures = [var.name]
  variables { name = "Prod" }
}

run "a_name_too_long_for_a_role" {
  command         = plan
  expect_failures = [var.name]
  variables { name = "a-name-that-is-longer-than-24" }
}

run "two_places_for_artifacts" {
  command         = plan
  expect_failures = [var.artifacts]
  variables { artifacts = { path = "here", bucket = "there" } }
}

run "no_place_for_artifacts" {
  command         = plan
  expect_failures = [var.artifacts]
  variables { artifacts = {} }
}

run "an_architecture_that_lambda_lacks" {
  command         = plan
  expect_failures = [var.architecture]
  variables { architecture = "riscv64" }
}

run "a_schedule_of_five_fields" {
  command         = plan
  expect_failures = [var.schedules]
  variables { schedules = { create = "0 2 * * *" } }
}

run "a_subnet_group_of_one_subnet" {
  command         = plan
  expect_failures = [var.network]
  variables { network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] } }
}

run "an_endpoint_for_s3_without_a_route_table" {
  command         = plan
  expect_failures = [var.network]
  variables { network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], endpoints = true } }
}

run "an_alias_where_iam_needs_a_key" {
  command         = plan
  expect_failures = [var.database_key_arns]
  variables { database_key_arns = ["arn:aws:kms:us-west-2:123456789012:alias/databases"] }
}

run "a_lock_of_half_a_day" {
  command         = plan
  expect_failures = [var.evidence_lock_days]
  variables { evidence_lock_days = 0.5 }
}

run "silence_that_cloudwatch_cannot_see" {
  command         = plan
  expect_failures = [var.silent_after_hours]
  variables { silent_after_hours = 48 }
}

run "two_runs_at_a_time" {
  command         = plan
  expect_failures = [var.reserved_concurrency]
  variables { reserved_concurrency = 2 }
}

run "a_copy_to_where_it_comes_from" {
  command         = plan
  expect_failures = [aws_s3_object.policy]
  variables {
    policies = {
      standard = {
        select    = { tags = { "snapkeep:policy" = "standard" } }
        schedules = ["cron(0 2 * * ? *)"]
        retention = { daily = 14 }
        copies    = [{ region = "us-west-2" }]
      }
    }
  }
}

run "a_restore_into_no_network" {
  command         = plan
  expect_failures = [aws_s3_object.policy]
  variables {
    policies = {
      standard = {
        select    = { tags = { "snapkeep:policy" = "standard" } }
        schedules = ["cron(0 2 * * ? *)"]
        retention = { daily = 14 }
        verify    = { schedule = "cron(0 6 * * ? *)", pick = "latest", instance_class = "db.t4g.medium", deadline = "PT4H" }
      }
    }
  }
}

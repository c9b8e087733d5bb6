# What the module refuses before it makes anything, beside what policies may say: that is put to the functions' own parser as
# well, in tests/infra/test_policies.py.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  artifacts = { bucket = "artifacts" }
  policies = {
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 7 }
    }
  }
}

run "refuses_a_name_in_capitals" {
  command = plan

  variables {
    name = "Prod"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_is_too_long_for_a_bucket" {
  command = plan

  variables {
    name = "a-name-of-more-than-24-letters"
  }

  expect_failures = [var.name]
}

run "refuses_artifacts_in_no_place" {
  command = plan

  variables {
    artifacts = {}
  }

  expect_failures = [var.artifacts]
}

run "refuses_artifacts_in_two_places" {
  command = plan

  variables {
    artifacts = { path = "artifacts", bucket = "artifacts" }
  }

  expect_failures = [var.artifacts]
}

run "refuses_other_processors" {
  command = plan

  variables {
    architecture = "riscv64"
  }

  expect_failures = [var.architecture]
}

run "refuses_a_report_schedule_of_no_kind" {
  command = plan

  variables {
    report_schedules = { daily = "every morning" }
  }

  expect_failures = [var.report_schedules]
}

run "refuses_a_schedule_of_no_kind" {
  command = plan

  variables {
    schedules = { create = "hourly" }
  }

  expect_failures = [var.schedules]
}

run "refuses_one_subnet" {
  command = plan

  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] }
  }

  expect_failures = [var.network]
}

run "refuses_endpoints_without_routes" {
  command = plan

  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], endpoints = true }
  }

  expect_failures = [var.network]
}

run "refuses_an_alias_for_a_database_key" {
  command = plan

  variables {
    database_key_arns = ["arn:aws:kms:us-west-2:123456789012:alias/rds"]
  }

  expect_failures = [var.database_key_arns]
}

run "refuses_a_negative_lock" {
  command = plan

  variables {
    evidence_lock_days = -1
  }

  expect_failures = [var.evidence_lock_days]
}

run "refuses_half_a_day_of_lock" {
  command = plan

  variables {
    evidence_lock_days = 0.5
  }

  expect_failures = [var.evidence_lock_days]
}

run "refuses_a_silence_of_days" {
  command = plan

  variables {
    silent_after_hours = 25
  }

  expect_failures = [var.silent_after_hours]
}

run "refuses_many_runs_at_once" {
  command = plan

  variables {
    reserved_concurrency = 2
  }

  expect_failures = [var.reserved_concurrency]
}

run "refuses_more_shards_than_save_time" {
  command = plan

  variables {
    shards = { prune = 17 }
  }

  expect_failures = [var.shards]
}

run "refuses_a_timeout_that_lambda_has_not" {
  command = plan

  variables {
    timeout_seconds = 901
  }

  expect_failures = [var.timeout_seconds]
}

run "refuses_a_format_that_nobody_reads" {
  command = plan

  variables {
    alert_format = "html"
  }

  expect_failures = [var.alert_format]
}

run "refuses_a_runbook_with_an_anchor" {
  command = plan

  variables {
    runbook_url = "https://wiki.example.com/runbook#top"
  }

  expect_failures = [var.runbook_url]
}

run "refuses_a_standby_in_no_region" {
  command = plan

  variables {
    standby = { region = "elsewhere", artifacts_bucket = "artifacts" }
  }

  expect_failures = [var.standby]
}

run "refuses_a_silence_that_is_no_duration" {
  command = plan

  variables {
    standby = { region = "eu-west-1", artifacts_bucket = "artifacts", silent_after = "1h" }
  }

  expect_failures = [var.standby]
}

run "refuses_a_standby_without_artifacts_there" {
  command = plan

  variables {
    standby = { region = "eu-west-1" }
  }

  expect_failures = [aws_kms_key.standby]
}

run "refuses_a_time_zone_with_a_space" {
  command = plan

  variables {
    time_zone = "Europe Vienna"
  }

  expect_failures = [var.time_zone]
}

run "refuses_a_region_that_is_none" {
  command = plan

  variables {
    regions = ["Oregon"]
  }

  expect_failures = [var.regions]
}

run "refuses_no_policies" {
  command = plan

  variables {
    policies = {}
  }

  expect_failures = [var.policies]
}

run "refuses_copies_to_where_the_databases_are" {
  command = plan

  variables {
    policies = {
      standard = {
        select    = { tags = { "snapkeep:policy" = "standard" } }
        schedules = ["cron(0 2 * * ? *)"]
        retention = { daily = 7 }
        copies    = [{ region = "us-west-2" }]
      }
    }
  }

  expect_failures = [aws_s3_object.policy]
}

run "refuses_restores_without_a_network" {
  command = plan

  variables {
    policies = {
      standard = {
        select    = { tags = { "snapkeep:policy" = "standard" } }
        schedules = ["cron(0 2 * * ? *)"]
        retention = { daily = 7 }
        verify    = { schedule = "cron(0 6 * * ? *)", pick = "latest", instance_class = "db.t4g.medium", deadline = "PT4H" }
      }
    }
  }

  expect_failures = [aws_s3_object.policy]
}

run "refuses_restores_where_no_recovery_point_is" {
  command = plan

  variables {
    policies = {
      standard = {
        select    = { tags = { "snapkeep:policy" = "standard" } }
        schedules = ["cron(0 2 * * ? *)"]
        retention = { daily = 7 }
        verify    = { schedule = "cron(0 6 * * ? *)", pick = "latest", instance_class = "db.t4g.medium", deadline = "PT4H", region = "eu-west-1", subnet_group = "scratch", security_groups = ["sg-1"] }
      }
    }
  }

  expect_failures = [aws_s3_object.policy]
}

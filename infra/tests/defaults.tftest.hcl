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

# What a function is made of is asserted on what was applied, in tests/infra/test_plan.py.
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
}

run "a_key_is_made_where_none_is_given" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.copies)) == toset(["us-east-1"])
    error_message = "The destination needs a key."
  }
}

run "no_key_is_made_where_one_is_given" {
  command = plan

  variables {
    policies = {
      standard = {
        select    = { tags = { "snapkeep:policy" = "standard" } }
        schedules = ["cron(0 2 * * ? *)"]
        retention = { daily = 14 }
        copies    = [{ region = "us-east-1", kms_key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd" }]
      }
    }
  }

  assert {
    condition     = length(aws_kms_key.copies) == 0
    error_message = "A given key serves."
  }
}

run "scratch_databases_let_only_verify_in" {
  command = plan

  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.scratch : rule.from_port]) == toset([27017, 3306, 5432])
    error_message = "The ports of the engines, and no others."
  }

  assert {
    condition     = length(aws_vpc_endpoint.rds) == 0
    error_message = "Endpoints are made if they are asked for."
  }
}

# What is made of the least that can be said, and of a little more: defaults, and what the outputs say.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  artifacts = { bucket = "artifacts", prefix = "v1/" }
  policies = {
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 2 * * ? *)"]
      retention = { daily = 7 }
    }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = output.bucket == "snapkeep-123456789012-us-west-2"
    error_message = "The bucket is called after deployment, account and region."
  }

  assert {
    condition     = toset(keys(output.functions)) == toset(["alarm", "copy", "create", "prune", "verify"])
    error_message = "There are five functions."
  }

  assert {
    condition     = var.prune_enabled == false && var.evidence_lock_days == 365 && var.architecture == "arm64"
    error_message = "By default nothing is deleted, evidence is locked for a year, and functions run on arm64."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.unproven) == 0
    error_message = "Where no policy verifies, nothing can be proven, and no alarm says so."
  }

  assert {
    condition     = output.scratch_security_group_id == null && length(aws_vpc_endpoint.s3) == 0 && length(output.copy_key_arns) == 0
    error_message = "Without restores and copies there is neither a network nor a key for them."
  }

  assert {
    condition     = jsondecode(output.policy_document).version == 1 && jsondecode(output.policy_document).deployment == "snapkeep"
    error_message = "The document has the version of its format and the deployment's name."
  }

  assert {
    condition     = jsondecode(output.policy_document).policies.standard.retention.daily == 7
    error_message = "A count is a number in the document."
  }
}

run "shards" {
  command = plan

  variables {
    shards = { create = 4, copy = 2 }
  }

  assert {
    condition     = toset(keys(module.create.schedules)) == toset(["snapkeep-create", "snapkeep-create-1", "snapkeep-create-2", "snapkeep-create-3"])
    error_message = "Each shard has a schedule, and the first keeps the name that the only one had."
  }

  assert {
    condition     = jsondecode(module.create.schedules["snapkeep-create-3"]).shard == { index = 3, of = 4 }
    error_message = "A schedule says which shard it wakes, counted from 0."
  }

  assert {
    condition     = module.create.concurrency == 4 && module.copy.concurrency == 2 && module.prune.concurrency == 1
    error_message = "Shards run at a time."
  }

  assert {
    condition     = !can(jsondecode(module.prune.schedules["snapkeep-prune"]).shard)
    error_message = "A function in one piece isn't told of shards."
  }

  assert {
    condition     = length(module.copy.wakes_on) == 0 && length(module.verify.wakes_on) == 2
    error_message = "Events of snapshots wake a function in one piece, and no shards."
  }
}

run "more_than_defaults" {
  command = plan

  variables {
    name               = "prod"
    regions            = ["eu-central-1"]
    evidence_lock_days = 0
    network            = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
    policies = {
      critical = {
        select    = { tags = { "snapkeep:policy" = "critical" } }
        schedules = ["rate(1 day)"]
        retention = { yearly = "all" }
        # Databases are in eu-central-1 alone: a copy may be where the functions run.
        copies = [{ region = "us-west-2" }, { region = "us-east-1", kms_key = "arn:aws:kms:us-east-1:123456789012:key/1234" }]
        verify = { schedule = "rate(1 day)", pick_random = { window = "P30D" }, instance_class = "db.t4g.medium", deadline = "PT4H" }
      }
    }
  }

  assert {
    condition     = keys(aws_kms_key.copies) == ["us-west-2"]
    error_message = "A key is made for each destination that has none."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unproven[0].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.unproven[0].dimensions == tomap({ Deployment = "prod" })
    error_message = "That nobody says that anything is proven is an alarm."
  }

  assert {
    condition     = length(aws_security_group.scratch) == 1 && length(aws_db_subnet_group.scratch) == 1
    error_message = "Scratch databases have a network of their own."
  }

  assert {
    condition     = module.bucket.object_lock
    error_message = "A bucket can be locked later on only if it was made so."
  }
}

run "endpoints" {
  command = plan

  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], endpoints = true, route_table_ids = ["rtb-1"] }
  }

  assert {
    condition     = aws_vpc_endpoint.rds[0].service_name == "com.amazonaws.us-west-2.rds" && aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.us-west-2.s3"
    error_message = "verify reaches RDS and S3."
  }

  assert {
    condition     = length(aws_vpc_endpoint.backup) == 0
    error_message = "An endpoint for AWS Backup costs money, and nobody calls it."
  }
}

run "endpoints_for_restore_tests" {
  command = plan

  variables {
    network                = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], endpoints = true, route_table_ids = ["rtb-1"] }
    validate_restore_tests = true
  }

  assert {
    condition     = aws_vpc_endpoint.backup[0].service_name == "com.amazonaws.us-west-2.backup" && aws_vpc_endpoint.backup[0].private_dns_enabled
    error_message = "verify tells AWS Backup its verdict by the name that the SDK calls."
  }

  assert {
    condition     = toset(aws_vpc_endpoint.backup[0].subnet_ids) == toset(["subnet-1", "subnet-2"])
    error_message = "The endpoint is where verify is."
  }
}

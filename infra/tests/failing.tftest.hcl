# A function that fails at every run comes to its alarm, however its schedule is written: what fails again and again fails
# in two of the periods that are looked at, and each period is as long as the schedule leaves between two runs.

mock_provider "aws" {
  source = "./tests/mocks"
}

# The module is tested by itself: its policies aren't where the mocks look for them.
override_data {
  target = data.aws_iam_policy_document.assume
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}]}" }
}

override_data {
  target = data.aws_iam_policy_document.assume_schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}]}" }
}

override_data {
  target = data.aws_iam_policy_document.this
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}" }
}

override_data {
  target = data.aws_iam_policy_document.schedule
  values = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}" }
}

variables {
  name        = "prod"
  verb        = "prune"
  schedule    = "rate(1 hour)"
  policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  settings = {
    code                 = { bucket = "artifacts", prefix = "v1/" }
    architecture         = "arm64"
    kms_key_arn          = "arn:aws:kms:us-west-2:123456789012:key/1"
    log_retention_days   = 365
    reserved_concurrency = 1
    timeout_seconds      = 300
    silent_after_hours   = 3
    time_zone            = "UTC"
    alarm_actions        = []
    environment          = {}
    tags                 = {}
  }
}

run "often" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "rate(5 minutes)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 900 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 4
    error_message = "Several runs of a quarter of an hour are one period."
  }
}

run "by_the_quarter" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "rate(15 minutes)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 900 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 4
    error_message = "A run a quarter of an hour is a run a period."
  }
}

run "by_the_hour" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "rate(1 hour)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 3600 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 4
    error_message = "A run an hour is a run a period: in two of four quarters of an hour it can't fail."
  }
}

run "by_twenty_hours" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "rate(20 hours)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 72000 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 4
    error_message = "Four periods of up to a day are within the seven days that CloudWatch looks back."
  }
}

run "by_the_day" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "rate(1 day)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 86400 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 1 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 1
    error_message = "Where a run is a day's, the first that fails is told."
  }
}

run "by_the_week" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "rate(7 days)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 86400 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 1 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 1
    error_message = "A period is a day at most."
  }
}

run "at_minutes_of_every_hour" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "cron(5,10 * * * ? *)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 3600 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 4
    error_message = "Runs close to each other are in every hour."
  }
}

run "at_hours_of_a_day" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "cron(0 2,14 * * ? *)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 86400 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 1 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 1
    error_message = "A cron that doesn't look every hour counts as once a day."
  }
}

run "once" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    schedule = "at(2026-11-26T06:00:00)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failing.period == 86400 && aws_cloudwatch_metric_alarm.failing.datapoints_to_alarm == 1 && aws_cloudwatch_metric_alarm.failing.evaluation_periods == 1
    error_message = "What runs once is told when it fails."
  }
}

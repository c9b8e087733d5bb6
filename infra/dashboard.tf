# Are we restorable? The first row answers; below it is why.

locals {
  functions = { create = module.create, copy = module.copy, verify = module.verify, prune = module.prune, alarm = module.alarm }

  # Each database is a line of its own, found when the dashboard is looked at.
  ages = {
    for title, metric in {
      "Age of the newest recovery point"        = "RecoveryPointAge"
      "How far behind point-in-time restore is" = "RestorableLag"
      "How long the last restore took"          = "RecoveryTime"
    } : title => "SEARCH('{snapkeep,Database,Deployment} Deployment=\"${var.name}\" MetricName=\"${metric}\"', 'Maximum', 3600)"
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [
        {
          type = "metric", x = 0, y = 0, width = 16, height = 8
          properties = {
            title   = "Age of the newest recovery point that a restore has proven"
            region  = local.region
            view    = "timeSeries"
            metrics = [[{ expression = "SEARCH('{snapkeep,Database,Deployment} Deployment=\"${var.name}\" MetricName=\"VerifiedRecoveryPointAge\"', 'Maximum', 3600)", id = "proven" }]]
            yAxis   = { left = { min = 0, label = "seconds", showUnits = false } }
          }
        },
        {
          type = "metric", x = 16, y = 0, width = 8, height = 8
          properties = {
            title   = "Now"
            region  = local.region
            view    = "singleValue"
            stat    = "Maximum"
            period  = 3600
            metrics = [for name in ["ProtectedDatabases", "UnprotectedDatabases", "OpenAlarms", "RegionsUnseen", "RecoveryPoints", "ScratchDatabases"] : ["snapkeep", name, "Deployment", var.name]]
          }
        },
      ],
      [
        for index, title in keys(local.ages) : {
          type = "metric", x = index * 8, y = 8, width = 8, height = 6
          properties = {
            title   = title
            region  = local.region
            view    = "timeSeries"
            metrics = [[{ expression = local.ages[title], id = "ages" }]]
            yAxis   = { left = { min = 0, label = "seconds", showUnits = false } }
          }
        }
      ],
      [
        for index, metric in ["Invocations", "Errors", "Duration"] : {
          type = "metric", x = index * 8, y = 14, width = 8, height = 6
          properties = {
            title   = metric
            region  = local.region
            view    = "timeSeries"
            stat    = metric == "Duration" ? "Maximum" : "Sum"
            period  = 900
            metrics = [for function in values(local.functions) : ["AWS/Lambda", metric, "FunctionName", function.name]]
          }
        }
      ],
      [
        {
          type = "alarm", x = 0, y = 20, width = 24, height = 4
          properties = {
            title  = "The functions themselves"
            alarms = concat(flatten(values(local.functions)[*].alarm_arns), [aws_cloudwatch_metric_alarm.unprotected.arn, aws_cloudwatch_metric_alarm.unseen.arn])
          }
        },
      ],
    )
  })
}

# Are we restorable? The first row answers; below it is why. What each metric says is in docs/metrics.md.

locals {
  functions = { create = module.create, copy = module.copy, verify = module.verify, prune = module.prune, alarm = module.alarm }

  # What is measured of the deployment as a whole.
  of_fleet = ["Deployment", var.name]

  # Values that are one number now: what they are called, and which of an hour's values counts.
  answers = [
    ["RestorableShare", "Restorable now, % of databases", "Minimum"],
    ["ProvenShare", "Proven by a restore, % of databases", "Minimum"],
    ["WorstRpoUsed", "Worst loss now, % of the RPO", "Maximum"],
    ["WorstBeyondRpo", "Longest beyond the RPO", "Maximum"],
    ["WorstVerifiedRecoveryPointAge", "Oldest proof: age of its recovery point", "Maximum"],
    ["WorstProofLimitUsed", "Oldest proof, % of its limit", "Maximum"],
    ["OpenAlarms", "Open alarms", "Maximum"],
    ["RegionsUnseen", "Regions unseen", "Maximum"],
  ]

  # Each database is a line of its own, found when the dashboard is looked at.
  of_each_database = [
    ["Age of the newest recovery point that a restore has proven", ["VerifiedRecoveryPointAge"], "seconds"],
    ["What would be lost now, of the RPO", ["RpoUsed"], "percent"],
    ["What would be lost now", ["Exposure"], "seconds"],
    ["For how long it has been beyond its RPO", ["BeyondRpo"], "seconds"],
    ["Age of the newest recovery point", ["RecoveryPointAge"], "seconds"],
    ["How far behind point-in-time restore is", ["RestorableLag"], "seconds"],
    ["How long a copy has been awaited", ["CopyLag"], "seconds"],
    ["How long the last restore took", ["RecoveryTime"], "seconds"],
    ["Its phases: cluster, instance, first answer, checks", ["ClusterRestoreTime", "InstanceRestoreTime", "FirstAnswerTime", "CheckTime"], "seconds"],
    ["Size of the newest recovery point", ["RecoveryPointSize"], "bytes"],
    ["Storage of its recovery points", ["RecoveryPointStorage"], "bytes"],
  ]

  # So is each region.
  of_each_region = [
    ["Storage of recovery points, by region", ["RegionStorage"], "bytes"],
    ["Recovery points, by region", ["RegionRecoveryPoints"], "count"],
  ]

  # Metrics of the fleet and of the functions over time: title, statistic, unit, metrics.
  over_time = [
    ["Restorable and proven", "Minimum", "percent", [for name in ["RestorableShare", "ProvenShare"] : concat(["snapkeep", name], local.of_fleet)]],
    ["Where it is worst", "Maximum", "seconds", [for name in ["WorstRecoveryPointAge", "WorstVerifiedRecoveryPointAge", "WorstCopyLag"] : concat(["snapkeep", name], local.of_fleet)]],
    ["How verifications ended", "Sum", "count", [for name in ["VerificationsPassed", "VerificationsFailed", "VerificationsInconclusive"] : concat(["snapkeep", name], local.of_fleet)]],
    ["What there is", "Maximum", "count", [for name in ["ProtectedDatabases", "UnprotectedDatabases", "RecoveryPoints", "ScratchDatabases"] : concat(["snapkeep", name], local.of_fleet)]],
    ["Storage of all recovery points", "Maximum", "bytes", [concat(["snapkeep", "StorageOfRecoveryPoints"], local.of_fleet)]],
    ["Runs", "Sum", "count", [for verb in keys(local.functions) : concat(["snapkeep", "Runs"], local.of_fleet, ["Function", verb])]],
    ["How long a run took", "Maximum", "seconds", [for verb in keys(local.functions) : concat(["snapkeep", "RunDuration"], local.of_fleet, ["Function", verb])]],
    ["Steps done", "Sum", "count", [for verb in keys(local.functions) : concat(["snapkeep", "StepsDone"], local.of_fleet, ["Function", verb])]],
    ["Steps that failed", "Sum", "count", [for verb in keys(local.functions) : concat(["snapkeep", "StepsFailed"], local.of_fleet, ["Function", verb])]],
  ]

  # A crash and a timeout come to no words of the function's own.
  by_lambda = [for metric in ["Errors", "Throttles"] : [for function in values(local.functions) : ["AWS/Lambda", metric, "FunctionName", function.name]]]

  # Every chart, in the order of the page, three in a row.
  charts = concat(
    flatten([
      for schema, charts in { "Database,Deployment" = local.of_each_database, "Deployment,Region" = local.of_each_region } : [
        for chart in charts : {
          title = chart[0]
          stat  = "Maximum"
          unit  = chart[2]
          metrics = [
            for index, metric in chart[1] : [{
              expression = "SEARCH('{snapkeep,${schema}} Deployment=\"${var.name}\" MetricName=\"${metric}\"', 'Maximum', 3600)"
              id         = "each${index}"
            }]
          ]
        }
      ]
    ]),
    [for chart in local.over_time : { title = chart[0], stat = chart[1], unit = chart[2], metrics = chart[3] }],
    [
      {
        title = "Runs that succeeded"
        stat  = "Sum"
        unit  = "percent"
        metrics = concat(
          concat([
            for verb in keys(local.functions) : [
              concat(["snapkeep", "Runs"], local.of_fleet, ["Function", verb, { id = "${verb}_runs", visible = false }]),
              concat(["snapkeep", "FailedRuns"], local.of_fleet, ["Function", verb, { id = "${verb}_failed", visible = false }]),
            ]
          ]...),
          [for verb in keys(local.functions) : [{ expression = "100 * (1 - ${verb}_failed / ${verb}_runs)", label = verb, id = verb }]],
        )
      },
      { title = "Errors and throttled runs, as Lambda counts them", stat = "Sum", unit = "count", metrics = concat(local.by_lambda...) },
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [
        {
          type = "text", x = 0, y = 0, width = 24, height = 2
          properties = {
            markdown = "# Are we restorable?\n100 % restorable and 100 % proven: yes. Less: some aren't. No value: nobody knows, and that is an alarm of its own."
          }
        },
        {
          type = "metric", x = 0, y = 2, width = 24, height = 4
          properties = {
            title   = "Now"
            region  = local.region
            view    = "singleValue"
            period  = 3600
            metrics = [for answer in local.answers : concat(["snapkeep", answer[0]], local.of_fleet, [{ label = answer[1], stat = answer[2] }])]
          }
        },
        {
          type = "alarm", x = 0, y = 6, width = 24, height = 4
          properties = {
            title  = "Who watches the functions"
            alarms = concat(local.fleet_alarm_arns, flatten(values(local.functions)[*].alarm_arns))
          }
        },
      ],
      [
        for index, chart in local.charts : {
          type = "metric", x = index % 3 * 8, y = 10 + floor(index / 3) * 6, width = 8, height = 6
          properties = {
            title   = chart.title
            region  = local.region
            view    = "timeSeries"
            stat    = chart.stat
            period  = 3600
            metrics = chart.metrics
            yAxis   = { left = { min = 0, label = chart.unit, showUnits = false } }
          }
        }
      ],
    )
  })
}

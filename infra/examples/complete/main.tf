# Everything at once: two policies, copies, restores that are questioned every morning, deletes turned on, a network of its own for
# scratch databases.

variable "vpc_id" {
  description = "VPC for scratch databases and verify."
  type        = string
}

variable "subnet_ids" {
  description = "Two or more private subnets in it, best without a route out."
  type        = list(string)
}

variable "route_table_ids" {
  description = "Their route tables: S3 becomes a route in them."
  type        = list(string)
}

module "snapkeep" {
  source = "../.."

  name          = "prod"
  artifacts     = { path = var.artifacts }
  time_zone     = "Europe/Vienna"
  prune_enabled = true

  network = {
    vpc_id          = var.vpc_id
    subnet_ids      = var.subnet_ids
    endpoints       = true
    route_table_ids = var.route_table_ids
  }

  validate_restore_tests = true
  evidence_lock_days     = 400
  tags                   = { service = "snapkeep", owner = "databases" }

  policies = {
    critical = {
      select     = { tags = { "snapkeep:policy" = "critical" } }
      schedules  = ["cron(0 2 * * ? *)"]
      objectives = { rpo = "PT15M", rto = "PT1H" }
      retention  = { daily = 30, weekly = 12, monthly = 12, yearly = "all", keep_last = 3, verified_floor = 1, guard = { max_deletes = 5 } }
      copies     = [{ region = "us-east-1", retention = { daily = 30, weekly = 12, monthly = 12 } }]
      verify = {
        schedule       = "cron(0 6 * * ? *)"
        pick           = "latest"
        instance_class = "db.t4g.medium"
        deadline       = "PT4H"
        checks = [
          { sql = "select count(*) from users", min = 1000, database = "shop" },
          { table = "orders", newest = "updated_at", max_age = "PT25H", database = "shop" },
        ]
        drift = { max_drop_percent = 20, ignore = ["shop.public.sessions"] }
      }
      # Level 1 is the opening, for whoever is on call.
      alarms = {
        severity         = "critical"
        missing_after    = "PT25H"
        unverified_after = "P3D"
        remind_every     = "PT12H"
        escalation = [
          { after = "PT1H", call_in = "database administrator" },
          { after = "PT2H", call_in = "infrastructure lead" },
          { after = "PT4H", call_in = "management" },
        ]
      }
    }
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(0 3 * * ? *)"]
      retention = { within_daily = "P14D", within_monthly = "P1Y" }
      verify = {
        schedule       = "cron(0 7 ? * SUN *)"
        pick_random    = { window = "P30D" }
        instance_class = "db.t4g.medium"
        deadline       = "PT4H"
      }
    }
  }
}

output "functions" {
  description = "The functions, their roles and their queues of failed runs."
  value       = module.snapkeep.functions
}

output "dashboard" {
  description = "Are we restorable?"
  value       = module.snapkeep.dashboard_name
}

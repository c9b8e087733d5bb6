# Recovery points of two regions, each copied into a third, with a key there that the module makes or that is given. A standby
# there tells what is wrong when the first region can't.

variable "copy_key_arn" {
  description = "Key in eu-west-1 that the copies of the ledger are encrypted with. Without it the module makes one."
  type        = string
  default     = null
}

module "snapkeep" {
  source = "../.."

  name      = "dr"
  artifacts = { path = var.artifacts }
  time_zone = "Europe/Vienna"
  regions   = ["eu-central-1", "eu-north-1"]
  standby   = { region = "eu-west-1" }

  policies = {
    ledger = {
      select    = { databases = ["ledger"] }
      schedules = ["cron(0 1 * * ? *)", "cron(0 13 * * ? *)"]
      retention = { daily = 30, monthly = 12, verified_floor = 1 }
      copies = [{
        region     = "eu-west-1"
        kms_key    = var.copy_key_arn
        late_after = "PT4H"
        retention  = { daily = 30, monthly = 12, yearly = 7 }
      }]
      alarms = { severity = "critical", missing_after = "PT14H" }
    }
    standard = {
      select    = { tags = { "snapkeep:policy" = "standard" } }
      schedules = ["cron(30 1 * * ? *)"]
      retention = { daily = 14 }
      copies    = [{ region = "eu-west-1", retention = { daily = 3 } }]
    }
  }
}

output "copy_key_arns" {
  description = "Keys of the copies: whoever restores one elsewhere needs them."
  value       = module.snapkeep.copy_key_arns
}

output "topic_arns" {
  description = "Topics of all alarms, at home and where the standby is: subscribe to both."
  value       = [module.snapkeep.topic_arn, module.snapkeep.standby.topic_arn]
}

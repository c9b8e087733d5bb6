terraform {
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # From 6 on a resource takes its region as an argument: no aliased provider for each destination.
      version = ">= 6.25, < 7"
    }
  }
}

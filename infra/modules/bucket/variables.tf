variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "region" {
  description = "Where it is, if not in the provider's region."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "Key of all that is in it."
  type        = string
}

variable "object_lock" {
  description = "Whether what is in it can be locked. That is decided once, when it is made."
  type        = bool
  default     = false
}

variable "policy_documents" {
  description = "What its policy says beside TLS and the account."
  type        = list(string)
  default     = []
}

variable "report_retention_days" {
  description = "How long reports are kept."
  type        = number
}

variable "force_destroy" {
  description = "Lets it be destroyed with all that is in it and isn't locked."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Its tags."
  type        = map(string)
  default     = {}
}

variable "artifacts" {
  description = "Folder of the five zips: `./dist` makes artifacts/arm64."
  type        = string
  default     = "../../../artifacts/arm64"
}

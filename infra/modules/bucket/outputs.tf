output "arn" {
  description = "Its ARN."
  value       = aws_s3_bucket.this.arn
}

output "name" {
  description = "Its name, once what is written into it is encrypted, kept in versions and private."
  value       = aws_s3_bucket.this.bucket

  depends_on = [
    aws_s3_bucket_versioning.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_public_access_block.this,
  ]
}

output "object_lock" {
  description = "Whether what is in it can be locked."
  value       = aws_s3_bucket.this.object_lock_enabled
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "failed_queue_url" {
  description = "URL of the queue of messages that couldn't be passed on."
  value       = aws_sqs_queue.failed.url
}

# A sealed network, as scratch databases need it.

resource "aws_vpc" "scratch" {
  cidr_block           = "10.20.0.0/24"
  enable_dns_hostnames = true
  tags                 = var.tags
}
resource "aws_subnet" "scratch" {
  for_each          = { a = 0, b = 1 }
  vpc_id            = aws_vpc.scratch.id
  availability_zone = "${data.aws_region.here.region}${each.key}"
  cidr_block        = cidrsubnet(aws_vpc.scratch.cidr_block, 1, each.value)
  tags              = var.tags
}
resource "aws_route_table" "scratch" {
  vpc_id = aws_vpc.scratch.id
  tags   = var.tags
}
resource "aws_route_table_association" "scratch" {
  for_each       = aws_subnet.scratch
  subnet_id      = each.value.id
  route_table_id = aws_route_table.scratch.id
}
resource "aws_security_group" "scratch" {
  name        = "${var.name}-scratch"
  description = "Scratch databases"
  vpc_id      = aws_vpc.scratch.id
  tags        = var.tags
}
resource "aws_security_group" "verify" {
  name        = "${var.name}-verify"
  description = "Who questions them"
  vpc_id      = aws_vpc.scratch.id
}
resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.scratch.id
  referenced_security_group_id = aws_security_group.verify.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  description                  = "PostgreSQL"
  tags                         = var.tags
}
data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${data.aws_region.here.region}.s3"
}
data "aws_prefix_list" "s3" {
  name = "com.amazonaws.${data.aws_region.here.region}.s3"
}
resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.verify.id
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.scratch.id
  service_name    = "com.amazonaws.${data.aws_region.here.region}.s3"
  route_table_ids = [aws_route_table.scratch.id]
  tags            = var.tags
}
resource "aws_vpc_endpoint" "rds" {
  vpc_id              = aws_vpc.scratch.id
  service_name        = "com.amazonaws.${data.aws_region.here.region}.rds"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for subnet in aws_subnet.scratch : subnet.id]
  security_group_ids  = [aws_security_group.scratch.id]
  private_dns_enabled = true
}
resource "aws_db_subnet_group" "scratch" {
  name       = "${var.name}-scratch"
  subnet_ids = [for subnet in aws_subnet.scratch : subnet.id]
  tags       = var.tags
}
data "aws_vpc" "scratch" {
  id = aws_vpc.scratch.id
}
data "aws_subnet" "scratch" {
  for_each = aws_subnet.scratch
  id       = each.value.id
}

output "zones" {
  value = sort([for subnet in data.aws_subnet.scratch : subnet.availability_zone])
}
output "network" {
  value = data.aws_vpc.scratch.cidr_block
}
output "list_of_s3" {
  value = data.aws_prefix_list.s3.id
}

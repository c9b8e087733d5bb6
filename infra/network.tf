# Where verify meets what it restored. Scratch databases let only verify in and nothing out; verify gets to them and to the
# endpoints of AWS, nowhere else.

locals {
  network = var.network == null ? {} : { this = var.network }
  # PostgreSQL, MySQL and MariaDB, DocumentDB.
  database_ports = { postgresql = 5432, mysql = 3306, documentdb = 27017 }
}

resource "aws_db_subnet_group" "scratch" {
  count = length(local.network)

  name        = "${var.name}-scratch"
  description = "Scratch databases of snapkeep ${var.name}"
  subnet_ids  = var.network.subnet_ids
  tags        = var.tags
}

resource "aws_security_group" "scratch" {
  #checkov:skip=CKV2_AWS_5:Scratch databases carry it, which come and go at run time
  count = length(local.network)

  name        = "${var.name}-scratch"
  description = "Scratch databases of snapkeep ${var.name}: only verify gets in, nothing gets out"
  vpc_id      = var.network.vpc_id
  tags        = var.tags
}

resource "aws_security_group" "verify" {
  #checkov:skip=CKV2_AWS_5:The verify function carries it, through a module that is given its id
  count = length(local.network)

  name        = "${var.name}-verify"
  description = "The verify function of snapkeep ${var.name}: out to scratch databases and AWS, nothing in"
  vpc_id      = var.network.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "scratch" {
  for_each = var.network == null ? {} : local.database_ports

  security_group_id            = aws_security_group.scratch[0].id
  description                  = "verify asks ${each.key}"
  referenced_security_group_id = aws_security_group.verify[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "verify" {
  for_each = var.network == null ? {} : local.database_ports

  security_group_id            = aws_security_group.verify[0].id
  description                  = "Ask ${each.key}"
  referenced_security_group_id = aws_security_group.scratch[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  tags                         = var.tags
}

# The subnets decide what is behind it: endpoints, a NAT gateway, or nothing.
resource "aws_vpc_security_group_egress_rule" "aws" {
  #checkov:skip=CKV_AWS_382:HTTPS alone; where AWS answers is known to the endpoints and routes of the subnets, not to the module
  count = length(local.network)

  security_group_id = aws_security_group.verify[0].id
  description       = "Call AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_security_group" "endpoint" {
  count = try(var.network.endpoints, false) ? 1 : 0

  name        = "${var.name}-endpoint"
  description = "The endpoints of snapkeep ${var.name}: verify gets in"
  vpc_id      = var.network.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "endpoint" {
  count = length(aws_security_group.endpoint)

  security_group_id            = aws_security_group.endpoint[0].id
  description                  = "verify calls AWS"
  referenced_security_group_id = aws_security_group.verify[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

# verify calls RDS and S3, and AWS Backup where it validates restore tests; KMS is asked by the first two, and logs leave by the
# Lambda service.
resource "aws_vpc_endpoint" "rds" {
  count = length(aws_security_group.endpoint)

  vpc_id              = var.network.vpc_id
  service_name        = "com.amazonaws.${local.region}.rds"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.network.subnet_ids
  security_group_ids  = aws_security_group.endpoint[*].id
  private_dns_enabled = true
  tags                = var.tags
}

resource "aws_vpc_endpoint" "backup" {
  count = var.validate_restore_tests ? length(aws_security_group.endpoint) : 0

  vpc_id = var.network.vpc_id
  # Source: AWS Backup Developer Guide, "AWS Backup through VPC endpoints"; China has names of its own.
  service_name        = "${local.partition == "aws-cn" ? "cn." : ""}com.amazonaws.${local.region}.backup"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.network.subnet_ids
  security_group_ids  = aws_security_group.endpoint[*].id
  private_dns_enabled = true
  tags                = var.tags
}

resource "aws_vpc_endpoint" "s3" {
  count = length(aws_security_group.endpoint)

  vpc_id            = var.network.vpc_id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.network.route_table_ids
  tags              = var.tags
}

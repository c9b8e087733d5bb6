"""Puts a database of an emulated account under the policy `standard`, as whoever hears that it is under none."""

import account
import fleet


def main() -> None:
    parser = account.arguments(__doc__)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    rds = account.client("rds", account.HOME_REGION, options.endpoint_url)
    found = rds.describe_db_instances(DBInstanceIdentifier=options.database)["DBInstances"]
    arn = found[0]["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=fleet.tags("standard"))


if __name__ == "__main__":
    main()

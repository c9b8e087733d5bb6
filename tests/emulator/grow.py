"""Makes many more databases of the policy `standard` in an emulated account: a fleet that grew."""

import account
import fleet


def main() -> None:
    parser = account.arguments(__doc__)
    parser.add_argument("--count", required=True, type=int)
    options = parser.parse_args()
    rds = account.client("rds", account.HOME_REGION, options.endpoint_url)
    for number in range(options.count):
        rds.create_db_instance(
            DBInstanceIdentifier=f"many-{number:05}",
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            EngineVersion="15.4",
            AllocatedStorage=20,
            MasterUsername="keeper",
            MasterUserPassword=fleet.PASSWORD,
            Tags=fleet.tags("standard"),
        )


if __name__ == "__main__":
    main()

"""Deletes everything below a prefix of a bucket, as somebody might who shouldn't."""

import account


def main() -> None:
    parser = account.arguments(__doc__)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--for-good", action="store_true", help="with all versions")
    options = parser.parse_args()
    s3 = account.client("s3", account.HOME_REGION, options.endpoint_url)
    listed = s3.list_objects_v2(Bucket=options.bucket, Prefix=options.prefix)
    for item in listed.get("Contents", []):
        s3.delete_object(Bucket=options.bucket, Key=item["Key"])
    if options.for_good:
        kept = s3.list_object_versions(Bucket=options.bucket, Prefix=options.prefix)
        for item in kept.get("Versions", []) + kept.get("DeleteMarkers", []):
            s3.delete_object(Bucket=options.bucket, Key=item["Key"], VersionId=item["VersionId"])


if __name__ == "__main__":
    main()

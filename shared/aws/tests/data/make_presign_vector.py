"""Writes presign-vector.json: the presigned URLs that botocore puts into encrypted cross-region
copies, for fixed credentials at a fixed instant. Nothing is sent.

    python3 make_presign_vector.py > presign-vector.json
"""

import datetime
import json
from unittest import mock

import botocore.auth
import botocore.session

NOW = datetime.datetime(2026, 3, 4, 2, 0, 0, tzinfo=datetime.timezone.utc)
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGET = "snapkeep-shepherd-20260304t0200z-0123456789"
COPIES = {
    "CopyDBClusterSnapshot": {
        "SourceDBClusterSnapshotIdentifier": f"arn:aws:rds:us-west-2:123456789012:cluster-snapshot:{TARGET}",
        "TargetDBClusterSnapshotIdentifier": TARGET,
    },
    "CopyDBSnapshot": {
        "SourceDBSnapshotIdentifier": f"arn:aws:rds:us-west-2:123456789012:snapshot:{TARGET}",
        "TargetDBSnapshotIdentifier": TARGET,
    },
}


def presigned_url(service, operation, token):
    session = botocore.session.Session()
    session.set_credentials(ACCESS_KEY, SECRET_KEY, token)
    client = session.create_client(service, region_name="us-east-1")
    sent = {}

    def capture(model, params, **_):
        sent.update(params["body"])
        return mock.Mock(status_code=200), {}

    client.meta.events.register_last("before-call", capture)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW):
        client._make_api_call(operation, COPIES[operation] | {"KmsKeyId": KEY, "SourceRegion": "us-west-2"})
    return sent["PreSignedUrl"]


vectors = []
for service, operation in [
    ("rds", "CopyDBClusterSnapshot"),
    ("docdb", "CopyDBClusterSnapshot"),
    ("rds", "CopyDBSnapshot"),
]:
    for token in [None, "SESSION/TOKEN+EXAMPLE=="]:
        url = presigned_url(service, operation, token)
        vectors.append({"service": service, "operation": operation, "session_token": token, "url": url})
print(json.dumps({"botocore": botocore.__version__, "vectors": vectors}, indent=2))

"""Writes restore-validation-vector.json: what botocore sends to AWS Backup to describe a restore job
and to put its validation result. Nothing is sent.

    python3 make_restore_validation_vector.py > restore-validation-vector.json
"""

import json
from unittest import mock

import botocore
import botocore.session

JOB = "22C8B7FC-1F5E-4E5B-9C0A-7B1F4C1D2E3F"
CALLS = [
    ("DescribeRestoreJob", {"RestoreJobId": JOB}),
    (
        "PutRestoreValidationResult",
        {
            "RestoreJobId": JOB,
            "ValidationStatus": "SUCCESSFUL",
            "ValidationStatusMessage": "snapkeep: pass",
        },
    ),
]


def sent(operation, parameters):
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    client = session.create_client("backup", region_name="us-west-2")
    seen = {}

    def capture(model, params, **_):
        body = params["body"]
        text = body.decode() if isinstance(body, bytes) else body
        seen.update(method=params["method"], path=params["url_path"], body=json.loads(text or "null"))
        return mock.Mock(status_code=200), {}

    client.meta.events.register_last("before-call", capture)
    client._make_api_call(operation, parameters)
    return {"operation": operation, **seen}


vectors = [sent(operation, parameters) for operation, parameters in CALLS]
print(json.dumps({"botocore": botocore.__version__, "vectors": vectors}, indent=2))

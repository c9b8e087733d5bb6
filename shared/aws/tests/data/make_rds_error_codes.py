"""Writes rds-error-codes.json: every error that the calls of act/ and observe.rs can meet according
to the API models, as {shape: wire code}. Run it with the botocore of the day; the test names what
the classifier lacks.

    python3 make_rds_error_codes.py > rds-error-codes.json
"""

import json

import botocore.session

OPERATIONS = {
    "rds": [
        "AddTagsToResource",
        "CopyDBClusterSnapshot",
        "CopyDBSnapshot",
        "CreateDBClusterSnapshot",
        "CreateDBInstance",
        "CreateDBSnapshot",
        "DeleteDBCluster",
        "DeleteDBClusterSnapshot",
        "DeleteDBInstance",
        "DeleteDBSnapshot",
        "DescribeAccountAttributes",
        "DescribeDBClusterSnapshots",
        "DescribeDBClusters",
        "DescribeDBInstances",
        "DescribeDBSnapshots",
        "ModifyDBCluster",
        "ModifyDBInstance",
        "RestoreDBClusterFromSnapshot",
        "RestoreDBInstanceFromDBSnapshot",
    ],
    "docdb": [
        "CopyDBClusterSnapshot",
        "CreateDBClusterSnapshot",
        "CreateDBInstance",
        "DeleteDBCluster",
        "DeleteDBClusterSnapshot",
        "DeleteDBInstance",
        "ModifyDBCluster",
        "RestoreDBClusterFromSnapshot",
    ],
}

session = botocore.session.get_session()
codes = {}
for service, operations in OPERATIONS.items():
    model = session.get_service_model(service)
    for operation in operations:
        for shape in model.operation_model(operation).error_shapes:
            code = shape.metadata.get("error", {}).get("code", shape.name)
            assert codes.setdefault(shape.name, code) == code, shape.name
print(json.dumps(codes, indent=2, sort_keys=True))

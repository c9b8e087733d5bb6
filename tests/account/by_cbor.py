"""Calls to CloudWatch in CBOR, the protocol of the SDKs for Rust and Go; boto3 chooses another."""

import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

PROTOCOL = "smithy-rpc-v2-cbor"


def call(client, operation: str, **params) -> dict:
    """The answer to the caller of a boto3 client, parsed; an error in it stands under "Error"."""
    model = client.meta.service_model.operation_model(operation)
    made = create_serializer(PROTOCOL).serialize_to_request(params, model)
    url = f"{client.meta.endpoint_url}{made['url_path']}"
    request = AWSRequest("POST", url, dict(made["headers"]), made["body"])
    keys, region = client._request_signer._credentials, client.meta.region_name
    SigV4Auth(keys, "monitoring", region).add_auth(request)
    sent = urllib.request.Request(url, made["body"], dict(request.headers))
    try:
        answer = urllib.request.urlopen(sent)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        received = {"status_code": answer.status, "headers": answer.headers, "body": answer.read()}
    return create_parser(PROTOCOL).parse(received, model.output_shape)

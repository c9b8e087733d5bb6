"""PutMetricData as current SDKs send it: CBOR, by Smithy's RPC protocol, which Moto doesn't speak.

The metrics end up where Moto keeps its own, so that any client lists them.
Source: Smithy 2.0, "Smithy RPC v2 CBOR protocol".
"""

import gzip
import io
import re

from botocore.parsers import RpcV2CBORParser
from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID

PATH = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
REGION = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/monitoring/")
EMPTY_MAP = b"\xa0"


class MetricsOverCbor:
    """In front of the whole server: takes the one call and hands everything else on."""

    def __init__(self, application) -> None:
        self.application = application

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] != PATH:
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
            body = gzip.decompress(body)
        sent = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))
        region = REGION.search(environ["HTTP_AUTHORIZATION"]).group(1)
        backend = cloudwatch_backends[DEFAULT_ACCOUNT_ID][region]
        backend.put_metric_data(sent["Namespace"], sent["MetricData"])
        headers = [
            ("Content-Type", "application/cbor"),
            ("Smithy-Protocol", "rpc-v2-cbor"),
            ("Content-Length", str(len(EMPTY_MAP))),
        ]
        start_response("200 OK", headers)
        return [EMPTY_MAP]

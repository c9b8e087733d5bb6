#!/usr/bin/env python3
"""A function for the tests: it does what its event tells it to. Source: Lambda Runtime API."""

import json
import os
import time
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def post(path: str, body) -> None:
    urllib.request.urlopen(f"{API}/{path}", json.dumps(body).encode()).close()


while True:
    with urllib.request.urlopen(f"{API}/next") as invocation:
        request = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(invocation)
    if "log" in event:
        print(event["log"], flush=True)
    time.sleep(event.get("sleep", 0))
    if "fail" in event:
        failure = {"errorType": "Wanted", "errorMessage": event["fail"]}
        post(f"{request}/error", failure)
    else:
        post(f"{request}/response", {"event": event, "environment": dict(os.environ)})

"""A queue of failed runs, in which Lambda and EventBridge Scheduler leave what they leave.

    failed.py --queue NAME make              prints the queue's URL
    failed.py --queue NAME run --error TEXT  a run that failed, as Lambda's on-failure destination
    failed.py --queue NAME unstarted         a run that couldn't be started, as Scheduler's dead letter
    failed.py --queue NAME count             prints how many messages are in it, hidden ones too

Sources: Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations"; EventBridge
Scheduler User Guide, "Configuring a schedule's dead-letter queue", "Retrieve the dead-letter event".
"""

import json

import account

FUNCTION = f"arn:aws:lambda:{account.HOME_REGION}:123456789012:function:prod-create"
SCHEDULE = f"arn:aws:scheduler:{account.HOME_REGION}:123456789012:schedule/prod/create"
WOKEN_WITH = {"verb": "create", "note": "hunter2"}


def run(error: str, at: str) -> dict:
    """The message of a run that failed."""
    record = {
        "version": "1.0",
        "timestamp": at,
        "requestContext": {
            "requestId": "r",
            "functionArn": f"{FUNCTION}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 1,
        },
        "requestPayload": WOKEN_WITH,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "NonRetryable", "errorMessage": error},
    }
    return {"MessageBody": json.dumps(record)}


def unstarted(at: str) -> dict:
    """The message of a run that couldn't be started."""
    attributes = {
        "ERROR_CODE": "AccessDeniedException",
        # A permanent error: it isn't retried, so nothing was exhausted.
        "ERROR_MESSAGE": "not authorized to perform: lambda:InvokeFunction",
        "EXECUTION_ID": "ad06616e51cdf74a",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": at,
        "SCHEDULE_ARN": SCHEDULE,
        "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:lambda:invoke",
    }
    typed = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
    return {"MessageBody": json.dumps(WOKEN_WITH), "MessageAttributes": typed}


def main() -> None:
    parser = account.arguments(__doc__.split("\n", 1)[0])
    parser.add_argument("--queue", required=True)
    parser.add_argument("--at", help="when it failed, in RFC 3339")
    parser.add_argument("--error", help="what the function answered")
    parser.add_argument("what", choices=("make", "run", "unstarted", "count"))
    options = parser.parse_args()
    sqs = account.client("sqs", account.HOME_REGION, options.endpoint_url)
    url = sqs.create_queue(QueueName=options.queue)["QueueUrl"]
    if options.what == "make":
        print(url)
    elif options.what == "run":
        sqs.send_message(QueueUrl=url, **run(options.error, options.at))
    elif options.what == "unstarted":
        sqs.send_message(QueueUrl=url, **unstarted(options.at))
    else:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        numbers = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        print(sum(int(number) for number in numbers.values()))


if __name__ == "__main__":
    main()

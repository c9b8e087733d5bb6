"""SNS names a subscription that is still to be confirmed, if it is asked to (ReturnSubscriptionArn).

MiniStack says "pending confirmation" whatever is asked. Terraform asks, or it couldn't delete it.
Source: Amazon SNS API reference, `Subscribe`.
"""

from ministack.services import sns

PENDING = b"<SubscriptionArn>pending confirmation</SubscriptionArn>"


def install() -> None:
    sns._subscribe = naming(sns._subscribe)


def naming(subscribe):
    def naming_subscribe(params):
        status, headers, body = subscribe(params)
        body = body.encode() if isinstance(body, str) else body
        if PENDING in body and sns._p(params, "ReturnSubscriptionArn") == "true":
            made = sns._get_topic(sns._p(params, "TopicArn"), "sns:Subscribe")[0]["subscriptions"][-1]
            body = body.replace(PENDING, f"<SubscriptionArn>{made['arn']}</SubscriptionArn>".encode())
        return status, headers, body

    return naming_subscribe

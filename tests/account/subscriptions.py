"""SNS names a subscription that is still to be confirmed, if it is asked to (ReturnSubscriptionArn), and
sends addresses that lead to it.

MiniStack says "pending confirmation" whatever is asked. Terraform asks, or it couldn't delete it. Its
SubscribeURL leads to the port that it has by default, and whoever visits it unsigned isn't in the topic's
account and region.
Source: Amazon SNS API reference, `Subscribe`; Amazon SNS Developer Guide, "HTTP/HTTPS subscription
confirmation JSON format".
"""

from urllib.parse import urlsplit

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import sns

PENDING = b"<SubscriptionArn>pending confirmation</SubscriptionArn>"


def install(url: str) -> None:
    sns._HOST, sns._PORT = urlsplit(url).hostname, urlsplit(url).port
    sns._subscribe = naming(sns._subscribe)
    sns._confirm_subscription = at_the_topic(sns._confirm_subscription)


def naming(subscribe):
    def naming_subscribe(params):
        status, headers, body = subscribe(params)
        body = body.encode() if isinstance(body, str) else body
        if PENDING in body and sns._p(params, "ReturnSubscriptionArn") == "true":
            made = sns._get_topic(sns._p(params, "TopicArn"), "sns:Subscribe")[0]["subscriptions"][-1]
            body = body.replace(PENDING, f"<SubscriptionArn>{made['arn']}</SubscriptionArn>".encode())
        return status, headers, body

    return naming_subscribe


def at_the_topic(confirm):
    """The token is what allows it: the visitor has no credentials."""

    def confirm_subscription(params):
        place = sns._p(params, "TopicArn").split(":")
        if len(place) == 6:
            set_request_region(place[3])
            set_request_account_id(place[4])
        return confirm(params)

    return confirm_subscription

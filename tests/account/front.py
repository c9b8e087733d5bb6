"""MiniStack's application with everything that was added to it, and its control interface."""

from ministack import app as ministack
from ministack.core import lambda_runtime

import alarms
import asynchronous
import chatbot
import conditions
import control
import databases
import deliveries
import encryption
import functions
import keys
import metrics_cbor
import refusals
import schedules
import simulate
import subscriptions
from moto_behind import Moto


def install(url: str, moto_url: str, function_environment: dict[str, str]):
    """The application to serve at `url`. Once per process."""
    moto = Moto(moto_url)
    metrics_cbor.install()
    refusals.install()
    databases.install(moto)
    keys.install(moto)
    conditions.install()
    simulate.install()
    functions.install(url, moto, function_environment)
    asynchronous.install()
    schedules.install()
    alarms.install()
    chatbot.install()
    encryption.install()
    subscriptions.install(url)
    deliveries.install()
    return application(url)


def application(url: str):
    """Announces the start, takes the control calls and hands everything else to MiniStack."""

    async def serve(scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await ministack.app(scope, receive, announcing(send, url))
        elif scope["type"] == "http" and scope["path"].startswith(control.PREFIX):
            await control.serve(scope, receive, send)
        else:
            await ministack.app(scope, receive, send)

    return serve


def announcing(send, url: str):
    async def announce(message) -> None:
        await send(message)
        if message["type"] == "lifespan.startup.complete":
            print(f"listening {url}", flush=True)

    return announce


def stop() -> None:
    """Ends the functions that still run; they are processes of their own."""
    lambda_runtime.reset()

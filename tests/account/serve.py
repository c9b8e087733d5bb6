"""One emulated AWS endpoint that runs the deployed system: MiniStack in front, Moto behind it.

    serve.py [--moto URL] [--port PORT] [--enforce] [--function-env NAME=VALUE]...

MiniStack answers for Lambda, EventBridge, Scheduler, CloudWatch, SNS, SQS, S3, KMS, IAM and the
rest. RDS, DocumentDB and EC2 go on to the Moto at URL (tests/emulator/moto_server.py), which knows
snapshots, copies, restores and faults. With --enforce every call is judged by the policies of the
role that makes it. Without --moto MiniStack answers for everything, as its authors wrote it. Runs in a
Python that has MiniStack: tests/requirements-ministack.txt.

When it is ready it prints one line, `listening http://127.0.0.1:PORT`, and serves until its
standard input closes: whoever started it and ends, in whatever way, ends it too. Nothing is kept,
nothing leaves the machine.
"""

import argparse
import asyncio
import os
import shutil
import socket
import sys
import tempfile
import threading

import identity


def main() -> None:
    options = arguments()
    listener = socket.create_server(("127.0.0.1", options.port))
    port = listener.getsockname()[1]
    scratch = tempfile.mkdtemp(prefix="snapkeep-account-")
    # MiniStack reads all of its settings when it is imported.
    settle_environment(port, scratch, options.enforce)
    try:
        asyncio.run(serve(listener, options))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--moto", metavar="URL", help="where Moto listens; without it MiniStack is alone")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--enforce", action="store_true", help="judge every call by IAM policies")
    parser.add_argument(
        "--function-env",
        action="append",
        default=[],
        type=variable,
        metavar="NAME=VALUE",
        help="an environment variable of all functions",
    )
    return parser.parse_args()


def variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return name, value


def settle_environment(port: int, scratch: str, enforce: bool) -> None:
    """What MiniStack is to see of the environment: nothing of the caller's account."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "MINISTACK_", "LAMBDA_"))]:
        del os.environ[name]
    os.environ.update(
        AUTH="true" if enforce else "false",
        AWS_ACCESS_KEY_ID=identity.ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=identity.SECRET_ACCESS_KEY,
        GATEWAY_PORT=str(port),
        MINISTACK_ACCOUNT_ID=identity.ACCOUNT,
        MINISTACK_HOST="127.0.0.1",
        # Listeners that nobody here calls.
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "ERROR"),
        TMPDIR=scratch,
    )
    tempfile.tempdir = scratch


async def serve(listener: socket.socket, options: argparse.Namespace) -> None:
    from hypercorn.asyncio import serve as serve_app
    from hypercorn.config import Config

    import front

    listener.listen(100)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "ERROR"
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=wait_for_end, args=(loop, ended), daemon=True).start()
    url = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    if options.moto:
        application = front.install(url, options.moto, dict(options.function_env))
    else:
        application = front.application(url)
    await serve_app(application, config, shutdown_trigger=ended.wait)
    front.stop()


def wait_for_end(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    for _ in sys.stdin:
        pass
    loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    main()

"""An emulated AWS account on a local port: Moto, with what the functions need of it and it lacks.

    moto_server.py [--port PORT] [--snapshot-quota N]

Port 0, the default, takes a free one. When it is ready it prints one line, `listening
http://127.0.0.1:PORT`, and serves until its standard input closes: whoever started it and ends, in
whatever way, ends it too. Every answer is from memory; nothing leaves the machine.
"""

import argparse
import logging
import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import moto_controls
import moto_rds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0)
    # AWS's default. Moto counts automated snapshots with the manual ones.
    parser.add_argument("--snapshot-quota", type=int, default=100)
    options = parser.parse_args()

    os.environ["MOTO_RDS_SNAPSHOT_LIMIT"] = str(options.snapshot_quota)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_rds.install()
    moto_controls.let_queues_follow_the_clock()
    moto = DomainDispatcherApplication(create_backend_app)
    application = moto_controls.FaultInjector(moto)
    server = make_server(
        "127.0.0.1",
        options.port,
        application,
        threaded=True,
        request_handler=moto_controls.DatedRequestHandler,
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening http://127.0.0.1:{server.server_port}", flush=True)
    for _ in sys.stdin:
        pass
    server.shutdown()


if __name__ == "__main__":
    main()

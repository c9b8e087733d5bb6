"""Counts the orders in a server's sample data from outside, with the server's own client.

    visit.py postgres|mariadb|mongodb --port PORT --user USER --ca FILE [--plain]

Standard input is the password, if any. Over TLS, with the server's certificate checked, unless
--plain.
"""

import argparse
import sys
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

import mariadb
import postgres
import processes

COUNT = "SELECT count(*) FROM orders"
# Nobody is asked for a password that is missing.
QUIET = ["-X", "-q", "-A", "-t", "-w"]
MILLISECONDS_MAX = 3000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kind", choices=VISITS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    try:
        print(VISITS[options.kind](options, sys.stdin.read()))
    except (processes.Failed, PyMongoError) as refused:
        sys.exit(str(refused))


def psql(options: argparse.Namespace, password: str) -> int:
    where = {
        "host": "localhost",
        "port": options.port,
        "user": options.user,
        "dbname": "shop",
        "sslmode": "disable" if options.plain else "verify-full",
        "sslrootcert": options.ca,
    }
    words = " ".join(f"{name}={value}" for name, value in where.items())
    command = [postgres.tools() / "psql", *QUIET, "-d", words, "-f", "-"]
    return int(processes.run(command, Path("/"), COUNT, PGPASSWORD=password))


def mariadb_client(options: argparse.Namespace, password: str) -> int:
    tls = ["--ssl-ca", options.ca, "--ssl-verify-server-cert"]
    command = [
        *(mariadb.tool("mariadb"), "--no-defaults", "--batch", "--skip-column-names"),
        *("--protocol", "tcp", "--host", "localhost", "--port", str(options.port)),
        *("--user", options.user, "--database", "shop"),
        *(["--skip-ssl"] if options.plain else tls),
    ]
    return int(processes.run(command, Path("/"), COUNT, MYSQL_PWD=password))


def mongo(options: argparse.Namespace, password: str) -> int:
    tls = {} if options.plain else {"tls": True, "tlsCAFile": options.ca}
    login = {"username": options.user, "password": password} if password else {}
    wait = {"serverSelectionTimeoutMS": MILLISECONDS_MAX}
    client = pymongo.MongoClient("localhost", options.port, **login, **wait, **tls)
    with client:
        return client["shop"]["orders"].count_documents({})


VISITS = {"postgres": psql, "mariadb": mariadb_client, "mongodb": mongo}


if __name__ == "__main__":
    main()

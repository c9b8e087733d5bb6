"""The kinds of servers, and who administers them."""

from pathlib import Path

import mariadb
import mongodb
import postgres

KINDS = {"postgres": postgres.Server, "mariadb": mariadb.Server, "mongodb": mongodb.Server}
# The master user of the emulated fleet: see fleet.py.
ADMINISTRATOR = "keeper"


def server(kind: str, folder: Path):
    """A server that is to be started in a folder, or that serves from it."""
    return KINDS[kind](folder)

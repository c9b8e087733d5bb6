"""Does something in a server that server.py has started in a folder.

    administer.py FOLDER execute        what standard input says, through the server's own tool
    administer.py FOLDER set-password   standard input becomes the administrator's password

It comes in by a way of its own, without the administrator's password. The script is SQL, or for
mongodb one command as JSON or a list of them; what the server answers is printed.
"""

import sys
from pathlib import Path

import kinds
import processes


def main(folder: Path, what: str) -> None:
    server = kinds.server((folder / "kind").read_text(), folder)
    said = sys.stdin.read()
    if what == "execute":
        print(server.execute(said), end="")
    elif what == "set-password":
        server.set_password(kinds.ADMINISTRATOR, said)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except processes.Failed as reason:
        sys.exit(str(reason))

"""Run a command beside a PostgreSQL server of its own: `{}` in it is the address of a database.

It is the server that the tests have.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.store.servers import running


def main() -> int:
    """Its exit status."""
    with running() as server:
        address = server.fresh("bench").url
        command = [address if word == "{}" else word for word in sys.argv[1:]]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

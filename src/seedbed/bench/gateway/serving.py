"""How the small servers here run: take any port, say which, end with the one who started them.

Floor 5.
"""

import asyncio
from collections.abc import Callable

import uvloop

from seedbed.engines.workers.parent import end_with_parent, greet


def serve(make: Callable[[], asyncio.Protocol]) -> None:
    """Serve connections on a port of the system's choice until standard input closes."""
    end_with_parent()
    uvloop.run(_serve(make))


async def _serve(make: Callable[[], asyncio.Protocol]) -> None:
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, backlog=1024)
    greet(port=str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()

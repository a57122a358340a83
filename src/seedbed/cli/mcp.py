"""`seedbed mcp`: the tools of the running server, for an assistant that starts programs.

Floor 6. Standard output belongs to the protocol; nothing else is printed there.
"""

from http import HTTPStatus

import anyio
import click
import httpx2

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.errors import KeyMissing, ServerRefused, ServerUnreachable
from seedbed.tools.mcp_relay import Relay


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Another port than the setting's.")
@pass_house
def mcp(house: House, *, port: int | None) -> None:
    """Serve the tools of the running server over standard input and output, until that ends.

    The key is the one in SEEDBED_KEY, or the home's first.
    """
    key = house.key or (house.key_file.read_text() if house.key_file.exists() else "")
    if not key.strip():
        raise KeyMissing
    headers = {"authorization": f"Bearer {key.strip()}"}
    url = house.daemon(port).url
    _look(house, url, headers)
    anyio.run(Relay(url, headers, house.neighbours).run)


def _look(house: House, url: str, headers: dict[str, str]) -> None:
    """See that the server is there and takes the key, before an assistant relies on it.

    Raises:
        ServerUnreachable: it is not there.
        ServerRefused: it does not take the key.
    """
    try:
        answer = house.neighbour.get(f"{url}/v1/models", headers=headers)
    except httpx2.HTTPError as error:
        raise ServerUnreachable(url, why=str(error) or type(error).__name__) from error
    if answer.status_code != HTTPStatus.OK:
        hint = f"`{show.program()} keys create --name NAME` makes one; put it into SEEDBED_KEY."
        raise ServerRefused(
            f"The server at {url} answered {answer.status_code} to the key.", code=None, hint=hint
        )

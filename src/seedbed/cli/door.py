"""Our own server, as commands ask it.

Floor 6.
"""

from collections.abc import Mapping
from typing import Any, cast

import httpx2

from seedbed.cli.house import House
from seedbed.core.errors import ServerRefused, ServerUnreachable

_PATIENCE = httpx2.Timeout(10, read=None)


class Door:
    """The server at a port, with the key of whoever calls."""

    def __init__(self, house: House, port: int | None = None) -> None:
        self._client, self._url = house.neighbour, house.daemon(port).url
        key = house.key or (house.key_file.read_text() if house.key_file.exists() else "")
        self._headers = {"authorization": f"Bearer {key.strip()}"} if key else {}

    def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - as JSON has it
        """What it answers.

        Raises:
            ServerUnreachable: none answers there.
            ServerRefused: it refuses, in its own words.
        """
        return self._sent(path, json=body)

    def post_form(self, path: str, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:  # noqa: ANN401 - as JSON has it
        """What it answers to a form with files in it.

        Raises:
            ServerUnreachable: none answers there.
            ServerRefused: it refuses, in its own words.
        """
        named = {field: (field, data) for field, data in files.items()}
        return self._sent(path, data=fields, files=named)

    def _sent(self, path: str, **body: Any) -> Any:  # noqa: ANN401 - as the client takes it
        try:
            response = self._client.post(
                f"{self._url}{path}", headers=self._headers, timeout=_PATIENCE, **body
            )
            told: Any = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ServerUnreachable(self._url, why=str(error) or type(error).__name__) from error
        if response.status_code != 200:
            raise _fault(told)
        return told


def _fault(told: Any) -> ServerRefused:  # noqa: ANN401 - as JSON has it
    """The server's own words, which hold what happened and what to do."""
    known = cast("Mapping[str, Any]", told if isinstance(told, Mapping) else {})
    fault = cast("Mapping[str, str]", known.get("error") or {})
    what = fault.get("message", "The server sent no reason.")
    return ServerRefused(what, code=fault.get("code"), hint="")

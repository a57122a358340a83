"""A response on its way: its head is here, its body as far as it has come.

Floor 1.
"""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from seedbed.kit.http.connection import Connection
from seedbed.kit.http.errors import Unreadable


class Response:
    """The answer to one request. It must be closed; leaving its `with` block does that.

    Iterating gives the body as it comes: each piece is all that has arrived by then.
    """

    __slots__ = ("_connection", "_let_go", "headers", "status_code")

    def __init__(self, connection: Connection, let_go: Callable[[Connection], None]) -> None:
        self._connection: Connection | None = connection
        self._let_go = let_go
        self.status_code = connection.reading.status
        self.headers: Mapping[bytes, bytes] = connection.reading.headers
        """By their names in small letters; several of one name are joined by commas."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come, so that its connection can be kept."""
        return self._connection is None or self._connection.reading.is_whole

    async def read(self, most: int) -> bytes:
        """The rest of the body, which does not wait for what is here already.

        Raises:
            HttpFault: it broke off.
            Unreadable: it is longer than `most` bytes.
        """
        pieces: list[bytes] = []
        length = 0
        connection = self._connection
        while connection is not None and (piece := await connection.more()):
            length += len(piece)
            if length > most:
                raise Unreadable(f"a body of more than {most:,} bytes")
            pieces.append(piece)
            if connection.reading.is_whole:
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Give the connection back if the body has come whole; otherwise close it at once, by which
        the other side learns that nobody listens any more.
        """
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self._let_go(connection)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = b"" if self._connection is None else await self._connection.more()
        if not piece:
            raise StopAsyncIteration
        return piece

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

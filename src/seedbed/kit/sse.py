"""Server-sent events: framing what is sent, parsing what is received.

Floor 1. Only what chat streams use: `data` fields, comments, LF or CRLF; ids and retry are left out
on purpose (an id breaks clients that meet heartbeats).
"""


def frame(data: bytes) -> bytes:
    r"""One event with that data, which must not hold a line break.

    >>> frame(b"{}")
    b'data: {}\n\n'
    """
    return b"data: " + data + b"\n\n"


class Parser:
    r"""Turns received bytes, cut anywhere, into the data of whole events.

    >>> parser = Parser()
    >>> parser.feed(b"data: a\n\n: ping\n\nda"), parser.feed(b"ta: b\r\n\r\n")
    ([b'a'], [b'b'])
    """

    __slots__ = ("_data", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        if (  # one whole event of one line, as is usual
            received[:6] == b"data: "
            and received.find(b"\n") == len(received) - 2
            and received[-1:] == b"\n"
            and b"\r" not in received
            and not (self._rest or self._data)
        ):
            return [received[6:-2]]
        lines = (self._rest + received).split(b"\n")
        self._rest = lines.pop()
        complete: list[bytes] = []
        for raw in lines:
            line = raw.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                complete.append(b"\n".join(self._data))
                self._data = []
        return complete

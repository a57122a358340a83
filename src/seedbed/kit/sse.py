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

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        if not (self._rest or self._data) and _is_one_event(received):
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


def _is_one_event(received: bytes) -> bool:
    """Whether these bytes are what is usual: one whole event of one line, and no more."""
    end = len(received) - 2
    return (
        received.find(b"\n") == end >= 6
        and received[:6] == b"data: "
        and received[-1:] == b"\n"
        and b"\r" not in received
    )

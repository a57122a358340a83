"""What comes over one connection, read as one response after another.

Floor 1. There is no I/O here: bytes go in, and a head and a body come out. A response is believed
only as far as its framing is beyond doubt; bytes that nobody asked for spoil the connection, since
the next response could be taken for theirs.
"""

from collections.abc import Mapping

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from seedbed.kit.http.errors import HungUp, Unreadable

MOST_HEADERS = 200
"""Lines of a head, and of what follows a body."""
MOST_BARREN = 1 << 16
"""Bytes that may come without completing a head or bringing any body."""

_FIRST = b"H"[0]


class Reading:
    """The response that is coming in.

    `received` counts its bytes, head and framing included; `arrived` those of its body that have
    not been taken. `is_spoilt` says that nothing may follow on this connection.
    """

    __slots__ = (
        "_barren",
        "_bodiless",
        "_is_open_ended",
        "_lines",
        "_parser",
        "_pieces",
        "_why",
        "arrived",
        "headers",
        "is_headed",
        "is_spoilt",
        "is_whole",
        "received",
        "status",
    )

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._bodiless = self._is_open_ended = self.is_headed = self.is_spoilt = False
        self._barren = self._lines = self.arrived = self.received = self.status = 0
        self._why = ""
        self.headers: dict[bytes, bytes] = {}
        self.is_whole = True

    def begin(self, *, bodiless: bool = False) -> None:
        """Expect the next response; with `bodiless`, one that tells of a body and sends none."""
        self._pieces = []
        self._bodiless = bodiless
        self._barren = self._lines = self.arrived = self.received = self.status = 0
        self._why = ""
        self._is_open_ended = self.is_headed = self.is_whole = False
        self.headers = {}

    def feed(self, data: bytes) -> None:
        """Take what has come.

        Raises:
            Unreadable: it is no HTTP, or beyond a bound.
        """
        if self.is_whole:
            self.is_spoilt = True
            return
        if not self.received and data[0] != _FIRST:
            raise Unreadable("what came is no HTTP")  # the parser would read RTSP, too
        self.received += len(data)
        was_headed, before = self.is_headed, self.arrived
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.is_spoilt = True
            if not self.is_whole:
                raise Unreadable(f"what came is no HTTP that was asked for ({error})") from error
        self._check(len(data), is_barren=was_headed == self.is_headed and before == self.arrived)

    def end(self) -> None:
        """The other side has said all that it will say.

        Raises:
            HungUp: that was not a whole response.
        """
        self.is_spoilt = True
        if not (self._is_open_ended or self.is_whole):
            raise HungUp("the connection closed before the end of the response")
        self.is_whole = True

    def take(self) -> bytes:
        """All of the body that has arrived and was not taken."""
        pieces = self._pieces
        taken = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        self.arrived = 0
        return taken

    def on_message_begin(self) -> None:
        """The parser sees the first byte of a response: of one too many, if this is whole."""
        self.is_spoilt |= self.is_whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """One line of a head; lines that follow a body are counted and dropped."""
        if self.is_whole:
            return
        self._lines += 1
        if self.is_headed or self._lines > MOST_HEADERS:
            return
        key = name.lower()
        said = self.headers.get(key)
        self.headers[key] = value if said is None else b"%b, %b" % (said, value)

    def on_headers_complete(self) -> None:
        """A head is whole; one that only bids to wait is forgotten."""
        if self.is_whole:
            return
        status, headers = self._parser.get_status_code(), self.headers
        is_framed = b"content-length" in headers or b"transfer-encoding" in headers
        coding = headers.get(b"transfer-encoding", b"chunked")
        if status < 100 or coding.lower() != b"chunked" or (status < 200 and is_framed):
            self._why = f"a head of status {status} whose body cannot be told from what follows"
        if status < 200:
            headers.clear()
            return
        self.status, self.is_headed, self._is_open_ended = status, True, not is_framed
        if not self._parser.should_keep_alive():
            self.is_spoilt = True
        if self._bodiless or status in {204, 304}:
            # The head may tell of a body all the same, and the parser would wait for it.
            self.is_whole = self.is_spoilt = True

    def on_body(self, data: bytes) -> None:
        """Some of the body."""
        if not self.is_whole:
            self._pieces.append(data)
            self.arrived += len(data)

    def on_message_complete(self) -> None:
        """A response has ended; the one that is waited for, where its head was seen."""
        if self.is_headed:
            self.is_whole = True

    def _check(self, length: int, *, is_barren: bool) -> None:
        """That nothing is beyond its bound.

        Raises:
            Unreadable: something is.
        """
        self._barren = self._barren + length if is_barren else 0
        if self._barren > MOST_BARREN and not self.is_whole:
            self._why = f"more than {MOST_BARREN:,} bytes without the end of a head or any body"
        elif self._lines > MOST_HEADERS:
            self._why = f"a response of more than {MOST_HEADERS} headers"
        elif self.received == length > MOST_BARREN and _size(self.headers) > MOST_BARREN:
            self._why = f"a head of more than {MOST_BARREN:,} bytes"
        if self._why:
            self.is_spoilt = True
            raise Unreadable(f"what came cannot be read: {self._why}")


def _size(headers: Mapping[bytes, bytes]) -> int:
    return sum(len(name) + len(value) for name, value in headers.items())

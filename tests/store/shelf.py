"""A server of one file on this machine, which can be told to behave badly."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shelf(ThreadingHTTPServer):
    """Serves `content` at `url`, or of `files` the one at each path; `asked` has the `Range` of
    each request or `None`, `paths` its path and `keys` its `Authorization`.

    With `cuts`, the next answers break off after so many bytes. `length` is what the answer says
    of its size: the truth, another number, or nothing.
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.asked: list[str | None] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.files: dict[str, bytes] = {}
        self.encodings: list[str | None] = []
        self.cuts: list[int] = []
        self.ranges = True
        self.status: int | None = None
        self.length: int | str = "true"

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/a/wheel-1.0-py3-none-any.whl"


@contextmanager
def open_shelf(content: bytes) -> Generator[Shelf]:
    shelf = Shelf(content)
    thread = threading.Thread(target=shelf.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield shelf
    finally:
        shelf.shutdown()
        thread.join()
        shelf.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Shelf  # pyright: ignore[reportIncompatibleVariableOverride]  # it serves no other

    def do_GET(self) -> None:
        shelf, wanted = self.server, self.headers.get("Range")
        shelf.asked.append(wanted)
        shelf.encodings.append(self.headers.get("Accept-Encoding"))
        shelf.paths.append(self.path)
        shelf.keys.append(self.headers.get("Authorization"))
        content = shelf.files.get(self.path, b"") if shelf.files else shelf.content
        if shelf.files and self.path not in shelf.files:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        start = start if shelf.ranges else 0
        if shelf.status or start >= len(content) > 0:
            self.send_error(shelf.status or 416)
            return
        body = content[start:]
        self.send_response(206 if start else 200)
        if shelf.length != "none":
            self.send_header(
                "Content-Length", str(len(body) if shelf.length == "true" else shelf.length)
            )
        self.end_headers()
        self.wfile.write(body[: shelf.cuts.pop(0)] if shelf.cuts else body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Say nothing."""

"""A fake bucket: as much of S3 as the store of artifacts speaks to. It checks no signature."""

import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

NAME = "shelf"
KEY_ID, SECRET = "AKIDOFTESTS", "secret-of-tests"


@dataclass
class Bucket:
    """What lies in it, and what was asked of it."""

    url: str = ""
    objects: dict[str, tuple[bytes, datetime]] = field(
        default_factory=dict[str, tuple[bytes, datetime]]
    )
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict[str, dict[int, bytes]])
    asked: list[str] = field(default_factory=list[str])
    refuses: int | None = None
    """A status that everything is answered with."""
    heard: Callable[[str], object] = str
    """Called with what is asked, before it is answered."""
    wall: Callable[[], float] = time.time

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall(), UTC)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "eu-west-9",
            "AWS_ENDPOINT_URL": self.url,
        }

    def age(self, key: str, at: datetime) -> None:
        self.objects[key] = (self.objects[key][0], at)


@contextmanager
def lent() -> Generator[Bucket]:
    """A bucket on a port of this machine."""
    bucket = Bucket()
    handler = type("Of", (_Handler,), {"bucket": bucket})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield bucket
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        place = urlsplit(self.path)
        asked = parse_qs(place.query, keep_blank_values=True)
        key = unquote(place.path).removeprefix(f"/{NAME}").removeprefix("/")
        assert f"Credential={KEY_ID}/" in self.headers["authorization"]
        self.bucket.asked.append(f"{self.command} {key}")
        self.bucket.heard(self.bucket.asked[-1])
        if self.bucket.refuses:
            self._answer(self.bucket.refuses, b"<Error><Code>No</Code></Error>")
        elif self.command == "POST":
            self._post(key, asked, body)
        elif self.command == "PUT":
            self._put(key, asked, body)
        elif self.command == "DELETE":
            self.bucket.uploads.pop(asked.get("uploadId", [""])[0], None)
            self.bucket.objects.pop(key, None)
            self._answer(204)
        elif "list-type" in asked:
            self._list(asked.get("prefix", [""])[0])
        else:
            self._read(key)

    def _post(self, key: str, asked: dict[str, list[str]], body: bytes) -> None:
        if "uploads" in asked:
            upload = f"upload{len(self.bucket.asked)}"
            self.bucket.uploads[upload] = {}
            told = f"<UploadId>{upload}</UploadId>"
            self._answer(200, _xml("InitiateMultipartUploadResult", told))
        else:
            parts = self.bucket.uploads.pop(asked["uploadId"][0])
            self._keep(key, b"".join(part for _, part in sorted(parts.items())))
            self._answer(200, _xml("CompleteMultipartUploadResult", "<ETag>e</ETag>"))

    def _put(self, key: str, asked: dict[str, list[str]], body: bytes) -> None:
        if source := self.headers.get("x-amz-copy-source"):
            copied = unquote(source).removeprefix(f"/{NAME}/").removeprefix(f"{NAME}/")
            self._keep(key, self.bucket.objects[copied][0])
            self._answer(200, _xml("CopyObjectResult", "<ETag>e</ETag>"))
        elif "uploadId" in asked:
            self.bucket.uploads[asked["uploadId"][0]][int(asked["partNumber"][0])] = body
            self._answer(200)
        else:
            self._keep(key, body)
            self._answer(200)

    def _keep(self, key: str, content: bytes) -> None:
        self.bucket.objects[key] = (content, self.bucket.now)

    def _list(self, prefix: str) -> None:
        told = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(content)}</Size>"
            f"<LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key, (content, at) in sorted(self.bucket.objects.items())
            if key.startswith(prefix)
        )
        self._answer(200, _xml("ListBucketResult", f"<IsTruncated>false</IsTruncated>{told}"))

    def _read(self, key: str) -> None:
        if key not in self.bucket.objects:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        content, at = self.bucket.objects[key]
        headers = {"last-modified": format_datetime(at, usegmt=True)}
        if found := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", "")):
            first, last = int(found[1]), min(int(found[2]), len(content) - 1)
            headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
            if first > last:
                self._answer(416, b"<Error><Code>InvalidRange</Code></Error>")
                return
            self._answer(206, content[first : last + 1], headers)
            return
        self._answer(200, content, headers)

    def _answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        told = {"content-length": str(len(body)), "etag": '"e"'} | (headers or {})
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _xml(name: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><{name}>{inner}</{name}>'.encode()

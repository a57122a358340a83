"""A collector of spans as others run it: OTLP over HTTP, on a real socket."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """Keeps what it was sent; gives the `answers` one after the other, and then 200."""

    def __init__(self, *answers: int) -> None:
        self.answers: Iterator[int] = iter(answers)
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.requests: list[list[str]] = []
        """The requests' ids of the spans in each call."""
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.url = ""

    def took(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.paths.append(path)
        self.headers.append(headers)
        told = ExportTraceServiceRequest.FromString(body)
        self.requests.append(
            [
                attribute.value.string_value
                for span in told.resource_spans[0].scope_spans[0].spans
                for attribute in span.attributes
                if attribute.key == "seedbed.request"
            ]
        )
        self.goes_on.wait()
        return next(self.answers, 200)


@contextmanager
def collecting(*answers: int, port: int = 0) -> Generator[Collector]:
    """A collector that runs."""
    collector = Collector(*answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(collector.took(self.path, headers, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield collector
    finally:
        collector.goes_on.set()
        server.shutdown()
        thread.join()
        server.server_close()

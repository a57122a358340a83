"""Hard edges on a real server process: thousands of callers, TLS, and an end in good order."""

import json
import resource
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import trustme

from seedbed.api.secrecy import trusting
from seedbed.kit.sse import Parser
from seedbed.store.database import open_database
from seedbed.store.ledger import Ledger
from tests.api.running import CHAT

pytestmark = pytest.mark.slow

MANY = 10_000
OWN_FILES = 500
"""Open files of the test's own process that are no connections."""
ALIVE = b"GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n"


@dataclass
class Edge:
    """A server process, and how to reach it."""

    process: subprocess.Popen[str]
    port: int
    key: str
    home: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def client(self) -> httpx2.Client:
        return httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"authorization": f"Bearer {self.key}"},
            trust_env=False,
            timeout=30,
        )

    def say(self, what: str) -> None:
        """Have the model say a word for each `w`, and end at an `e`."""
        assert self.process.stdin
        self.process.stdin.write(what)
        self.process.stdin.flush()

    @property
    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])


Started = Callable[..., Edge]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Start a server process; whatever became of it, it is gone afterwards."""
    with ExitStack() as stack:

        def start(
            *, grace: float = 30, connections: int = MANY, files: tuple[str, ...] = ()
        ) -> Edge:
            home = tmp_path / "house"
            words = [str(home), str(grace), str(connections), *files]
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.stories.edges", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout
            port, key = process.stdout.readline().split()
            return Edge(process, int(port), key, home)

        yield start


def answers(connection: socket.socket) -> bool:
    """Whether a connection that is open is still answered."""
    connection.sendall(ALIVE)
    told = b""
    while received := connection.recv(65_536):
        told += received
        if told.endswith(b"}"):
            return told.startswith(b"HTTP/1.1 200 ")
    return False


def test_thousands_of_idle_connections_are_held_and_the_server_still_answers(
    started: Started, capsys: pytest.CaptureFixture[str]
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    many = min(MANY, hard - OWN_FILES)
    edge = started()
    with ExitStack() as stack:
        first = stack.enter_context(edge.connect())
        assert answers(first)
        before = edge.resident_kib
        held = [stack.enter_context(edge.connect()) for _ in range(many - 2)]
        with edge.client() as client:
            assert client.get("/healthz").status_code == 200
            assert client.get("/v1/models").status_code == 200
        assert answers(held[0])
        assert answers(held[-1])
        grown = edge.resident_kib - before
    with capsys.disabled():
        print(f"\n{many} connections held, {grown / 1024:.1f} MiB more resident")  # noqa: T201
    assert grown / many < 32  # KiB
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_connection_beyond_the_bound_is_told_so_and_the_others_are_kept(started: Started) -> None:
    edge = started(connections=20)
    with ExitStack() as stack:
        held = [stack.enter_context(edge.connect()) for _ in range(20)]
        assert all(answers(one) for one in held)
        for _ in range(200):
            with edge.connect() as refused:
                assert refused.recv(65_536).startswith(b"HTTP/1.1 503 ")
        assert all(answers(one) for one in held)
        held.pop().close()
        assert any(_is_let_in(edge) for _ in range(100))


def _is_let_in(edge: Edge) -> bool:
    with edge.connect() as one:
        try:
            return answers(one)
        except ConnectionError:
            return False


def test_a_head_that_is_too_long_is_answered_before_it_ends(started: Started) -> None:
    edge = started()
    with edge.connect() as one:
        one.sendall(b"GET / HTTP/1.1\r\na: " + b"x" * 70_000)
        told = one.makefile("rb").read()
    assert told.startswith(b"HTTP/1.1 431 ")
    assert json.loads(told.partition(b"\r\n\r\n")[2])["error"]["code"] == "head_too_large"


@contextmanager
def stream(edge: Edge) -> Generator[Iterator[str]]:
    """What the model says, word for word, and then `[DONE]` or an error's code."""
    ask = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": "hi"}]}

    def words(answer: httpx2.Response) -> Iterator[str]:
        parser = Parser()
        for received in answer.iter_raw():
            for data in parser.feed(received):
                if data == b"[DONE]":
                    yield "[DONE]"
                    continue
                chunk = json.loads(data)
                if "error" in chunk:
                    yield chunk["error"]["code"]
                elif text := chunk["choices"][0]["delta"].get("content"):
                    yield text

    with edge.client() as client, client.stream("POST", CHAT, json=ask) as answer:
        assert answer.status_code == 200
        yield words(answer)


def outcomes(edge: Edge) -> list[str]:
    """How the answers of a server that has ended were settled."""
    database = open_database(edge.home / "seedbed.db")
    try:
        return [entry.stop for entry in Ledger(database).entries(last=10)]
    finally:
        database.close()


def is_refused(edge: Edge) -> bool:
    try:
        edge.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_server_that_is_told_to_end_finishes_its_answers_and_takes_no_more(
    started: Started,
) -> None:
    edge = started()
    edge.say("w")
    with edge.connect() as idle, stream(edge) as words:
        assert next(words) == "word "
        edge.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        assert is_refused(edge)
        edge.say("ww")
        assert [next(words), next(words)] == ["word ", "word "]
        edge.say("e")
        assert list(words) == ["[DONE]"]
    assert edge.process.wait(60) == -signal.SIGTERM
    assert outcomes(edge) == ["end"]


def test_what_is_not_finished_in_time_is_cut_off_in_band_and_settled(started: Started) -> None:
    edge = started(grace=0)
    edge.say("w")
    with stream(edge) as words:
        assert next(words) == "word "
        edge.process.send_signal(signal.SIGTERM)
        assert list(words)[:1] == ["server_stopping"]
    assert edge.process.wait(60) == -signal.SIGTERM
    assert outcomes(edge) == ["cancelled"]


def test_a_second_signal_takes_the_patience_away_and_the_books_are_closed_still(
    started: Started,
) -> None:
    edge = started(grace=3600)
    edge.say("w")
    with edge.connect() as idle, stream(edge) as words:
        assert next(words) == "word "
        edge.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        edge.process.send_signal(signal.SIGTERM)
        assert list(words)[:1] == ["server_stopping"]
    assert edge.process.wait(60) == -signal.SIGTERM
    assert outcomes(edge) == ["cancelled"]


def test_a_server_with_a_certificate_speaks_tls_and_only_that(
    started: Started, tmp_path: Path
) -> None:
    made = trustme.CA().issue_cert("127.0.0.1")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    edge = started(files=(str(certificate), str(key)))
    url = f"https://127.0.0.1:{edge.port}/healthz"
    with httpx2.Client(verify=trusting(str(certificate)), trust_env=False) as client:
        assert client.get(url).status_code == 200
    with httpx2.Client(trust_env=False) as stranger, pytest.raises(httpx2.ConnectError):
        stranger.get(url)
    with edge.connect() as plain:
        plain.sendall(ALIVE)
        assert not plain.recv(65_536).startswith(b"HTTP/")
    with edge.client() as client, pytest.raises(httpx2.HTTPError):
        client.get("/healthz")
    assert ssl.get_server_certificate(("127.0.0.1", edge.port)).startswith("-----BEGIN")

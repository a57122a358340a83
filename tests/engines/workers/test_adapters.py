"""An adapter that does not fit, or does nothing, is told by its name before a server greets."""

import http.client
import http.server
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from seedbed.engines.workers import adapters
from seedbed.engines.workers.adapters import Likely
from tests.engines.tiny import write_tiny_adapter, write_tiny_llama


@pytest.fixture(name="model", scope="module")
def model_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("model") / "tiny.gguf")


def test_the_model_and_its_adapters_are_read_from_the_command_line() -> None:
    words = ["--model", "m", "--adapter", "a=/x=y.gguf", "--places", "1", "--adapter", "b=z.gguf"]
    found = {"a": Path("/x=y.gguf"), "b": Path("z.gguf")}
    assert adapters.given(words) == (Path("m"), found)
    assert list(adapters.given(words)[1]) == ["a", "b"]


def test_one_that_fits_is_let_through(model: Path, tmp_path: Path) -> None:
    adapters.check_files(model, {"style": write_tiny_adapter(tmp_path / "style.gguf")})


def test_without_adapters_nothing_is_read_or_asked(tmp_path: Path) -> None:
    adapters.check_files(tmp_path / "not there", {})
    adapters.check_answers("http://nowhere.invalid", "k", [])


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"architecture": "qwen2"}, "it was made for 'qwen2', and the model is 'llama'"),
        ({"part": "attn_w.weight"}, "'blk.0.attn_w.weight', which the model does not have"),
        ({"width": 32}, r"is \(64, 64\) in the model, and \(32, 4\) by \(4, 32\) in it"),
        ({"sides": {"a": 1.0}}, "of 'blk.0.attn_v.weight' it has one half alone"),
        ({"sides": {"a": 1.0, "b": 0.0}}, "its weights are all zero"),
        ({"sides": {"a": 0.0, "b": 1.0}}, "its weights are all zero"),
    ],
)
def test_one_that_does_not_fit_or_is_zero_is_refused(
    model: Path, tmp_path: Path, made: dict[str, Any], said: str
) -> None:
    sound = write_tiny_adapter(tmp_path / "sound.gguf")
    path = write_tiny_adapter(tmp_path / "style.gguf", **made)
    with pytest.raises(adapters.BadAdapter, match=f"'style' cannot be served: .*{said}"):
        adapters.check_files(model, {"sound": sound, "style": path})


def test_norms_are_passed_over_and_are_not_enough(model: Path, tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(path := tmp_path / "norms.gguf", "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_tensor("blk.0.attn_norm.weight", np.ones(64, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(adapters.BadAdapter, match="it has no low-rank weights"):
        adapters.check_files(model, {"norms": path})


def test_what_is_no_adapter_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(adapters.BadAdapter, match="of the type '' '', not 'adapter' 'lora'"):
        adapters.check_files(model, {"style": model})
    (tmp_path / "page.gguf").write_bytes(b"<html>Sign in to go on, please</html>")
    with pytest.raises(adapters.BadAdapter, match="begins with b'<htm'"):
        adapters.check_files(model, {"style": tmp_path / "page.gguf"})
    with pytest.raises(adapters.BadAdapter, match="cannot be read"):
        adapters.check_files(model, {"style": tmp_path / "none.gguf"})


@pytest.mark.parametrize(
    ("shape", "a", "b", "fits"),
    [
        ((64, 128), (64, 4), (4, 128), True),
        ((64, 128), (64, 4), (5, 128), False),
        ((64, 128, 8), (64, 4, 8), (4, 128, 8), True),
        ((64,), (64, 4), (4, 64), False),
    ],
)
def test_two_halves_fit_where_their_product_has_the_shape(
    shape: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...], fits: bool
) -> None:
    assert adapters.fits("blk.0.ffn_up.weight", shape, a, b) is fits


def test_the_halves_of_the_embedding_are_the_other_way_round() -> None:
    assert adapters.fits("token_embd.weight", (64, 300), (4, 300), (4, 64))
    assert not adapters.fits("token_embd.weight", (64, 300), (300, 4), (4, 64))


def test_all_pieces_of_a_model_that_was_split_are_looked_at(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"m-0000{number}-of-00002.gguf").touch()
    (tmp_path / "other-00001-of-00002.gguf").touch()
    first = tmp_path / "m-00001-of-00002.gguf"
    assert adapters.pieces(first) == [first, tmp_path / "m-00002-of-00002.gguf"]
    assert adapters.pieces(tmp_path / "out-of-town.gguf") == [tmp_path / "out-of-town.gguf"]


@contextmanager
def answering(*likely: Likely, status: int = 200) -> Generator[tuple[str, list[Any]]]:
    """A server that finds these tokens likely, one answer after another."""
    asked: list[Any] = []
    left = list(likely)

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, self.headers["authorization"], body["lora"]))
            tokens = [{"id": at, "logprob": value} for at, value in left.pop(0).items()]
            content = json.dumps({"completion_probabilities": [{"top_logprobs": tokens}]}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            del code, size

    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


PLAIN: Likely = {1: -0.5, 2: -1.5}


@pytest.mark.parametrize("changed", [{1: -0.6, 2: -1.5}, {1: -0.5, 3: -1.5}, {1: -0.5}])
def test_an_adapter_with_which_other_tokens_are_likely_is_let_through(
    changed: Likely,
) -> None:
    with answering(PLAIN, PLAIN, changed, changed) as (url, asked):
        adapters.check_answers(url, "k", ["one", "two"])
    on, off = {"scale": 1.0}, {"scale": 0.0}
    assert [lora for _, _, lora in asked] == [
        [{"id": 0, **off}, {"id": 1, **off}],
        [{"id": 0, **off}, {"id": 1, **off}],
        [{"id": 0, **on}, {"id": 1, **off}],
        [{"id": 0, **off}, {"id": 1, **on}],
    ]
    assert {(path, key) for path, key, _ in asked} == {("/completion", "Bearer k")}


@pytest.mark.parametrize("again", [PLAIN, {1: -0.51, 2: -1.5}])
def test_one_that_changes_no_more_than_asking_twice_is_refused(
    again: Likely,
) -> None:
    changed: Likely = {1: -0.5, 2: -1.6}
    said = pytest.raises(adapters.BadAdapter, match="'two' cannot be served: with it the model")
    with answering(PLAIN, again, changed, again) as (url, _), said:
        adapters.check_answers(url, "k", ["one", "two"])


def test_a_server_that_does_not_answer_the_probe_is_an_error() -> None:
    said = pytest.raises(http.client.HTTPException, match="asked for a probe, it answered")
    with answering({}, status=500) as (url, _), said:
        adapters.check_answers(url, "k", ["one"])


def test_tokens_that_cannot_come_are_no_distance_apart() -> None:
    assert adapters.distance({1: None}, {1: None}) == 0
    assert adapters.distance({}, {}) == 0

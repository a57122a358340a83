"""A long text, asked of a real server of ours before and after a restart, on random weights."""

import gzip
import os
from pathlib import Path

import pytest

from seedbed.bench.serving.chats import Got
from seedbed.bench.serving.ground import Ground, Subject
from seedbed.bench.serving.specification import Answered, Specification, measure, read_pages
from seedbed.bench.serving.targets import Spent
from seedbed.bench.serving.wide import WINDOW, write_wide_llama
from seedbed.core.errors import SetupIncomplete
from seedbed.kit.gguf import read_head
from tests.engines.tiny import write_tiny_adapter, write_tiny_llama

PAGES = "All packages must have a changelog. " * 4000


def test_fifty_pages_are_read_packed_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "policy.txt", tmp_path / "policy.txt.gz"
    plain.write_text(PAGES)
    packed.write_bytes(gzip.compress(PAGES.encode(), mtime=0))
    assert read_pages(plain) == read_pages(packed) == PAGES[:110_000]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("short.txt", b"too short", "9 characters, less than 50 pages"),
        ("packed.gz", b"no gzip", "cannot be read"),
        ("cut.gz", gzip.compress(PAGES.encode(), mtime=0)[:90], "cannot be read"),
        ("bytes.txt", b"\xff" * 200_000, "cannot be read"),
    ],
)
def test_what_is_no_text_of_fifty_pages_is_refused(
    name: str, data: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SetupIncomplete, match=why):
        read_pages(tmp_path / name)


def test_what_is_lost_in_either_life_is_told() -> None:
    well = Spent([Got(tokens=1, prompt=9)], 4.0, 4.0)
    bad = Spent([Got(lost="no")], 1.0, 1.0)
    fifty = Specification(Answered(well, well), Answered(bad, well))
    assert (fifty.lost, fifty.tokens, fifty.ratio) == (["no"], 9, 0.25)


def test_the_wide_model_has_a_window_of_64k_and_the_words_of_another(tmp_path: Path) -> None:
    tiny = write_tiny_llama(tmp_path / "tiny.gguf")
    head = read_head(write_wide_llama(tmp_path / "wide.gguf", tiny))
    assert head.number("context_length") == WINDOW == 65_536
    assert head.template == read_head(tiny).template
    assert head.lengths["tokenizer.ggml.tokens"] == 260
    assert 2_000_000 < head.parameters - 260 * 256 < 3_000_000


def test_a_file_without_words_gives_none(tmp_path: Path) -> None:
    adapter = write_tiny_adapter(tmp_path / "adapter.gguf")
    with pytest.raises(ValueError, match=r"no tokenizer.ggml.tokens"):
        write_wide_llama(tmp_path / "wide.gguf", adapter)


@pytest.mark.slow
@pytest.mark.anyio
async def test_questions_are_asked_before_and_after_a_restart(tmp_path: Path) -> None:
    tiny = write_tiny_llama(tmp_path / "tiny.gguf")
    subject = Subject("tiny", tiny, 512, places=2, threads=1)
    said: list[str] = []
    ground = Ground(tmp_path, os.environ)
    fifty = await measure("A package has a maintainer.", subject, ground, 3, said.append)
    assert fifty.lost == []
    assert [len(life.rest.got) for life in (fifty.before, fifty.after)] == [2, 2]
    assert fifty.tokens > 100
    assert min(fifty.before.first.cpu, fifty.after.first.cpu, fifty.ratio) > 0
    assert said == ["D, 3 questions before a restart", "D, 3 questions after a restart"]

"""A tiny engine, bare and ours, takes turns. What it shows is that the measuring works."""

import os
import time
from pathlib import Path

import pytest

from seedbed.bench.bare.turns import Spent
from seedbed.bench.engines import (
    Row,
    Subject,
    Workload,
    figures,
    measure_all,
    processor_seconds,
)
from seedbed.core.book import PriceBook
from seedbed.core.model import Model
from seedbed.kit import plug
from seedbed.kit.clock import SystemClock
from seedbed.kit.machine import this_machine
from seedbed.serving.deploy import Deployer, Share
from seedbed.store.weights import Laid
from tests.engines.tiny import write_tiny_llama

pytestmark = pytest.mark.anyio

CONTROLS = plug.kinds("seedbed.bench.bare")
ENGINES = [kind for kind in CONTROLS if kind in plug.kinds("seedbed.engines")]


def test_no_two_prompts_begin_alike_in_any_turn() -> None:
    workload = Workload("B", 16)
    prompts = [
        *workload.prompts("ours 1"),
        *workload.prompts("bare 1"),
        *workload.prompts("ours 2"),
    ]
    assert len({prompt[:12] for prompt in prompts}) == len(prompts) == 48
    sizes = [len(prompt) for prompt in prompts]
    assert max(sizes) - min(sizes) < 0.2 * max(sizes)


def test_what_is_kept_is_the_median_of_the_pairs() -> None:
    bare = tuple(Spent(100, cpu, 1.0) for cpu in (1.0, 2.0, 1.0))
    ours = tuple(Spent(100, cpu, 2.0) for cpu in (1.0, 4.0, 2.0))
    row = Row("x", Workload("B", 16), bare, ours)
    assert row.kept == 0.5
    assert (row.rate(bare), row.speed(ours)) == (75.0, 50.0)
    assert figures([row]) == {"engines.x.B.kept": 0.5}


def test_the_seconds_of_a_process_are_those_that_it_used() -> None:
    told = processor_seconds(os.getpid())
    assert 0 <= time.process_time() - told < 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENGINES)
async def test_the_bare_library_and_our_worker_take_turns(kind: str, tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=2048)
    clock = SystemClock()
    deployer = Deployer(
        tmp_path,
        machine=this_machine(),
        share=Share(places=2, threads=1),
        book=PriceBook("USD", ()),
        clock=clock,
    )
    card = Model("tiny", "t", (kind,), 2048, 0, "MIT")
    live = deployer.deploy(card, lambda _, __: Laid(weights), secret=str)
    told: list[str] = []
    subject = Subject(live, weights, window=2048, threads=1)
    rows = await measure_all(subject, [Workload("B", 2, output=4)], turns=2, told=told.append)
    (row,) = rows
    assert len(row.bare) == len(row.ours) == 2
    assert [spent.tokens for spent in (*row.bare, *row.ours)] == [8] * 4, "two streams of four"
    assert row.kept > 0
    assert told[-1] == f"{kind} B, turn 2 of 2"

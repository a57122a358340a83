"""What long prompts do to the time between tokens: the figures, and that both set-ups run."""

from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.bench.serving.split import Figures, Load, Ran, measure
from seedbed.engines.base import Spec
from seedbed.kit.clock import SystemClock
from tests.engines.tiny import tiny_model, write_tiny_llama

pytestmark = pytest.mark.anyio


def test_the_ratios_say_by_how_much_the_pair_is_better() -> None:
    one = Ran(gaps=[0.1] * 90 + [2.0] * 10, firsts=[3.0, 4.0, 5.0])
    pair = Ran(gaps=[0.2] * 100, firsts=[6.0, 6.0, 7.0])
    figures = Figures(one, pair)
    assert (one.p50, one.p99, one.first) == (0.1, 2.0, 4.0)
    assert (figures.tpot_p99_ratio, figures.first_ratio) == (0.1, 1.5)


@pytest.mark.slow
async def test_one_engine_and_a_pair_are_measured_under_the_same_load(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=8192)
    model = replace(tiny_model("llama_cpp"), window=8192)
    spec = Spec(model, weights, places=1, threads=2)
    load = Load(streams=1, output=64, prompts=2, tokens=1200)
    figures = await measure(spec, tmp_path, load, SystemClock())
    for ran in (figures.one, figures.pair):
        assert len(ran.firsts) == 2
        assert ran.gaps
    assert len(list((tmp_path / "kv").rglob("*.kv"))) >= 2  # what the one read for the other

"""From a card to an engine on a machine, or to a sentence that says why not."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from seedbed.core.ask import Feature
from seedbed.core.errors import SettingRefused
from seedbed.core.model import ListPrice, Model, Upstream
from seedbed.core.money import Amount, Price, PriceBook, Unit
from seedbed.core.usage import Usage
from seedbed.kit import plug
from seedbed.kit.clock import FakeClock
from seedbed.kit.machine import Machine
from seedbed.serving.deploy import FAMILY, Deployer, Share, engines_for, engines_here
from seedbed.serving.deployment import LiveDeployment
from seedbed.store.weights import Laid
from tests.engines.tiny import write_tiny_llama

BARE = Machine("linux", "x86_64", frozenset({"sse2"}), cores=2)
ABLE = Machine("linux", "x86_64", frozenset({"sse2", "avx2"}), cores=2)
HELD = Price("*", Unit.HELD, 1, 1, "USD", date.min, "a test")
THERE = Upstream("https://example.com/v1", "openai", "big", "env:BIG_KEY", frozenset(Feature))


def deploy(
    model: Model, tmp_path: Path, *, machine: Machine = ABLE, secret: str = "s"
) -> LiveDeployment:
    deployer = Deployer(
        tmp_path,
        machine=machine,
        share=Share(places=2, threads=1),
        book=PriceBook.of([HELD], currency="USD"),
        clock=FakeClock(),
    )
    weights = tmp_path / "tiny.gguf"
    if not weights.exists():
        write_tiny_llama(weights)
    return deployer.deploy(
        model, lambda _, kind: Laid(weights, None, ()), secret=lambda name: f"{secret}:{name}"
    )


def card(*engines: str) -> Model:
    return Model("mine", "t", engines, 512, 0, "MIT")


def test_a_model_gets_the_first_of_its_engines_that_the_machine_can_run(tmp_path: Path) -> None:
    assert deploy(card("openvino", "llama_cpp"), tmp_path).deployment.engine == "openvino"
    live = deploy(card("openvino", "scripted"), tmp_path, machine=BARE)
    assert (live.deployment.engine, live.supervisor) == ("scripted", None)


def test_a_machine_that_can_run_none_of_them_is_told_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="openvino wants a processor with AVX2; llama_cpp"):
        deploy(card("openvino", "llama_cpp"), tmp_path, machine=BARE)


def test_an_engine_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match=r"no kind 'nope'; it has .*scripted"):
        deploy(card("nope"), tmp_path)


@pytest.mark.parametrize("kind", ["llama_cpp", "openvino", "sentence_encoder"])
def test_an_engine_whose_library_is_not_there_says_so(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", nothing)
    assert plug.load(FAMILY, kind).lacks(ABLE).startswith("the package ")


def test_what_others_serve_is_priced_by_their_list_and_never_by_our_hardware(
    tmp_path: Path,
) -> None:
    listed = ListPrice("USD", date(2026, 1, 1), "their page", {Unit.INPUT_FRESH: "0.15"})
    live = deploy(replace(card("remote"), upstream=THERE, price=listed), tmp_path)
    assert (live.name, live.deployment.own_hardware) == ("mine@upstream", False)
    assert live.tariff.cost(Usage(input_fresh=1_000_000), held=10**9) == Amount(150_000, "USD")


@pytest.mark.parametrize(
    "price", [None, ListPrice("EUR", date(2026, 1, 1), "their page", {Unit.INPUT_FRESH: "1"})]
)
def test_what_others_serve_without_a_price_in_our_currency_is_refused(
    price: ListPrice | None, tmp_path: Path
) -> None:
    with pytest.raises(SettingRefused, match=r"unpriced, and it has no \[price\] in USD"):
        deploy(replace(card("remote"), upstream=THERE, price=price), tmp_path)


def test_each_kind_of_engine_says_what_the_machine_lacks() -> None:
    here = dict(engines_here(BARE))
    assert here["scripted"] is None
    assert here["openvino"] == "a processor with AVX2"


def test_each_engine_that_loads_files_says_why_it_cannot_run_one(tmp_path: Path) -> None:
    whole = dict(engines_for(write_tiny_llama(tmp_path / "tiny.gguf"), ABLE))
    assert (whole["llama_cpp"], whole["openvino"]) == (None, None)
    assert "scripted" not in whole
    (tmp_path / "bad.gguf").write_bytes(b"no GGUF at all, however long it may be")
    for why in dict(engines_for(tmp_path / "bad.gguf", ABLE)).values():
        assert why

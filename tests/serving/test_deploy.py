"""From a card to an engine on a machine, or to a sentence that says why not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from seedbed.core.ask import Feature
from seedbed.core.book import PriceBook
from seedbed.core.errors import ModelUnpriced, SettingRefused
from seedbed.core.fleet import Fleet, Place
from seedbed.core.model import ListPrice, Model, ModelFile, Shadow, Upstream
from seedbed.core.money import Amount
from seedbed.core.prices import Price, Unit
from seedbed.core.usage import Usage
from seedbed.engines.base import Spec
from seedbed.engines.scripted import Scripted
from seedbed.kit import plug
from seedbed.kit.clock import FakeClock
from seedbed.kit.machine import Machine
from seedbed.kit.memory import LinuxGauge
from seedbed.serving.deploy import FAMILY, Deployer, Share, engines_for, engines_here
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.residency import Residency
from seedbed.serving.resident import GRAPHICS, MAIN, Capacity
from seedbed.store.weights import Laid
from tests.engines.tiny import write_tiny_llama

BARE = Machine("linux", "x86_64", frozenset({"sse2"}), cores=2)
ABLE = Machine("linux", "x86_64", frozenset({"sse2", "avx2"}), cores=2)
HELD = Price("*", Unit.HELD, 1, 1, "USD", date.min, "a test")
LISTED = ListPrice("USD", date(2026, 1, 1), "their page", {Unit.INPUT_FRESH: "1"})
SHADOW = Shadow(
    provider="Example",
    model="big",
    currency="USD",
    since=date(2026, 1, 1),
    source="their page",
    per_million={Unit.INPUT_FRESH: "2", Unit.OUTPUT_VISIBLE: "8"},
)
THERE = Upstream("https://example.com/v1", "openai", "big", "env:BIG_KEY", frozenset(Feature))


def deploy(
    model: Model,
    tmp_path: Path,
    *,
    machine: Machine = ABLE,
    secret: str = "s",
    prices: Sequence[Price] = (),
    clock: FakeClock | None = None,
    proxies: Mapping[str, str] | None = None,
) -> LiveDeployment:
    deployer = Deployer(
        tmp_path,
        machine=machine,
        share=Share(places=2, threads=1),
        book=PriceBook("USD", (HELD, *prices)),
        clock=clock or FakeClock(),
    )
    weights = tmp_path / "tiny.gguf"
    if not weights.exists():
        write_tiny_llama(weights)
    return deployer.deploy(
        model,
        lambda _, kind: Laid(weights),
        secret=lambda name: f"{secret}:{name}",
        proxies=proxies or {},
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


def test_a_proxy_that_cannot_be_used_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    model, proxies = replace(card("remote"), upstream=THERE), {"all_proxy": "socks5://p:1"}
    with pytest.raises(SettingRefused, match="The proxy 'socks5://p:1' cannot be used"):
        deploy(model, tmp_path, proxies=proxies)


@pytest.mark.parametrize(
    ("price", "why"),
    [
        (None, r"its card has no \[price\], and no file of prices has one"),
        (replace(LISTED, currency="EUR"), "it is priced in EUR, and no rate leads to USD"),
        (replace(LISTED, since=date(2028, 1, 1)), "its first one begins on 2028-01-01"),
        (replace(LISTED, until=date(2026, 6, 30)), "that of input_fresh ended with 2026-06-30"),
    ],
)
def test_what_others_serve_without_a_price_in_force_is_not_answered_and_said_at_the_start(
    price: ListPrice | None, why: str, tmp_path: Path
) -> None:
    with capture_logs() as logged:
        live = deploy(replace(card("remote"), upstream=THERE, price=price), tmp_path)
    (line,) = logged
    assert (line["event"], line["log_level"]) == ("model.unpriced", "warning")
    for _ in range(2):
        with pytest.raises(ModelUnpriced, match=rf"'mine' has no price on 2027-01-15: {why}"):
            live.bound(input_tokens=1, output_tokens=1, seconds=1)


@pytest.mark.anyio
async def test_a_price_that_begins_or_ends_at_midnight_takes_effect_without_a_restart(
    tmp_path: Path,
) -> None:
    clock = FakeClock(datetime(2027, 1, 15, 23, 59, 59, tzinfo=UTC).timestamp())
    dearer = replace(LISTED, since=date(2027, 1, 16), per_million={Unit.INPUT_FRESH: "3"})
    dearer = replace(dearer, until=date(2027, 1, 16))
    model = replace(card("remote"), upstream=THERE, price=LISTED)
    live = deploy(model, tmp_path, prices=dearer.prices("mine"), clock=clock)
    began = live.today()
    assert live.bound(input_tokens=1_000_000, output_tokens=0, seconds=1).micros // 1000 == 1000
    await clock.advance(1)
    assert live.tariff is began, "what began yesterday costs what it did"
    assert live.bound(input_tokens=1_000_000, output_tokens=0, seconds=1).micros // 1000 == 3000
    await clock.advance(86_400)
    for _ in range(2):
        with pytest.raises(ModelUnpriced, match="ended with 2027-01-16, and none follows"):
            live.bound(input_tokens=1, output_tokens=0, seconds=1)


def test_the_provider_that_a_card_names_stands_beside_and_is_never_charged(tmp_path: Path) -> None:
    model = replace(card("scripted"), shadow=SHADOW)
    live = deploy(model, tmp_path)
    usage = Usage(input_fresh=10, input_cache_read=5, output_visible=1)
    assert live.shadow(usage) == Amount(15 * 2 + 8, "USD")
    assert live.tariff.cost(usage, held=0) == Amount(0, "USD")
    assert deploy(card("scripted"), tmp_path).shadow(usage) is None


def test_nobody_is_refused_for_a_shadow_that_has_not_begun(tmp_path: Path) -> None:
    model = replace(card("scripted"), shadow=replace(SHADOW, since=date(2028, 1, 1)))
    assert deploy(model, tmp_path).shadow(Usage(1)) is None


def deploy_all(*places: Place, home: Path) -> list[str]:
    deployer = Deployer(
        home,
        machine=ABLE,
        share=Share(places=2, threads=1),
        book=PriceBook("USD", (HELD,)),
        clock=FakeClock(),
    )
    lives = deployer.deploy_all(
        card("scripted"), Fleet(places=places), lambda _, kind: Laid(None), secret=str
    )
    return [live.name for live in lives]


THEIRS = Place(name="here", engine="remote", upstream=THERE, price=LISTED)


def test_all_deployments_of_a_model_are_called_as_they_are_in_its_file(tmp_path: Path) -> None:
    there = replace(THEIRS, name="there")
    assert deploy_all(Place(name="here"), there, home=tmp_path) == ["mine@here", "mine@there"]
    assert deploy_all(THEIRS, home=tmp_path) == ["mine@upstream"]


def test_what_is_elsewhere_is_not_called_here_among_others(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="'here' is elsewhere"):
        deploy_all(THEIRS, Place(name="upstream"), home=tmp_path)


def test_an_engine_that_cannot_read_for_another_is_told(tmp_path: Path) -> None:
    pair = Place(name="pair", prefill="a", decode="b")
    with pytest.raises(SettingRefused, match="mine@a cannot read for mine@b"):
        deploy_all(Place(name="a"), Place(name="b"), pair, home=tmp_path)


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


def test_an_upstream_is_asked_by_far_more_at_once_than_an_engine_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs: list[Spec] = []

    def make(spec: Spec) -> Scripted:
        specs.append(spec)
        return Scripted("mine", window=64)

    monkeypatch.setattr("seedbed.engines.remote.make", make)
    upstream = Upstream("https://a", "openai", "theirs")
    theirs = replace(card("remote"), upstream=upstream, price=LISTED)
    assert deploy(theirs, tmp_path).deployment.places == specs[-1].places == 1024
    assert deploy(card("scripted"), tmp_path).deployment.places == 1024
    assert deploy(card("llama_cpp"), tmp_path).deployment.places == 2


def deploy_layers(
    tmp_path: Path, kind: str, place: Place, *, layers: int = 0
) -> tuple[LiveDeployment, Residency]:
    """With room for both kinds of memory, and a program that finds a graphics processor."""
    server = tmp_path / "llama-server"
    server.write_text("#!/bin/sh\necho '  CUDA0: a card (9 MiB, 9 MiB free)'\n")
    server.chmod(0o755)
    rooms = [Capacity(kind, 9e9, LinuxGauge()) for kind in (MAIN, GRAPHICS)]
    residency = Residency(*rooms, clock=FakeClock())
    deployer = Deployer(
        tmp_path,
        machine=ABLE,
        share=Share(places=2, threads=1, layers=layers, server=server),
        book=PriceBook("USD", (HELD,)),
        clock=FakeClock(),
        residency=residency,
    )
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    file = ModelFile("tiny.gguf", "tiny.gguf", 300, "")
    model = replace(card(kind), files=(file,))
    live = deployer.deploy(model, lambda _, kind: Laid(weights), secret=str, place=place)
    return live, residency


@pytest.mark.parametrize(
    ("layers", "needs"),
    [(0, {MAIN: 300}), (1, {MAIN: 200, GRAPHICS: 100}), (99, {MAIN: 0, GRAPHICS: 300})],
)
def test_files_count_in_the_memory_where_their_layers_go(
    tmp_path: Path, layers: int, needs: dict[str, int]
) -> None:
    _, residency = deploy_layers(tmp_path, "llama_cpp", Place(name="here", layers=layers))
    (resident,) = residency.residents
    assert resident.needs == needs


def test_what_was_measured_with_other_layers_does_not_count(tmp_path: Path) -> None:
    setups = {
        deploy_layers(tmp_path, "llama_cpp", Place(name="here", layers=layers))[1]
        .residents[0]
        .setup
        for layers in (0, 1, 99)
    }
    assert len(setups) == 3


@pytest.mark.parametrize("kind", ["openvino", "scripted"])
def test_layers_are_refused_by_an_engine_that_puts_none_on_graphics_processors(
    tmp_path: Path, kind: str
) -> None:
    with pytest.raises(SettingRefused, match=f"{kind} puts no layers on graphics processors"):
        deploy_layers(tmp_path, kind, Place(name="here", layers=8))


def test_layers_of_all_models_are_for_the_engines_that_can_take_them(tmp_path: Path) -> None:
    for kind, needs in (("openvino", {MAIN: 300}), ("llama_cpp", {MAIN: 0, GRAPHICS: 300})):
        _, residency = deploy_layers(tmp_path, kind, Place(name="here"), layers=99)
        assert [each.needs for each in residency.residents] == [needs]

"""The media of an ask are made ready before it goes on, for models here and for none elsewhere."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from seedbed.core.ask import Ask, CountAsk, EmbedAsk
from seedbed.core.errors import ArtifactUnknown, FeatureUnserved, MediumRefused, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Stop
from seedbed.core.message import Media, MediaKind, Message, Part, Result, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.kit.media.fetching import Fetcher
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.preparing import PICTURES, Preparer, Preparing, has_media, taken_by
from tests.kit.http.serving import each, serving, whole
from tests.kit.media.made import film, opened, picture
from tests.serving.houses import TARIFF, live, order
from tests.serving.media.shops import HASH, WITHIN, AtHand, Kept

pytestmark = pytest.mark.anyio

CAT = Media(MediaKind.IMAGE, picture())
DONE = Finished(Stop.END, Usage())


class Road:
    """What lies behind: it remembers which asks came by."""

    def __init__(self) -> None:
        self.orders = list[Order]()
        self.closed = 0

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        self.orders.append(order)
        try:
            yield DONE
        finally:
            self.closed += 1


def asked(*parts: Part) -> Order:
    plain = order()
    assert isinstance(plain.ask, Ask)
    return replace(plain, ask=replace(plain.ask, messages=(Message(Role.USER, parts),)))


def preparer(shop: AtHand | None = None, **limits: float) -> Preparer:
    return Preparer(WITHIN, Kept(picture()), shop or AtHand(), MediaLimits(**limits))  # type: ignore[arg-type]


async def sent(
    asked: Order, *, by: Preparer | None = None, takes: frozenset[MediaKind] | None = PICTURES
) -> tuple[list[Event], Road]:
    road = Road()
    preparing = Preparing(road.generate, lambda _: takes, by or preparer())
    async with aclosing(preparing.generate(asked)) as stream:
        return [event async for event in stream], road


async def parts_of(asked: Order, by: Preparer | None = None) -> tuple[Part, ...]:
    events, road = await sent(asked, by=by)
    assert events == [DONE]
    (gone,) = road.orders
    assert isinstance(gone.ask, Ask)
    assert (gone.request_id, gone.principal) == (asked.request_id, asked.principal)
    return gone.ask.messages[0].parts


async def refused(asked: Order, by: Preparer | None = None) -> SeedbedError:
    (event,), road = await sent(asked, by=by)
    assert isinstance(event, Failed)
    assert not road.orders
    return event.error


def size(part: Part) -> tuple[int, int]:
    assert isinstance(part, Media)
    assert isinstance(part.source, bytes)
    return opened(part.source).size


@pytest.mark.parametrize("parts", [(Text("a"),), (Text("a"), Result("c", (Text("b"),)))])
async def test_an_ask_without_media_goes_on_as_it_is(parts: tuple[Part, ...]) -> None:
    plain = asked(*parts)
    _, road = await sent(plain)
    assert road.orders[0] is plain


async def test_what_is_no_ask_for_words_goes_on_as_it_is() -> None:
    other = replace(order(), ask=EmbedAsk("m", ("a",)))
    _, road = await sent(other)
    assert road.orders[0] is other


async def test_media_for_models_elsewhere_go_on_as_they_came_and_artifacts_as_bytes() -> None:
    far, tone = Media(MediaKind.IMAGE, "https://nowhere.invalid/cat"), Media(MediaKind.AUDIO, b"a")
    plain = asked(far, tone, Media(MediaKind.IMAGE, HASH, {"detail": "low"}))
    _, road = await sent(plain, takes=None)
    (gone,) = road.orders
    assert isinstance(gone.ask, Ask)
    known = Media(MediaKind.IMAGE, picture(), {"detail": "low", "media_type": "image/png"})
    assert gone.ask.messages[0].parts == (far, tone, known)


async def test_pictures_are_made_plain_in_their_places_and_in_results_too() -> None:
    first, middle, last = await parts_of(asked(Text("a"), CAT, Result("c", (Text("b"), CAT))))
    assert first == Text("a")
    assert size(middle) == (40, 30)
    assert isinstance(last, Result)
    assert (last.call_id, last.parts[0], size(last.parts[1])) == ("c", Text("b"), (40, 30))


async def test_a_prompt_that_is_only_counted_is_made_ready_too() -> None:
    plain = asked(CAT)
    assert isinstance(plain.ask, Ask)
    _, road = await sent(replace(plain, ask=CountAsk(plain.ask)))
    (gone,) = road.orders
    assert isinstance(gone.ask, CountAsk)
    assert size(gone.ask.ask.messages[0].parts[0]) == (40, 30)


async def test_an_address_that_comes_twice_is_fetched_once() -> None:
    async with serving(each(whole(picture()))) as server:
        shown = Media(MediaKind.IMAGE, server.url)
        assert len(await parts_of(asked(shown, Text("and"), shown))) == 3
    assert len(server.heard) == 1


async def test_a_film_is_spread_over_its_place() -> None:
    parts = await parts_of(asked(Text("a"), Media(MediaKind.VIDEO, film(20, 10)), Text("b")))
    assert len(parts) == 2 + 1 + 2 * 2


async def test_artifacts_are_read_for_their_project_alone() -> None:
    (part,) = await parts_of(asked(Media(MediaKind.IMAGE, HASH)))
    assert size(part) == (40, 30)
    unknown = await refused(asked(Media(MediaKind.IMAGE, "cd" * 32)))
    assert isinstance(unknown, ArtifactUnknown)


async def test_why_a_medium_cannot_be_used_is_told_with_what_it_is_called() -> None:
    inward = Preparer(Fetcher(), Kept(), AtHand())
    error = await refused(asked(Media(MediaKind.IMAGE, "http://127.0.0.1/x?key=1")), inward)
    assert isinstance(error, MediumRefused)
    assert error.what == (
        "The image at 'http://127.0.0.1/x' cannot be used: "
        "127.0.0.1 leads into a network of this house's own."
    )


async def test_what_the_model_cannot_take_is_refused() -> None:
    error = await refused(asked(Media(MediaKind.AUDIO, b"")))
    assert isinstance(error, FeatureUnserved)


async def test_there_may_be_only_so_many_media() -> None:
    shop = AtHand()
    error = await refused(asked(CAT, Result("c", (CAT, CAT))), preparer(shop, count=2))
    assert "there are 3 of them in one request, and 2 is the most" in error.what
    assert not shop.orders


async def test_all_of_them_together_may_take_only_so_long() -> None:
    async with serving(each()) as server:
        slow = asked(Media(MediaKind.IMAGE, server.url))
        error = await refused(slow, preparer(seconds=0.05))
    assert "they were not ready within 0.05 s" in error.what


async def test_who_leaves_closes_the_road_behind() -> None:
    road = Road()
    preparing = Preparing(road.generate, lambda _: PICTURES, preparer())
    stream = preparing.generate(asked(CAT))
    assert await anext(stream) == DONE
    await stream.aclose()
    assert road.closed == 1


def elsewhere(engine: Scripted, clock: FakeClock) -> LiveDeployment:
    deployment = replace(live(engine, clock, at="there").deployment, own_hardware=False)
    return LiveDeployment(deployment, engine, lambda _: TARIFF, supervisor=None, clock=clock)


def test_what_a_model_takes_is_what_its_deployments_do(clock: FakeClock) -> None:
    seeing, blind = Scripted("m", window=64), Scripted("m", window=64)
    blind.features = frozenset()  # type: ignore[misc]
    here, there = live(blind, clock), elsewhere(seeing, clock)
    assert taken_by([live(seeing, clock)])("m") == PICTURES
    assert taken_by([here])("m@here") == frozenset()
    assert taken_by([there])("m") is None
    both = taken_by([here, there])
    assert both("m") == PICTURES
    assert (both("m@here"), both("m@there"), both("other")) == (frozenset(), None, None)


def test_media_are_seen_wherever_they_are() -> None:
    for parts, is_so in (
        ((CAT,), True),
        ((Text("a"), Result("c", (CAT,))), True),
        ((Text("a"), Result("c", ())), False),
    ):
        ask = asked(*parts).ask
        assert isinstance(ask, Ask)
        assert has_media(ask) is is_so


@pytest.mark.slow
def test_who_prepares_media_never_imports_what_takes_them_apart() -> None:
    code = "import sys, seedbed.serving.media.preparing; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {name.partition(".")[0] for name in ran.stdout.split()}
    assert not names & {"PIL", "av", "pypdfium2", "numpy"}

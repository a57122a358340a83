"""The fake film-maker keeps a film-maker's promises."""

from contextlib import aclosing
from dataclasses import replace

import anyio
import pytest

from seedbed.core.errors import EngineFailed, FieldUnserved, PromptTooLong
from seedbed.core.event import (
    Event,
    Failed,
    Filmed,
    FilmProgress,
    Finished,
    Reply,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.film import VideoAsk
from seedbed.core.usage import Usage
from seedbed.engines.base import Filmmaker, Spec
from seedbed.engines.scripted_filmmaker import PARTS, ScriptedFilmmaker, lacks, make
from seedbed.kit.machine import this_machine
from tests.engines.tiny import tiny_model

pytestmark = pytest.mark.anyio

TORN = EngineFailed("f", why="its reel tore")
ASK = VideoAsk("f", "a red barn", seconds=1, size=(64, 32))


async def events_of(maker: ScriptedFilmmaker, ask: VideoAsk = ASK) -> list[Event]:
    async with aclosing(maker.film(ask)) as events:
        return [event async for event in events]


def maker(**options: object) -> ScriptedFilmmaker:
    return ScriptedFilmmaker("f", window=64, **options)  # type: ignore[arg-type]  # as it has them


async def test_a_film_comes_with_what_it_used() -> None:
    started, read, *parts, used, film, end = await events_of(maker())
    whole = Usage(3, output_visible=50, film_milliseconds=1_042)
    assert (started, read, used) == (Started("f"), UsageNow(Usage(3)), UsageNow(whole))
    told = [part.done for part in parts if isinstance(part, FilmProgress)]
    assert (len(told), told, told[-1]) == (PARTS, sorted(told), 1)
    assert isinstance(film, Filmed)
    assert (film.width, film.height, film.fps, film.media) == (64, 32, 24, "video/mp4")
    assert (film.seconds, film.sound) == (25 / 24, False)
    assert end == Finished(Stop.END, whole)


async def test_a_film_is_no_larger_than_the_ask_bounds_it() -> None:
    for ask in (ASK, replace(ASK, frames=3), replace(ASK, fps=5), VideoAsk("f", "a", tier="480p")):
        reply = Reply.of(await events_of(maker(), ask))
        assert reply.film
        assert reply.usage.output <= ask.most_output
        assert reply.usage.film_milliseconds <= ask.most_seconds * 1_000 + 1


async def test_the_same_ask_has_the_same_film_and_another_has_another() -> None:
    asks = [ASK, ASK, replace(ASK, prompt="a blue barn"), replace(ASK, seed=1)]
    films = [Reply.of(await events_of(maker(), ask)).film for ask in asks]
    assert films[0] == films[1]
    assert len({film.data for film in films if film}) == 3


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (replace(ASK, prompt="word " * 64), PromptTooLong),
        (replace(ASK, sound=True), FieldUnserved),
        (replace(ASK, scene={"shots": []}), FieldUnserved),
    ],
)
async def test_what_it_cannot_film_is_refused(ask: VideoAsk, kind: type[Exception]) -> None:
    (only,) = await events_of(maker(), ask)
    assert isinstance(only, Failed)
    assert isinstance(only.error, kind)


async def test_it_fails_as_its_script_says() -> None:
    assert await events_of(maker(error=TORN)) == [Failed(TORN)]
    *_, part, end = await events_of(maker(error=TORN, begins=True))
    assert (part, end) == (FilmProgress(1 / PARTS, "frames"), Failed(TORN))


async def test_closing_early_stops_the_work() -> None:
    one = maker(waits=anyio.Event())
    async with aclosing(one.film(ASK)) as events:
        async for event in events:
            if isinstance(event, FilmProgress):
                break
    assert one.steps == 1


async def test_it_is_made_of_a_card() -> None:
    made = make(Spec(tiny_model("scripted_filmmaker"), None, places=1, threads=1))
    assert isinstance(made, Filmmaker)
    made.attach({})
    assert Reply.of(await events_of(made)).film
    await made.aclose()
    assert lacks(this_machine()) is None

"""Pictures and films on their road: nothing is asked that may not be made, and nothing told."""

import hashlib
import stat
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.access import Principal, Scope
from seedbed.core.ask import AnyAsk, Ask, ImageAsk
from seedbed.core.consent import Use
from seedbed.core.errors import ConsentMissing, ContentRefused
from seedbed.core.event import Event, Failed, Finished, Painted
from seedbed.core.film import VideoAsk
from seedbed.core.message import Media, MediaKind, Message, Role, Text
from seedbed.engines.scripted import Scripted
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.kit.clock import FakeClock
from seedbed.media.consenting import Consenting
from seedbed.media.permitting import Permitting
from seedbed.media.rules import Rules
from seedbed.media.safety import Safety
from seedbed.serving.account import Order
from seedbed.store.consents import Consents
from seedbed.store.database import Database
from tests.media.consented import GIVEN, recorded

pytestmark = pytest.mark.anyio

ANN = Principal("ann", "p", "key_1", frozenset({Scope.MODELS}))
FACE = {
    "canvas": {"width": 64, "height": 48},
    "references": [{"id": "ann", "role": "face", "artifact": "a" * 64, "media": "image/png"}],
    "shots": [{"id": "a"}],
}


class Road:
    """What lies behind: the fakes."""

    def __init__(self) -> None:
        self.painter = ScriptedPainter("m", window=100)
        self.filmmaker = ScriptedFilmmaker("m", window=100)
        self.talker = Scripted("m", window=100)

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        match order.ask:
            case ImageAsk() as ask:
                return self.painter.paint(ask)
            case VideoAsk() as ask:
                return self.filmmaker.film(ask)
            case ask:
                assert isinstance(ask, Ask)
                return self.talker.generate(ask)

    @property
    def asked(self) -> int:
        return len(self.painter.asked) + len(self.filmmaker.asked) + len(self.talker.asked)


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def rules(database: Database, clock: FakeClock, tmp_path: Path) -> Rules:
    return Rules(Consenting(Consents(database), clock), Safety(None, tmp_path / "work"))


async def told(road: Road, rules: Rules, ask: AnyAsk, work: Path = Path("nowhere")) -> list[Event]:
    permitting = Permitting(road.generate, rules, work)
    async with aclosing(permitting.generate(Order(ask, ANN, "req_1"))) as events:
        return [event async for event in events]


def program(folder: Path, *lines: str) -> Path:
    path = folder / "judge"
    path.write_text("\n".join([f"#!{sys.executable}", "import json, sys", *lines]))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("ask", [ImageAsk("m", "a cat"), VideoAsk("m", "a cat")])
async def test_what_may_be_made_is_made(road: Road, rules: Rules, ask: AnyAsk) -> None:
    events = await told(road, rules, ask)
    assert isinstance(events[-1], Finished)


async def test_words_are_left_to_others(road: Road, rules: Rules) -> None:
    ask = Ask("m", (Message(Role.USER, (Text("nude children"),)),))
    assert isinstance((await told(road, rules, ask))[-1], Finished)


@pytest.mark.parametrize("kind", [ImageAsk, VideoAsk])
async def test_what_no_house_makes_is_refused_before_anybody_is_asked(
    road: Road, rules: Rules, kind: type[ImageAsk] | type[VideoAsk]
) -> None:
    (event,) = await told(road, rules, kind("m", "nude children"))
    assert isinstance(event, Failed)
    assert isinstance(event.error, ContentRefused)
    assert road.asked == 0


async def test_a_face_without_consent_is_refused(road: Road, rules: Rules) -> None:
    (event,) = await told(road, rules, ImageAsk("m", "", scene=FACE))
    assert isinstance(event, Failed)
    assert isinstance(event.error, ConsentMissing)
    assert road.asked == 0


@pytest.mark.slow
@pytest.mark.parametrize("allow", [True, False])
async def test_a_picture_is_shown_to_the_program_before_it_is_told(
    road: Road, rules: Rules, tmp_path: Path, *, allow: bool
) -> None:
    judge = program(
        tmp_path,
        "said = json.load(sys.stdin)",
        "seen = [open(file, 'rb').read(4) for file in said['files']]",
        f"allow = said['side'] == 'input' or {allow} and seen == [b'\\x89PNG']",
        "print(json.dumps({'allow': allow, 'why': 'it is a cat'}))",
    )
    judged = replace(rules, safety=Safety(judge, tmp_path / "work"))
    events = await told(road, judged, ImageAsk("m", "a cat"), tmp_path / "work")
    assert any(isinstance(event, Painted) for event in events) is allow
    if not allow:
        assert isinstance(events[-1], Failed)
        assert "it is a cat" in events[-1].error.what
    assert list((tmp_path / "work").glob("picture-*")) == []


@pytest.mark.parametrize("role", ["face", "voice"])
async def test_what_is_somebodys_needs_a_consent_by_whoever_it_is_filmed(
    road: Road, rules: Rules, role: str
) -> None:
    shown = Media(MediaKind.IMAGE, b"png", {"role": role})
    (event,) = await told(road, rules, VideoAsk("m", "she waves", (shown,)))
    assert isinstance(event, Failed)
    assert isinstance(event.error, ConsentMissing)
    assert "names no consent" in event.error.what
    assert road.asked == 0


async def test_a_consent_that_is_named_must_hold(road: Road, rules: Rules) -> None:
    shown = Media(MediaKind.IMAGE, b"png", {"role": "first_frame", "consent": "consent_9"})
    (event,) = await told(road, rules, VideoAsk("m", "she waves", (shown,)))
    assert isinstance(event, Failed)
    assert "no consent 'consent_9'" in event.error.what


async def test_a_picture_is_noted_with_the_consent_that_it_was_made_by(
    road: Road, rules: Rules, database: Database
) -> None:
    consents = Consents(database)
    await recorded(database, replace(GIVEN, uses=(Use.PICTURES,)))
    given = {"consent": GIVEN.id, **FACE["references"][0]}  # type: ignore[dict-item]
    ann = replace(ANN, project=GIVEN.project)
    order = Order(ImageAsk("m", "", scene={**FACE, "references": [given]}), ann, "req_7")
    async with aclosing(Permitting(road.generate, rules, Path("nowhere")).generate(order)) as all_:
        (picture,) = [event async for event in all_ if isinstance(event, Painted)]
    (made,) = await consents.made(GIVEN.id)
    assert (made.job, made.artifact) == ("req_7", hashlib.sha256(picture.data).hexdigest())

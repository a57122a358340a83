"""Planning through a chat model: it fills a small form, and the rules make the Scene of that.

Floor 5. An answer that cannot be read is told to the model once, with its fault; after that the
rule planner's Scene stands, with a note. So a Scene comes of every prompt that is not refused.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

import anyio.to_thread

from seedbed.core import record
from seedbed.core.access import Principal
from seedbed.core.ask import Ask, Format, Limits
from seedbed.core.errors import AnswerMalformed, SceneMalformed, SeedbedError
from seedbed.core.event import Reply
from seedbed.core.message import Message, Role, Text
from seedbed.core.record import BadRecord
from seedbed.core.scene.rules import check
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.planning.planner import Plan, Planner
from seedbed.engines.drafting.planning.timing import fitted
from seedbed.kit import ids
from seedbed.media.sketch import EXAMPLES, Sketch, widened
from seedbed.serving.account import Order
from seedbed.serving.once import Generate

Write: TypeAlias = Callable[[tuple[Message, ...], Format], Awaitable[str]]
"""Has a model answer messages in a form; raises `AnswerMalformed` where it has not that form."""
FORM = Format(kind="schema", name="sketch", schema=record.schema(Sketch))
"""The form that a model fills."""
MOST_TOKENS = 6_000
_TOLD = (
    "You plan pictures and films. Answer with one JSON object of the schema and nothing else. "
    "Boxes are shares of the picture from its upper left corner: x and y from 0 to 1, and x plus "
    "width is at most 1. Things stand on the ground, in the lower third; what flies is above; "
    "nothing covers anything else or a text. Name each thing by one plain English noun, each one "
    "of several by an entry of its own. Copy words in quotes letter by letter. A picture is one "
    "shot. Write nothing that was not asked for.\n\nPlaces: plain, gradient, sky, sea, beach, "
    "city, forest, mountains, desert, field, snow, space, studio, room, street, underwater."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted whatever the prompt says, as `Planner.plan` takes it."""

    film: bool | None = None
    size: tuple[int, int] | None = None
    fps: int | None = None
    seconds: float | None = None
    seed: int = 0


def body_of(model: str, messages: tuple[Message, ...], form: Format) -> Mapping[str, object]:
    """What a model is asked in at the door for chats."""
    return {
        "model": model,
        "messages": [{"role": one.role.value, "content": _words(one)} for one in messages],
        "max_tokens": MOST_TOKENS,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": form.name, "schema": dict(form.schema)},
        },
    }


def writing(generate: Generate, model: str, principal: Principal) -> Write:
    """Write by the one road, on somebody's behalf; each time is a request of its own."""

    async def write(messages: tuple[Message, ...], form: Format) -> str:
        limits = Limits(output=MOST_TOKENS)
        ask = Ask(model=model, messages=messages, format=form, limits=limits)
        async with aclosing(generate(Order(ask, principal, ids.fresh("req")))) as events:
            return Reply.of([event async for event in events]).text

    return write


async def planned(prompt: str, wanted: Wanted, *, write: Write, planner: Planner) -> Plan:
    """The Scene of a prompt, sketched by a model.

    The rule planner reads size, time and sound, which it reads well; the model says what is seen.

    Raises:
        RequestMalformed: the prompt is empty, or too long.
        SeedbedError: the model cannot be asked.
    """
    ruled = await anyio.to_thread.run_sync(lambda: planner.plan(prompt, **asdict(wanted)))
    messages = _messages(prompt, is_film=ruled.scene.is_film)
    fault = ""
    for _ in range(2):
        answer = "{}"
        try:
            answer = await write(messages, FORM)
            return await anyio.to_thread.run_sync(_plan, answer, ruled, wanted, planner)
        except (ValueError, RecursionError, SceneMalformed, AnswerMalformed) as error:
            fault = (error.what if isinstance(error, SeedbedError) else str(error))[:300]
            again = f"That cannot be read: {fault} Write the whole object again, mended."
            messages = (*messages, _said(Role.ASSISTANT, answer), _said(Role.USER, again))
    note = f"The model's plan could not be read ({fault}); the Scene is planned by rule."
    return Plan(ruled.scene, (*ruled.notes, note))


def _plan(answer: str, ruled: Plan, wanted: Wanted, planner: Planner) -> Plan:
    """The Scene of an answer, with the time and the sound that the rules read.

    Raises:
        ValueError: it is no JSON, or no sketch.
        SceneMalformed: its parts do not go together.
    """
    sketch = record.read(Sketch, json.loads(_bare(answer)))
    if not sketch.shots:
        raise BadRecord("shots", [], "there is at least one shot")
    old = ruled.scene
    scene, notes = widened(sketch, old.canvas, planner, said=old.said, seed=wanted.seed)
    scene = _in_time(scene, old, wanted.seconds)
    check(scene)
    return Plan(scene, tuple(notes))


def _in_time(scene: Scene, old: Scene, wanted: float | None) -> Scene:
    """As long as is wanted, with the sound that was asked for."""
    scene = replace(scene, tracks=old.tracks)
    if wanted is None or not scene.is_film:
        return scene
    overlaps = sum(one.into.seconds for one in scene.shots)
    share = (wanted + overlaps) / sum(one.seconds for one in scene.shots)
    shots = [replace(one, seconds=round(one.seconds * share, 3)) for one in scene.shots]
    for place in range(1, len(shots)):
        into = fitted(shots[place].into, shots[place - 1].seconds, shots[place].seconds)
        shots[place] = replace(shots[place], into=into)
    return replace(scene, shots=tuple(shots))


def _bare(answer: str) -> str:
    """Without the fence that some models put around JSON."""
    start, end = answer.find("{"), answer.rfind("}")
    return answer[start : end + 1] if start >= 0 else answer


def _messages(prompt: str, *, is_film: bool) -> tuple[Message, ...]:
    kind = "a film" if is_film else "a picture"
    shown = [
        _said(role, text)
        for asked, sketch in EXAMPLES
        for role, text in (
            (Role.USER, asked),
            (Role.ASSISTANT, json.dumps(sketch, ensure_ascii=False)),
        )
    ]
    return (_said(Role.SYSTEM, _TOLD), *shown, _said(Role.USER, f"Plan {kind}: {prompt}"))


def _words(message: Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, Text))


def _said(role: Role, text: str) -> Message:
    return Message(role, (Text(text),))

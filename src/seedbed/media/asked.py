"""A film that is asked for in words and by what it goes by, as a Scene.

Floor 5. The rule planner reads the words, or a chat model does. Of what it goes by, a first frame
opens the film and a last frame closes it; other pictures are framed in it; a sound is its music. A
film to go by is refused by name, since nothing of it could be drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from seedbed.core.errors import FieldUnserved
from seedbed.core.film import ADAPTIVE, frame_size
from seedbed.core.scene.layers import Backdrop, Picture
from seedbed.core.scene.measures import Box
from seedbed.core.scene.motion import Camera, Transition
from seedbed.core.scene.scene import Reference, Role, Scene, Shot, Track
from seedbed.engines.drafting.planning.planner import FPS, Plan, Planner
from seedbed.engines.drafting.planning.titles import labelled
from seedbed.media.planning import Wanted, Write
from seedbed.media.planning import planned as by_model

_ROLES: Mapping[str, Role] = {
    "first_frame": "first_frame",
    "last_frame": "last_frame",
    "reference_image": "picture",
    "reference_audio": "sound",
    "face": "face",
}
_SHOWN_SECONDS = 1.5
"""How long a first and a last frame stand."""
_JOINED = Transition(form="dissolve", seconds=0.5)
_FRAMED = Box(0.62, 0.08, 0.32, 0.32)


@cache
def planner() -> Planner:
    """The rule planner, with all that it knows; made once."""
    return Planner.ready()


def wanted(ask: Mapping[str, Any]) -> Wanted:
    """What an ask wants, whatever its prompt says."""
    fps, frames = ask.get("fps"), ask.get("frames")
    seconds = frames / (fps or FPS) if frames else ask.get("seconds")
    return Wanted(True, _size(ask), fps, seconds, ask.get("seed") or 0)


def planned(ask: Mapping[str, Any]) -> tuple[Scene, tuple[str, ...]]:
    """The Scene of an ask, as our own door of films reads it, and what was not understood.

    Raises:
        RequestMalformed: its prompt is empty, or too long.
        FieldUnserved: it goes by what cannot be drawn.
    """
    found = references(ask)
    return _dressed(planner().plan(ask["prompt"], **asdict(wanted(ask))), ask, found)


async def planned_by(ask: Mapping[str, Any], write: Write) -> tuple[Scene, tuple[str, ...]]:
    """The same, as a chat model plans it.

    Raises:
        RequestMalformed, FieldUnserved: as `planned`.
        SeedbedError: the model cannot be asked.
    """
    found = references(ask)
    made = await by_model(ask["prompt"], wanted(ask), write=write, planner=planner())
    return _dressed(made, ask, found)


def _dressed(
    plan: Plan, ask: Mapping[str, Any], references: Sequence[Reference]
) -> tuple[Scene, tuple[str, ...]]:
    """A plan with what its ask has besides words."""
    scene = replace(plan.scene, references=(*plan.scene.references, *references))
    if ask.get("camera_fixed"):
        scene = replace(scene, shots=tuple(replace(one, camera=Camera()) for one in scene.shots))
    if ask.get("sound") is False:
        scene = replace(scene, tracks=())
    whole = _with(scene, references)
    return labelled(whole) if ask.get("watermark") else whole, plan.notes


def references(ask: Mapping[str, Any]) -> tuple[Reference, ...]:
    """What an ask goes by, as its Scene names it; what lies elsewhere, by its address.

    Raises:
        FieldUnserved: nothing of one could be drawn.
    """
    return tuple(_reference(place, ref) for place, ref in enumerate(ask.get("refs", ())))


def _size(ask: Mapping[str, Any]) -> tuple[int, int] | None:
    if "size" in ask:
        return ask["size"][0], ask["size"][1]
    ratio = ask.get("ratio", ADAPTIVE)
    if "tier" in ask or ratio != ADAPTIVE:
        return frame_size(ask.get("tier", "720p"), "16:9" if ratio == ADAPTIVE else ratio)
    return None


def _reference(place: int, ref: Mapping[str, str]) -> Reference:
    role = _ROLES.get(ref["role"])
    if role is None:
        because = "what is drawn goes by pictures and sounds."
        raise FieldUnserved("refs", value=repr(ref["role"]), because=because)
    media = "audio/wav" if role == "sound" else "image/png"
    return Reference(f"ref-{place + 1}", role, ref["source"], media, ref.get("consent", ""))


def _with(scene: Scene, references: Sequence[Reference]) -> Scene:
    """The Scene with what it goes by."""
    shots, tracks = list(scene.shots), list(scene.tracks)
    for one in references:
        match one.role:
            case "first_frame":
                shots[0] = replace(shots[0], into=_JOINED)
                shots.insert(0, _shown(one))
            case "last_frame":
                shots.append(replace(_shown(one), into=_JOINED))
            case "sound":
                kept = [track for track in tracks if track.use != "music"]
                tracks = [*kept, Track(one.id, reference=one.id, fade_out=0.5)]
            case _:
                framed = Picture(
                    id=one.id, reference=one.id, box=_FRAMED, fit="contain", radius=0.05
                )
                shots = [replace(shot, layers=(*shot.layers, framed)) for shot in shots]
    return replace(scene, shots=tuple(shots), tracks=tuple(tracks))


def _shown(one: Reference) -> Shot:
    """A shot of a picture, into which the camera slowly goes."""
    layers = Backdrop(id=f"ground-{one.id}"), Picture(id=one.id, reference=one.id)
    return Shot(f"shot-{one.id}", _SHOWN_SECONDS, layers, camera=Camera("zoom", amount=0.06))

"""The rule planner: a prompt in plain English or Chinese, or both, made into a Scene.

Floor 3. No model: tables of words, and rules of how pictures are laid out. What is understood of a
prompt is taken out of its text step by step; what is left of things is told in notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.measures import MOST_FPS
from seedbed.core.scene.motion import CUT
from seedbed.core.scene.rules import FILM_SIDE, check
from seedbed.core.scene.scene import Canvas, Scene, Shot, Track
from seedbed.engines.drafting.planning.asked import (
    Length,
    asks_for_film,
    filmed,
    lengths,
    rates,
    sizes,
)
from seedbed.engines.drafting.planning.cameras import look
from seedbed.engines.drafting.planning.cuts import MOST_SHOTS, Cuts, Part, cuts
from seedbed.engines.drafting.planning.figures import Figures, read_figures
from seedbed.engines.drafting.planning.nature import NIGHTLY, habitat, is_lamp, usual_place
from seedbed.engines.drafting.planning.palettes import palette
from seedbed.engines.drafting.planning.places import Where, setting
from seedbed.engines.drafting.planning.quoted import Quote, quotes
from seedbed.engines.drafting.planning.shots import Making, Told, shot
from seedbed.engines.drafting.planning.things import Thing, acts_alone, things
from seedbed.engines.drafting.planning.timing import fitted, timed
from seedbed.engines.drafting.planning.tracks import (
    effects,
    lasts,
    mixed,
    music,
    spoken,
)
from seedbed.engines.drafting.planning.unknown import unknown
from seedbed.engines.drafting.words import Noun, Words, read_words

LONGEST = 100_000
"""Characters of a prompt at most."""
FPS = 24
"""Frames a second where nothing is said of them."""
_USUAL = 1920, 1080
_MARKS = " ~.,;:!?\n\t\"'"
"""What a text is left with of which all is understood."""
_MOST_NOTES = 40
_MOST_TEXTS = 8
_ELSEWHERE = {"space", "moon", "underwater", "sky"}
_LANDS = {"street", "field", "forest", "room", "desert", "snow", "sea"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A Scene, and what of the prompt was not understood, was contradictory, or was left out."""

    scene: Scene
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is wanted whatever the prompt says; what is None is as the prompt says, or as usual."""

    film: bool | None
    size: tuple[int, int] | None
    fps: int | None
    seconds: float | None
    seed: int


@dataclass(slots=True)
class _Reading:
    """A prompt while it is read: what of its text is not understood yet, and what is."""

    text: str
    quotes: list[Quote]
    lengths: list[Length]
    size: tuple[int, int]
    fps: int | None
    music: list[Track]
    notes: list[str] = field(default_factory=list[str])
    known: dict[str, Thing] = field(default_factory=dict[str, Thing])
    where: Where = field(default_factory=Where)
    count: int = 1
    """How many shots there are."""
    is_whole: bool = False
    """Whether the place is that of all shots."""
    is_understood: bool = False
    """Whether anything is that is to be seen."""


class Planner:
    """Makes Scenes of prompts, with the `words` that it knows and the `figures` there is art of."""

    def __init__(self, words: Words, figures: Figures) -> None:
        self.words, self.figures = words, figures

    @classmethod
    def ready(cls) -> "Planner":
        """With the words and the art that are shipped; the first takes a fifth of a second."""
        return cls(read_words(), read_figures())

    def plan(
        self,
        prompt: str,
        *,
        film: bool | None = None,
        size: tuple[int, int] | None = None,
        fps: int | None = None,
        seconds: float | None = None,
        seed: int = 0,
    ) -> Plan:
        """The Scene of a prompt. The same prompt and seed make the same Scene.

        What is given is taken, whatever the prompt says: `size` in pixels, `fps` in frames a
        second, `seconds` of the whole. Whether it is a `film` the prompt tells, where nobody does.

        Raises:
            RequestMalformed: the prompt is empty, or too long.
        """
        _refuse(prompt)
        wanted = _Wanted(film, size, fps, seconds, seed)
        reading = self._read(prompt, wanted)
        told = self._told(reading, wanted)
        form = reading.size[0] / reading.size[1]
        making = Making(form, reading.fps is not None, self.figures, seed)
        shots = tuple(shot(number, one, making) for number, one in enumerate(told, 1))
        scene = _scene(prompt, reading, told, shots, seed)
        if not reading.is_understood:
            reading.notes.append("Nothing of it is understood: English and Chinese are read.")
        check(scene)
        return Plan(scene, tuple(dict.fromkeys(reading.notes))[:_MOST_NOTES])

    def _read(self, prompt: str, wanted: _Wanted) -> _Reading:
        """What is told of the whole, and is taken out of the text."""
        text, quoted = quotes(prompt, self.words)
        text, asked = sizes(text)
        text, fps = rates(text)
        text, long = lengths(text)
        text, given = effects(text)
        text, track, silent = music(text)
        film = wanted.film
        if film is None:
            told = bool(fps or long or wanted.fps or wanted.seconds or track or look(text)[1])
            film = told or asks_for_film(prompt)
        notes = _differences("sizes", [f"{one[0]}x{one[1]}" for one in asked])
        notes += _differences("frames a second", [str(one) for one in fps])
        size, rate = asked[-1] if asked else _USUAL, fps[-1] if fps else FPS
        if film:
            notes += _differences_of_film(size, rate)
            size, rate = filmed(size), min(rate, MOST_FPS)
        size, rate = wanted.size or size, wanted.fps or rate
        tracks = [] if silent else [*([track] if track else []), *given]
        return _Reading(text, quoted, long, size, rate if film else None, tracks, notes)

    def _told(self, reading: _Reading, wanted: _Wanted) -> list[Told]:
        """What is told of each shot."""
        found = self._cut(reading)
        reading.count = len(found.parts)
        if found.preamble:
            self._preamble(reading, found.preamble)
        told = [self._shot(reading, one, place) for place, one in enumerate(found.parts)]
        told = _peopled(told, reading.known)
        if reading.fps is None:
            return told
        least = [
            sum(0.9 + lasts(one.text) for one in each.quotes if one.use == "speech")
            for each in told
        ]
        seconds, notes = timed(found, reading.lengths, least, wanted.seconds)
        reading.notes += notes
        return _joined(told, seconds)

    def _cut(self, reading: _Reading) -> Cuts:
        if reading.fps is None:
            return Cuts(0, (Part(0, len(reading.text)),))
        found = cuts(reading.text)
        if len(found.parts) > MOST_SHOTS:
            count = len(found.parts)
            reading.notes.append(f"{count} shots are told; the first {MOST_SHOTS} are planned.")
            found = Cuts(found.preamble, found.parts[:MOST_SHOTS])
        return found

    def _preamble(self, reading: _Reading, end: int) -> None:
        """What is said of the whole film before its first shot."""
        text, _ = look(reading.text[:end])
        text, reading.where, notes = setting(text, self.words)
        reading.is_whole = reading.where.ground is not None
        named, more = things(text, self.words, {})
        reading.known = {one.concept: one for one in named}
        reading.notes += [*notes, *more]

    def _shot(self, reading: _Reading, part: Part, place: int) -> Told:
        start = 0 if not place else part.start
        text = reading.text[part.start : part.end]
        quoted = self._quoted(reading, start, part.end, place)
        text, seen = look(text)
        focus = self._focus(text, seen.on) if seen and seen.on is not None else None
        text, where, notes = setting(text, self.words)
        named, more = things(text, self.words, reading.known)
        reading.notes += [*notes, *more]
        self._missing(reading, text)
        if not named and place and (act := acts_alone(text)):
            named = [replace(one, act=act) for one in reading.known.values()]
        reading.known = {one.concept: one for one in named} or reading.known
        self._place(reading, where, named)
        is_told = bool(named or where != Where() or not text.strip(_MARKS))
        reading.is_understood = reading.is_understood or is_told
        named = _without_lamp(reading, named)
        into = part.into if place else CUT
        return Told(tuple(named), reading.where, quoted, seen, into, 0.0, focus)

    def _quoted(self, reading: _Reading, start: int, end: int, place: int) -> tuple[Quote, ...]:
        """The quotes of a shot: those that name it, and those that stand in its words."""
        mine = {place, place - reading.count}
        found = [
            one
            for one in reading.quotes
            if (start <= one.start < end if one.shot is None else one.shot in mine)
        ]
        if len(found) > _MOST_TEXTS:
            count = len(found)
            reading.notes.append(f"{count} texts are quoted; the first {_MOST_TEXTS} are taken.")
        return tuple(found[:_MOST_TEXTS])

    def _focus(self, text: str, start: int) -> str | None:
        """What is named right behind what the camera does: "zoom in on the cat"."""
        near: Noun | None = next(iter(self.words.nouns(text[start : start + 30])), None)
        return near.concept if near is not None and near.start < 12 else None

    def _missing(self, reading: _Reading, text: str) -> None:
        nouns = self.words.nouns(text)
        for said, near in unknown(text, nouns, self.words, self.figures.keys()):
            hint = f"; the nearest that there is: {near.replace('-', ' ')}" if near else ""
            reading.notes.append(f"There is no art of {said!r}, and it is left out{hint}.")

    def _place(self, reading: _Reading, where: Where, named: Sequence[Thing]) -> None:
        """Where it is: as told, or as before, or where such things are seen."""
        before = reading.where
        if where.ground == "sky" and any(habitat(one.concept) == "ground" for one in named):
            where = replace(where, ground=None)  # something else is in the sky
        if where.ground == "sea" and _is_dry(named):
            where = replace(where, ground="beach")
        reading.where = where.under(before)
        if reading.where.time is None and any(one.concept in NIGHTLY for one in named):
            reading.where = replace(reading.where, time="night")
        usual = usual_place([one.concept for one in named])
        if where.ground is not None:
            reading.is_whole = False
        elif before.ground in _ELSEWHERE and named and not reading.is_whole and usual in _LANDS:
            reading.where = replace(reading.where, ground=usual, colours=())
        elif before.ground is None:
            has_sky = usual in {"gradient", "studio"} and (where.time or where.weather)
            reading.where = replace(reading.where, ground="sky" if has_sky else usual)


def _is_dry(named: Sequence[Thing]) -> bool:
    """Whether something stands on land, and nothing is in the water or on it."""
    kinds = {habitat(one.concept) for one in named}
    return "ground" in kinds and not kinds & {"water", "afloat"}


def _refuse(prompt: str) -> None:
    if not prompt.strip():
        raise RequestMalformed(
            "The prompt is empty.", hint="Say what is to be seen.", field="prompt"
        )
    if len(prompt) > LONGEST:
        raise RequestMalformed(
            f"The prompt has {len(prompt):,} characters.",
            hint=f"{LONGEST:,} are read at most.",
            field="prompt",
        )


def _without_lamp(reading: _Reading, named: list[Thing]) -> list[Thing]:
    """Without the sun or the moon that the backdrop has, where nothing else is said of it."""
    where, kept = reading.where, list[Thing]()
    linked = {one.link[1] for one in named if one.link}
    for one in named:
        place = where.ground or "plain"
        own = is_lamp(one.concept, place, where.time or "day", where.weather or "clear")
        is_star = one.concept == "star" and where.time == "night" and place != "room"
        link = None if is_star else one.link
        plain = replace(one, key=0, name="", count=1, link=link) == Thing(one.concept, "", 0)
        if (own or is_star) and plain and (is_star or one.key not in linked):
            reading.notes.append(f"{one.name.capitalize()}: as the backdrop has it.")
        else:
            kept.append(one)
    return kept


def _differences(what: str, told: Sequence[str]) -> list[str]:
    if len(set(told)) < 2:
        return []
    return [f"It says several {what} ({', '.join(told)}); the last is taken."]


def _differences_of_film(size: tuple[int, int], rate: int) -> list[str]:
    """What a film cannot have of what was asked for."""
    told = list[str]()
    if (less := filmed(size)) != size:
        told.append(
            f"A film has {FILM_SIDE:,} pixels a side at most; it is made {less[0]}x{less[1]}."
        )
    if rate > MOST_FPS:
        told.append(f"A film has {MOST_FPS} frames a second at most, and not {rate}.")
    return told


def _peopled(told: Sequence[Told], known: dict[str, Thing]) -> list[Told]:
    """Who is told of before the first shot is seen in it, where it names nobody."""
    if any(one.things for one in told):
        return list(told)
    return [replace(one, things=tuple(known.values())) for one in told]


def _joined(told: Sequence[Told], seconds: Sequence[float]) -> list[Told]:
    made: list[Told] = []
    for place, (one, long) in enumerate(zip(told, seconds, strict=True)):
        into = fitted(one.into, seconds[place - 1], long) if place else CUT
        made.append(replace(one, seconds=long, into=into))
    return made


def _scene(
    prompt: str,
    reading: _Reading,
    told: Sequence[Told],
    shots: tuple[Shot, ...],
    seed: int,
) -> Scene:
    colours = [one.colour for each in told for one in each.things if one.colour]
    five = palette(told[0].where, colours)
    titles = [one.text for one in reading.quotes if one.use == "title"]
    return Scene(
        canvas=Canvas(*reading.size, fps=reading.fps, colour=five[-1]),
        shots=shots,
        title=" ".join(titles[0].split())[:200] if titles else "",
        said=prompt,
        palette=five,
        tracks=tuple(_tracks(reading, told)) if reading.fps else (),
        seed=seed,
    )


def _tracks(reading: _Reading, told: Sequence[Told]) -> list[Track]:
    tracks = list(reading.music)
    starts = 0.0
    for one in told:
        lines = [each for each in one.quotes if each.use == "speech"]
        said = sum(each.use == "speech" for each in tracks)
        starts -= one.into.seconds
        tracks += spoken(lines, max(0.0, starts) + 0.3, said + 1)
        starts += one.seconds
    return mixed(tracks[:32])

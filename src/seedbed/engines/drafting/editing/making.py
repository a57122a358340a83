"""Layers made or changed as a wish says.

Floor 3.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TypeAlias

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import AnyLayer, Backdrop, Picture, Shape, Subject, Text, Type
from seedbed.core.scene.measures import WHOLE, Box
from seedbed.core.scene.regions import Region, fresh_id, with_layer
from seedbed.core.scene.scene import Canvas, Shot
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.editing.laying import Laying, laid, standing_in
from seedbed.engines.drafting.editing.wishes import Wish
from seedbed.engines.drafting.planning.palettes import standing_out
from seedbed.engines.drafting.planning.places import Where
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.planning.quoted import Quote, Use
from seedbed.engines.drafting.planning.spots import free
from seedbed.engines.drafting.planning.titles import lettered
from seedbed.engines.drafting.words import Noun

_SKY = re.compile(r"\bsky\b|天", re.IGNORECASE)
_BARE = {"plain", "gradient", "studio", "room", "space", "moon", "underwater"}
_MOST = 12


Behind: TypeAlias = Callable[[Box], str]
"""The colour, about, that a picture has in a box."""


@dataclass(frozen=True, slots=True)
class Making:
    """Makes what is put into a shot, for a canvas."""

    planner: Planner
    canvas: Canvas
    seed: int
    behind: Behind
    laying: Laying

    def put(self, shot: Shot, wish: Wish, regions: Sequence[Region]) -> Shot:
        """The shot with what the wish names in front: in the regions, or where it finds room."""
        if self.laying.loose and wish.to.pictures is not None:
            layers = self._laid(shot, wish, regions)
        elif regions:
            layers = [one for region in regions for one in self._within(shot, wish, region)]
        else:
            layers = self._planned(shot, wish)
        if not layers:
            raise RequestMalformed(
                f"Nothing that there is art of is named in {wish.said[:100]!r}.",
                hint="Name a thing by a plain noun, or give words to be written in quotes.",
                field="prompt",
            )
        for layer in layers:
            shot = with_layer(shot, replace(layer, id=fresh_id(shot, layer.id)))
        return shot

    def _within(self, shot: Shot, wish: Wish, region: Region) -> list[AnyLayer]:
        if wish.to.quote:
            return [self._lettering(shot, wish.to.quote, region.box, "sign")]
        things = [noun for noun in wish.to.nouns for _ in range(max(1, noun.count))][:_MOST]
        return [
            subject(noun, box)
            for noun, box in zip(things, _parted(region.box, len(things)), strict=True)
            if noun.concept in self.planner.figures
        ]

    def _laid(self, shot: Shot, wish: Wish, regions: Sequence[Region]) -> list[AnyLayer]:
        """Pictures that came along: as many as there are places, or else beside one another."""
        these = self.laying.meant(wish.to.pictures or (), shot, wish.said)
        boxes = [one.box for one in sorted(regions, key=lambda one: one.box.x)]
        if not boxes:
            boxes = self._places(shot, wish.said, len(these))
        elif len(boxes) != len(these):
            boxes = [part for box in boxes for part in _parted(box, len(these))]
        return [laid(one, box) for one, box in zip(cycle(these), boxes, strict=False)]

    def _places(self, shot: Shot, said: str, count: int) -> list[Box]:
        """Where the words say that pictures go; or else where they cover nothing that is there."""
        told, plain = (
            [one.box for one in self._plan(text) if isinstance(one, Subject)][:count]
            for text in (standing_in(said, count), standing_in("pictures", count))
        )
        if told != plain:
            return told
        taken = [one.box for one in shot.layers if _takes_room(one)]
        for box in plain:
            taken.append(free(box, taken, None))
        return taken[-count:]

    def _plan(self, said: str) -> tuple[AnyLayer, ...]:
        """The layers that the planner makes of what is said."""
        size = self.canvas.width, self.canvas.height
        plan = self.planner.plan(said, film=False, size=size, seed=self.seed)
        return plan.scene.shots[0].layers

    def _planned(self, shot: Shot, wish: Wish) -> list[AnyLayer]:
        """As the planner would place it, where it covers nothing that is there."""
        taken = [one.box for one in shot.layers if _takes_room(one)]
        made: list[AnyLayer] = []
        for layer in self._plan(wish.said):
            if isinstance(layer, Text):
                made.append(replace(self._lettering(shot, layer.text, layer.box), name=layer.name))
            elif isinstance(layer, Subject):
                box = free(layer.box, taken, None)
                taken.append(box)
                made.append(replace(layer, box=box))
        return made

    def changed(self, layer: AnyLayer, wish: Wish, shot: Shot) -> AnyLayer:
        """The layer as it is to be, under the same id.

        Raises:
            RequestMalformed: such a layer cannot become that.
        """
        to = wish.to
        if to.quote and isinstance(layer, Text):
            return replace(layer, text=to.quote)
        if to.quote:
            return replace(self._lettering(shot, to.quote, layer.box), id=layer.id)
        if self.laying.loose and to.pictures is not None:
            first, *_ = self.laying.meant(to.pictures, shot, wish.said)
            return replace(laid(first, layer.box), id=layer.id)
        if to.nouns:
            return _replaced(layer, to.nouns[0])
        match layer:
            case Subject() if to.colour:
                return replace(layer, colour=to.colour)
            case Text() if to.colour:
                return replace(layer, type=replace(layer.type, colour=to.colour))
            case Shape() if to.colour:
                return replace(layer, fill=to.colour, second=None)
            case _:
                raise RequestMalformed(
                    f"{layer.id!r} cannot be changed as {wish.said[:100]!r} says.",
                    hint="It can be removed, named, or replaced by a thing or by words.",
                    field="prompt",
                )

    def _lettering(self, shot: Shot, text: str, box: Box, use: Use = "text") -> Text:
        """Words in a box, in a colour that is read on what lies behind."""
        ground = next((one for one in shot.layers if isinstance(one, Backdrop)), None)
        if ground is None:
            style = Type(weight=500, colour=standing_out(self.behind(box)))
            return Text(id="text", text=text, box=box, type=style)
        where = Where(ground.place, ground.time, ground.weather, ground.colours)
        return lettered("text", Quote(0, 0, text, use), box, where, None)


def _takes_room(layer: AnyLayer) -> bool:
    """Whether nothing new goes where it is."""
    return isinstance(layer, Subject | Text | Picture) and not layer.box.holds(WHOLE)


def _parted(box: Box, count: int) -> list[Box]:
    """So many boxes beside one another."""
    wide = box.width / max(1, count)
    return [replace(box, x=box.x + place * wide, width=wide) for place in range(count)]


def subject(noun: Noun, box: Box) -> Subject:
    """A thing in a box."""
    return Subject(id=noun.concept, what=noun.concept, box=box, colour=noun.colour, depth=0.6)


def named(layer: AnyLayer, name: str) -> AnyLayer:
    """It under another name."""
    return replace(layer, name=name[:200])


def _replaced(layer: AnyLayer, noun: Noun) -> AnyLayer:
    if isinstance(layer, Subject):
        name = noun.concept.replace("-", " ")
        return replace(layer, what=noun.concept, colour=noun.colour, name=name)
    new = replace(subject(noun, layer.box), id=layer.id, depth=layer.depth, fixed=layer.fixed)
    return replace(new, since=layer.since, until=layer.until, motion=layer.motion)


def relit(ground: Backdrop, wish: Wish) -> Backdrop:
    """The ground at another place, time or weather, or with its sky in another colour.

    Raises:
        RequestMalformed: it is told what no ground can be.
    """
    to, where = wish.to, wish.to.where
    if where != Where():
        place = where.ground or ground.place
        colours = where.colours or (ground.colours if place == ground.place else ())
        time, weather = where.time or ground.time, where.weather or ground.weather
        return replace(ground, place=place, time=time, weather=weather, colours=colours)
    if to.colour is None:
        raise RequestMalformed(
            f"The ground {ground.place!r} cannot be changed as {wish.said[:100]!r} says.",
            hint="Name a place, a time of day, a weather or a colour: make it dusk.",
            field="prompt",
        )
    if ground.place in _BARE:
        return replace(ground, colours=(to.colour, lighter(to.colour, 0.45)))
    if not any(_SKY.search(one.said) for one in wish.of):
        return replace(ground, place="plain", colours=(to.colour,))
    return replace(ground, sky=(to.colour, lighter(to.colour, 0.3), lighter(to.colour, 0.6)))

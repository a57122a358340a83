"""Layers made or changed as a wish says.

Floor 3.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import AnyLayer, Backdrop, Shape, Subject, Text, Type
from seedbed.core.scene.measures import Box
from seedbed.core.scene.regions import Region, fresh_id, with_layer
from seedbed.core.scene.scene import Canvas, Shot
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.editing.wishes import Wish
from seedbed.engines.drafting.planning.palettes import standing_out
from seedbed.engines.drafting.planning.places import Where
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.planning.quoted import Quote, Use
from seedbed.engines.drafting.planning.spots import free
from seedbed.engines.drafting.planning.titles import lettered
from seedbed.engines.drafting.words import Noun

_SKY = re.compile(r"\bsky\b|天", re.IGNORECASE)
_BARE = {"plain", "gradient", "studio", "room", "space", "underwater"}
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

    def put(self, shot: Shot, wish: Wish, regions: Sequence[Region]) -> Shot:
        """The shot with what the wish names in front: in the regions, or where it finds room."""
        layers = (
            [one for region in regions for one in self._within(shot, wish, region)]
            if regions
            else self._planned(shot, wish)
        )
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
        wide = region.box.width / max(1, len(things))
        return [
            subject(noun, replace(region.box, x=region.box.x + place * wide, width=wide))
            for place, noun in enumerate(things)
            if noun.concept in self.planner.figures
        ]

    def _planned(self, shot: Shot, wish: Wish) -> list[AnyLayer]:
        """As the planner would place it, where it covers nothing that is there."""
        size = self.canvas.width, self.canvas.height
        plan = self.planner.plan(wish.said, film=False, size=size, seed=self.seed).scene
        taken = [one.box for one in shot.layers if isinstance(one, Subject | Text)]
        made: list[AnyLayer] = []
        for layer in plan.shots[0].layers:
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

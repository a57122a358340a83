"""A Scene changed as plain words say: of a shot what is named or marked is kept, changed, removed.

Floor 3. Nothing is guessed: what names nothing that is there, or more than one thing, is refused
with what there is. A picture that is only referred to has no parts with names: it is changed at
marked places alone, where the words tell what is done and the mark tells to what.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask, Picture
from seedbed.core.scene.measures import WHOLE
from seedbed.core.scene.regions import Region, meant, with_layer, with_only, without
from seedbed.core.scene.rules import check
from seedbed.core.scene.scene import Scene, Shot
from seedbed.engines.drafting.editing.finding import found, told
from seedbed.engines.drafting.editing.laying import Laying
from seedbed.engines.drafting.editing.making import Behind, Making, named, relit
from seedbed.engines.drafting.editing.sheets import Sheet, cut_out, emptied, noted, washed
from seedbed.engines.drafting.editing.wishes import Wish, wishes
from seedbed.engines.drafting.planning.palettes import PAPER
from seedbed.engines.drafting.planning.places import Where
from seedbed.engines.drafting.planning.planner import Planner

_CAN = (
    "Say for instance: remove the cat; keep only the cat; make the car blue; replace the cat with "
    'a dog; change the text to "Hello"; make it night; put a boat here, or the second picture,'
    " with the place marked."
)
_HELD = 0.5
_LONGEST = 4_000


def revised(
    scene: Scene,
    prompt: str,
    regions: Sequence[Region] = (),
    *,
    planner: Planner,
    shot: int = 0,
    behind: Behind = lambda _: PAPER,
) -> Scene:
    """The Scene with one of its shots, counted from 0, changed as the prompt says. Where places are
    marked, what lies in those `regions` alone is meant. `behind` tells the colour of a place, where
    no layer does.

    Raises:
        RequestMalformed: the prompt is not understood, or names nothing that is there; told with
            what there is.
    """
    if len(prompt) > _LONGEST:
        what = f"What is to be changed is told in {len(prompt):,} characters."
        raise _refused(what, f"{_LONGEST:,} are read at most: change one thing after the other.")
    asked, missed = wishes(prompt, planner.words)
    if missed or not asked:
        said = missed[0] if missed else prompt
        raise _refused(f"What is to be changed is not understood: {said[:100]!r}.", _CAN)
    making = Making(planner, scene.canvas, scene.seed, behind, Laying.of(scene))
    one = scene.shots[shot]
    for wish in asked:
        one = _Revising(one, wish, tuple(regions), making).done()
    shots = (*scene.shots[:shot], one, *scene.shots[shot + 1 :])
    made = replace(scene, shots=shots)
    check(made)
    return made


@dataclass(frozen=True, slots=True)
class _Revising:
    """One wish, about one shot."""

    shot: Shot
    wish: Wish
    regions: tuple[Region, ...]
    making: Making

    def done(self) -> Shot:
        """The shot, changed."""
        wish = self.wish
        if wish.is_here and not self.regions:
            raise _refused(f"It says {wish.said[:100]!r}, and no place is marked.", _MARK)
        kinds = {named.kind for named in wish.of}
        is_light = wish.to.where != Where() and "thing" not in kinds
        if wish.do == "change" and (is_light or "ground" in kinds):
            return self._ground()
        if wish.do == "put":
            return self.making.put(self.shot, wish, self.regions)
        shot = self.shot
        sheets, layers = self._sheets(), self._layers()
        for sheet in sheets:
            shot = self._sheet(shot, sheet)
        return self._whole(shot, layers) if layers else shot

    def _sheets(self) -> list[Sheet]:
        """The parts of pictures that are marked where nothing else lies."""
        made: list[Sheet] = []
        for region in self.regions:
            there = meant(self.shot, region)
            if there and all(_is_sheet(one, region) for one in there):
                made.append(Sheet(there[0], region))
        return made

    def _layers(self) -> list[AnyLayer]:
        """The layers that are meant as a whole."""
        if not self.regions:
            things = [one for one in self.shot.layers if not isinstance(one, Backdrop | Mask)]
            return found(self.wish, things[::-1], is_marked=False)
        there = {
            layer.id: layer
            for region in self.regions
            for layer in meant(self.shot, region)
            if not _is_sheet(layer, region)
        }
        if there or not self._sheets():
            return found(self.wish, list(there.values()), is_marked=True)
        return []

    def _whole(self, shot: Shot, layers: Sequence[AnyLayer]) -> Shot:
        ids = {one.id for one in layers}
        match self.wish.do:
            case "remove":
                return without(shot, ids)
            case "keep":
                return with_only(shot, ids)
            case "name":
                made = [named(one, self.wish.to.quote) for one in layers]
            case _ if self.regions and self.wish.to.is_thing:
                first, *others = layers  # all that is marked becomes one thing
                shot = without(shot, {one.id for one in others})
                made = [self.making.changed(first, self.wish, shot)]
            case _:
                made = [self.making.changed(one, self.wish, shot) for one in layers]
        for layer in made:
            shot = with_layer(shot, layer)
        return shot

    def _sheet(self, shot: Shot, sheet: Sheet) -> Shot:
        to = self.wish.to
        match self.wish.do:
            case "remove":
                return emptied(shot, sheet)
            case "keep" if len(self.regions) > 1:
                hint = "Mark one place, and keep that."
                raise _refused(f"{len(self.regions)} places of a picture are marked.", hint)
            case "keep":
                return cut_out(shot, sheet)
            case "name":
                return noted(shot, sheet, to.quote)
            case _ if to.colour:
                return washed(shot, sheet, to.colour)
            case _:
                return self.making.put(emptied(shot, sheet), self.wish, (sheet.region,))

    def _ground(self) -> Shot:
        """With another ground, time, weather or colour of the sky."""
        grounds = [one for one in self.shot.layers if isinstance(one, Backdrop)]
        if not grounds:
            what = f"The picture has no ground of its own, as {self.wish.said[:100]!r} would need."
            raise _refused(what, f"There is: {told(self.shot.layers)}.")
        return with_layer(self.shot, relit(grounds[0], self.wish))


_MARK = "Send a mask that is clear at the place, or name it by `--region x,y,width,height`."


def _is_sheet(layer: AnyLayer, region: Region) -> bool:
    """Whether it is a picture of which a part is marked, rather than all of it."""
    if not isinstance(layer, Picture):
        return False
    return layer.box.holds(WHOLE) or region.share_of(layer.box) < _HELD


def _refused(what: str, hint: str) -> RequestMalformed:
    return RequestMalformed(what, hint=hint, field="prompt")

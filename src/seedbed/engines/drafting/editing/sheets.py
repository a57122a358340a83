"""A marked part of a picture that is only referred to: emptied, cut out, washed over, named.

Floor 3. The picture itself stays as it is; what is done to its part is told by a mask of it, or by
a shape over it, and so can be undone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from seedbed.core.scene.layers import AnyLayer, Shape
from seedbed.core.scene.measures import Point
from seedbed.core.scene.regions import Form, Region, fresh_id, with_layer
from seedbed.core.scene.scene import Shot

_WASH = "8c"
"""How opaque a colour lies over a part."""
_FORMS: Mapping[Form, Literal["rectangle", "ellipse", "polygon"]] = {
    "box": "rectangle",
    "ellipse": "ellipse",
    "outline": "polygon",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture, and the part of it that is marked."""

    picture: AnyLayer
    region: Region


def emptied(shot: Shot, sheet: Sheet) -> Shot:
    """Filled from around."""
    mask = sheet.region.mask(fresh_id(shot, "removed"), "remove", sheet.picture.id)
    return with_layer(shot, mask)


def cut_out(shot: Shot, sheet: Sheet) -> Shot:
    """Nothing of the picture is seen but the part."""
    return with_layer(shot, sheet.region.mask(fresh_id(shot, "kept"), "clip", sheet.picture.id))


def noted(shot: Shot, sheet: Sheet, name: str) -> Shot:
    """The part has a name from now on."""
    region = Region(sheet.region.box, sheet.region.form, sheet.region.points, name)
    return with_layer(shot, region.mask(fresh_id(shot, "named"), "name"))


def washed(shot: Shot, sheet: Sheet, colour: str) -> Shot:
    """A colour lies over the part, through which the picture is seen."""
    region, box = sheet.region, sheet.region.box
    points = [
        Point((one.x - box.x) / box.width, (one.y - box.y) / box.height) for one in region.points
    ]
    return with_layer(
        shot,
        Shape(
            id=fresh_id(shot, "wash"),
            box=box,
            form=_FORMS[region.form],
            fill=colour[:7] + _WASH,
            points=tuple(points),
        ),
    )

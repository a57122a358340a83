"""A Scene of more than a mebibyte, which is what Pillow reads of a text unless it is told."""

from seedbed.core.scene.layers import Shape
from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.scene import Canvas, Scene, Shot

_POINTS = tuple(Point(at / 997, at / 499) for at in range(200))
_LAYERS = tuple(
    Shape(id=f"s{place}", form="polygon", box=Box(0, 0, 1, 1), fill="#336699", points=_POINTS)
    for place in range(180)
)
LONG = Scene(Canvas(64, 48), (Shot("only", layers=_LAYERS),))

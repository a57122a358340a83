"""Plain forms, filled and stroked.

Floor 3.
"""

import math

import skia

from seedbed.core.scene.layers import Shape
from seedbed.engines.drafting.brush import Place, down, plain, polygon, stroke

_STAR_TIPS, _STAR_WAIST = 5, 0.45


def paint_shape(canvas: skia.Canvas, shape: Shape, box: skia.Rect, canvas_height: float) -> None:
    """Draw a form into a box; its stroke lies on its edge, half of it outside."""
    path = outline(shape, box, canvas_height)
    is_open = shape.form == "line"
    if shape.fill is not None and not is_open:
        colours = (shape.fill, shape.second or shape.fill)
        canvas.drawPath(
            path, down(box.top(), box.bottom(), colours) if shape.second else plain(shape.fill)
        )
    line = shape.stroke or (shape.fill if is_open else None)
    if line is not None and shape.thick > 0:
        canvas.drawPath(path, stroke(line, shape.thick * canvas_height))


def outline(shape: Shape, box: skia.Rect, canvas_height: float) -> skia.Path:
    """The edge of a form in a box."""
    path = skia.Path()
    match shape.form:
        case "rectangle":
            round_ = shape.radius * min(box.width(), box.height()) / 2
            path.addRoundRect(box, round_, round_)
        case "ellipse":
            path.addOval(box)
        case "line":
            path.addPoly([skia.Point(*place) for place in _points(shape, box)], False)
        case "polygon":
            path = polygon(_points(shape, box))
        case "arrow":
            path = polygon(_arrow(box, shape.thick * canvas_height))
        case "star":
            path = polygon(_star(box))
        case "heart":
            _heart(path, box)
    return path


def _points(shape: Shape, box: skia.Rect) -> list[Place]:
    return [
        (box.left() + point.x * box.width(), box.top() + point.y * box.height())
        for point in shape.points
    ]


def _arrow(box: skia.Rect, thick: float) -> list[Place]:
    """It points to the right; its head is as high as the box."""
    half = max(box.height() / 6, min(thick, box.height()) / 2)
    neck = max(box.left(), box.right() - 0.9 * box.height())
    middle = box.centerY()
    shaft = [(box.left(), middle - half), (neck, middle - half), (neck, box.top())]
    below = [(neck, box.bottom()), (neck, middle + half), (box.left(), middle + half)]
    return [*shaft, (box.right(), middle), *below]


def _star(box: skia.Rect) -> list[Place]:
    """Five tips, the first above; they reach the edges of the box."""
    tips: list[Place] = []
    for place in range(2 * _STAR_TIPS):
        reach = 1.0 if place % 2 == 0 else _STAR_WAIST
        turn = math.pi * place / _STAR_TIPS
        tips.append((reach * math.sin(turn), -reach * math.cos(turn)))
    left, right = min(x for x, _ in tips), max(x for x, _ in tips)
    top, bottom = min(y for _, y in tips), max(y for _, y in tips)
    return [
        (
            box.left() + (x - left) / (right - left) * box.width(),
            box.top() + (y - top) / (bottom - top) * box.height(),
        )
        for x, y in tips
    ]


def _heart(path: skia.Path, box: skia.Rect) -> None:
    x, y, wide, high = box.centerX(), box.top(), box.width(), box.height()
    path.moveTo(x, y + high)
    for way in (-1, 1):
        path.moveTo(x, y + high)
        edge = x + way * 0.5 * wide
        low = y + 0.62 * high
        path.cubicTo(x + way * 0.1 * wide, y + 0.88 * high, edge, low, edge, y + 0.3 * high)
        tip = x + way * 0.1 * wide
        path.cubicTo(edge, y - 0.1 * high, tip, y - 0.1 * high, x, y + 0.24 * high)
        path.close()

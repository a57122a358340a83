"""A Scene drawn in the terminal: where the layers of each shot lie, and when shots are seen.

Floor 6.
"""

from rich.cells import cell_len, set_cell_size
from rich.text import Text as Line

from seedbed.cli import show
from seedbed.core.scene.layers import AnyLayer, Backdrop, Picture, Subject, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Scene, Shot
from seedbed.core.scene.timeline import seconds, timeline

_WIDE, _HIGH = 64, 24
_LETTER = 0.5  # how wide a letter of a terminal is beside its height
_STYLES = {"subject": "green", "text": "yellow", "picture": "cyan", "shape": "magenta"}


def facts(scene: Scene) -> dict[str, object]:
    """The same for a program: each shot with its frames, and the boxes of its layers."""
    spans = timeline(scene).spans
    return {
        "width": scene.canvas.width,
        "height": scene.canvas.height,
        "fps": scene.canvas.fps,
        "seconds": round(seconds(scene), 3),
        "shots": [
            {
                "id": shot.id,
                "first_frame": first,
                "frames": count,
                "into": shot.into.form,
                "camera": shot.camera.move,
                "layers": [_fact(layer) for layer in shot.layers],
            }
            for shot, (first, count, _) in zip(scene.shots, spans, strict=True)
        ],
        "tracks": [{"id": track.id, "use": track.use} for track in scene.tracks],
    }


def print_scene(scene: Scene) -> None:
    """Print it for a person."""
    canvas = scene.canvas
    told = f"{canvas.width}x{canvas.height}"
    if scene.is_film:
        told += f", {canvas.fps} frames a second, {seconds(scene):g} s"
    show.OUT.print(f"{scene.title} ({told})" if scene.title else told, markup=False)
    for shot in scene.shots:
        show.OUT.print()
        show.OUT.print(_heading(scene, shot), markup=False)
        for line in drawing(shot, canvas.width / canvas.height):
            show.OUT.print(line, no_wrap=True, crop=False)
    if scene.is_film:
        show.OUT.print()
        for line in _time_line(scene):
            show.OUT.print(line, no_wrap=True, crop=False)


def drawing(shot: Shot, form: float) -> list[Line]:
    """The boxes of a shot, `form` being how many times as wide as high its canvas is."""
    high = min(_HIGH, max(4, round(_WIDE / form * _LETTER)))
    wide = min(_WIDE, max(8, round(high * form / _LETTER)))
    rows = [[" "] * wide for _ in range(high)]
    styles = [[""] * wide for _ in range(high)]
    _frame(rows, styles, (0, 0, wide - 1, high - 1), "dim")
    shown = [layer for layer in shot.layers if not isinstance(layer, Backdrop)]
    for layer in shown:
        _frame(rows, styles, _edges(layer.box, wide, high), _STYLES.get(layer.kind, "dim"))
    for layer in shown:
        _name(rows, _edges(layer.box, wide, high), _told(layer))
    return [_line(row, style) for row, style in zip(rows, styles, strict=True)]


def _edges(box: Box, wide: int, high: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in letters, on the sheet."""
    left, right = (round(x * (wide - 1)) for x in (box.x, box.x + box.width))
    top, bottom = (round(y * (high - 1)) for y in (box.y, box.y + box.height))
    return max(0, left), max(0, top), min(wide - 1, right), min(high - 1, bottom)


def _frame(
    rows: list[list[str]], styles: list[list[str]], edges: tuple[int, int, int, int], style: str
) -> None:
    left, top, right, bottom = edges
    for y in range(top, bottom + 1):
        for x in range(left, right + 1):
            sign = _sign(x in {left, right}, y in {top, bottom}, x == left, y == top)
            if sign:
                rows[y][x], styles[y][x] = sign, style


def _sign(is_side: bool, is_edge: bool, is_left: bool, is_top: bool) -> str:
    if is_side and is_edge:
        return {(True, True): "┌", (False, True): "┐", (True, False): "└"}.get(
            (is_left, is_top), "┘"
        )
    return "│" if is_side else "─" if is_edge else ""


def _name(rows: list[list[str]], edges: tuple[int, int, int, int], name: str) -> None:
    """Write a name into the upper edge of a box; a wide letter takes two places."""
    left, top, right, _ = edges
    at = left + 1
    for letter in name:
        width = cell_len(letter)
        if at + width > right or not width:
            break
        rows[top][at : at + width] = [letter, *[""] * (width - 1)]
        at += width


def _line(row: list[str], styles: list[str]) -> Line:
    return Line.assemble(*zip(row, styles, strict=True))


def _told(layer: AnyLayer) -> str:
    match layer:
        case Text():
            return " ".join(layer.text.split())
        case Subject():
            return layer.id
        case Picture():
            return layer.reference
        case _:
            return layer.id


def _fact(layer: AnyLayer) -> dict[str, object]:
    box = layer.box
    return {
        "id": layer.id,
        "kind": layer.kind,
        "name": _told(layer),
        "box": [box.x, box.y, box.width, box.height],
    }


def _heading(scene: Scene, shot: Shot) -> str:
    ground = next((one for one in shot.layers if isinstance(one, Backdrop)), None)
    told = [shot.id]
    if ground is not None:
        told += [ground.place, ground.time, ground.weather]
    if scene.is_film:
        told += [f"{shot.seconds:g} s", f"camera: {shot.camera.move}"]
        if shot.into.form != "cut":
            told.append(f"{shot.into.form} {shot.into.seconds:g} s")
    return " · ".join(told)


def _time_line(scene: Scene) -> list[Line]:
    """A row for each shot, as long as it is seen, and one for each track."""
    line = timeline(scene)
    whole = seconds(scene)
    rows = [
        (shot.id, first / line.frames, (first + count) / line.frames, "green")
        for shot, (first, count, _) in zip(scene.shots, line.spans, strict=True)
    ]
    for track in scene.tracks:
        end = track.starts + track.seconds if track.seconds else whole
        rows.append((track.id, track.starts / whole, min(1.0, end / whole), "cyan"))
    return [_bar(name, start, end, style) for name, start, end, style in rows]


def _bar(name: str, start: float, end: float, style: str) -> Line:
    first, last = round(min(start, 1.0) * _WIDE), round(end * _WIDE)
    bar = "━" * max(1, last - first)
    return Line.assemble(set_cell_size(name, 12), " ", ("─" * first, "dim"), (bar, style))

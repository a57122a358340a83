"""Nets that make pictures larger, read from ncnn's files and run by OpenVINO.

Floor 1. Only the few layers that such nets have are known; another one is refused by name. A file
that ends in `param` lists the layers, the one in `bin` beside it has their numbers, in order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13

from seedbed.kit.film.errors import FilmFault

_OPS, _OV = cast(Any, opset13), cast(Any, ov)
"""Their types are told only in part."""
_MAGIC = "7767517"
_HALVES = 0x01306B47
"""Stands before numbers that have 16 bits."""
_WAYS = {1: ("nearest", "asymmetric"), 3: ("cubic", "half_pixel")}
"""How ncnn stretches planes, and where it takes points to lie."""
_Node: TypeAlias = ov.Node
_Numbers: TypeAlias = NDArray[np.float32]


def net(param: Path) -> ov.CompiledModel:
    """The net, ready to be run: from planes of (1, 3, height, width) to larger ones.

    Raises:
        FilmFault: it is damaged, or has layers that are not known here.
    """
    try:
        lines = param.read_text("utf-8").split("\n")
        store = _Store(param.with_suffix(".bin").read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise FilmFault(f"the net {param.name} cannot be read ({error})") from error
    if lines[0].strip() != _MAGIC:
        raise FilmFault(f"{param.name} is no net of ncnn's: it begins with {lines[0][:20]!r}")
    nodes = dict[str, _Node]()
    for line in lines[2:]:
        if line.strip():
            _read(line, store, nodes)
    model = _OV.Model([nodes["output"]], [nodes["data"]], param.stem)
    return ov.Core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "LATENCY"})


@dataclass(slots=True)
class _Store:
    """Numbers, which are taken one layer after the other."""

    data: bytes
    at: int = 0

    def take(self, count: int) -> _Numbers:
        """So many, without a word before them."""
        return self._take(np.dtype("<f4"), count)

    def weights(self, count: int) -> _Numbers:
        """So many, after a word that says how they are written."""
        (tag,) = self._take(np.dtype("<u4"), 1)
        if tag not in {0, _HALVES}:
            raise FilmFault(f"numbers of a net are written in a way that is not read here ({tag})")
        kept = self._take(np.dtype("<f2" if tag else "<f4"), count)
        self.at += -self.at % 4
        return kept.astype(np.float32)

    def _take(self, kind: np.dtype[Any], count: int) -> NDArray[Any]:
        end = self.at + count * kind.itemsize
        if end > len(self.data):
            raise FilmFault(f"the numbers of a net end after {len(self.data):,} bytes")
        kept = np.frombuffer(self.data, kind, count, self.at)
        self.at = end
        return kept


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer as its line tells: its kind, and its numbers by their number."""

    kind: str
    told: Mapping[int, str]
    store: _Store

    def whole(self, number: int, usual: int = 0) -> int:
        """One of its numbers."""
        return int(self.told.get(number, usual))


def _read(line: str, store: _Store, nodes: dict[str, _Node]) -> None:
    """Put what a line tells into the net."""
    kind, _, many_in, many_out, *rest = line.split()
    first, last = int(many_in), int(many_in) + int(many_out)
    told = {int(name): value for name, _, value in (one.partition("=") for one in rest[last:])}
    layer = _Layer(kind, told, store)
    if kind not in _KINDS:
        raise FilmFault(f"a net has a layer {kind}, which is not run here")
    made = _KINDS[kind](layer, [nodes[name] for name in rest[:first]])
    nodes.update(dict.fromkeys(rest[first:last], made))


def _given(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    return _OPS.parameter([1, 3, -1, -1], np.float32)


def _same(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    return inputs[0]


def _convolved(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    outputs, side, pad = layer.whole(0), layer.whole(1), layer.whole(4)
    count = layer.whole(6)
    kernel = layer.store.weights(count).reshape(outputs, -1, side, side)
    made = _OPS.convolution(inputs[0], kernel, [1, 1], [pad, pad], [pad, pad], [1, 1])
    if not layer.whole(5):
        return made
    return _OPS.add(made, layer.store.take(outputs).reshape(1, outputs, 1, 1))


def _bent(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    return _OPS.prelu(inputs[0], layer.store.take(layer.whole(0)))


def _shuffled(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    return _OPS.depth_to_space(inputs[0], "depth_first", layer.whole(0))


def _stretched(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    way, places = _WAYS[layer.whole(0)]
    scales = np.array([float(layer.told[1]), float(layer.told[2])], np.float32)
    return _OPS.interpolate(
        inputs[0],
        scales,
        way,
        "scales",
        axes=np.array([2, 3]),
        coordinate_transformation_mode=places,
        nearest_mode="floor",
        cube_coeff=-0.75,
    )


def _added(layer: _Layer, inputs: Sequence[_Node]) -> _Node:
    return _OPS.add(*inputs)


_KINDS: Mapping[str, Callable[[_Layer, Sequence[_Node]], _Node]] = {
    "Input": _given,
    "Split": _same,
    "Convolution": _convolved,
    "PReLU": _bent,
    "PixelShuffle": _shuffled,
    "Interp": _stretched,
    "BinaryOp": _added,
}

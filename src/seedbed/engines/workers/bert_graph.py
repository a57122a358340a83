"""A BERT encoder as a graph of OpenVINO's, built operation by operation and run on the processor.

Floor 3. Matrices are kept as signed bytes with a scale for each row, which the library multiplies
as they are: a third of the time and of the memory that 32 bits take.
"""

# The library's own types are partly unknown.
# pyright: reportUnknownMemberType=false, reportGeneralTypeIssues=false

import sys
from collections.abc import Sequence

import numpy as np

from seedbed.engines.workers.bert import Bert, Floats, Layer, Linear, Norm

# The library would count its users: forbidden this module, it does without. Python's own way.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino as ov  # noqa: E402 - only now
from openvino import Node  # noqa: E402 - only now
from openvino import opset13 as op  # noqa: E402 - only now

_STEP = 16
"""Batches are as long as a multiple of this, since the library prepares itself for each length."""
_HIDDEN = -1e9


class Encoder:
    """Makes vectors of batches of texts, one batch at a time, on so many threads."""

    def __init__(self, bert: Bert, *, threads: int) -> None:
        self._bert = bert
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",
        }
        compiled = ov.Core().compile_model(_graph(bert), "CPU", settings)
        self._request = compiled.create_infer_request()

    def embed(self, batch: Sequence[Sequence[int]]) -> list[bytes]:
        """A vector of length one for each text, as 32-bit floats, little-endian.

        Raises:
            RuntimeError: the library failed, or a vector has no length.
        """
        longest = -(-max(map(len, batch)) // _STEP) * _STEP
        rows = np.zeros((len(batch), longest, self._bert.width), np.float32)
        mask = np.zeros((len(batch), longest), np.float32)
        for at, ids in enumerate(batch):
            rows[at, : len(ids)] = self._bert.words(ids) + self._bert.places[: len(ids)]
            mask[at, : len(ids)] = 1
        self._request.infer([rows, mask])
        means: Floats = self._request.get_output_tensor(0).data
        lengths = np.sqrt((means.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise RuntimeError("a vector has no length: the weights are not sound")
        return [vector.tobytes() for vector in (means / lengths).astype("<f4")]


def _graph(bert: Bert) -> ov.Model:
    """From rows, shape (texts, tokens, width), and a mask, to means, shape (texts, width)."""
    rows = op.parameter([-1, -1, bert.width], np.float32)
    mask = op.parameter([-1, -1], np.float32)
    there = op.unsqueeze(mask, _whole(2))
    absent = op.subtract(_float(1), op.unsqueeze(mask, _whole(1, 2)))
    hidden = op.multiply(absent, _float(_HIDDEN))
    now = _norm(rows, bert.first, bert.epsilon)
    for layer in bert.layers:
        now = _layer(now, hidden, layer, bert)
    total = op.reduce_sum(op.multiply(now, there), _whole(1), keep_dims=False)
    count = op.reduce_sum(there, _whole(1), keep_dims=False)
    return ov.Model([op.divide(total, count)], [rows, mask], "bert")


def _layer(now: Node, hidden: Node, layer: Layer, bert: Bert) -> Node:
    split = _whole(0, 0, bert.heads, bert.width // bert.heads)
    query, key, value = (
        op.transpose(op.reshape(_linear(now, side), split, special_zero=True), _whole(0, 2, 1, 3))
        for side in (layer.query, layer.key, layer.value)
    )
    heads = op.scaled_dot_product_attention(query, key, value, hidden)
    merged = op.transpose(heads, _whole(0, 2, 1, 3))
    seen = op.reshape(merged, _whole(0, 0, bert.width), special_zero=True)
    now = _norm(op.add(now, _linear(seen, layer.attended)), layer.attended_norm, bert.epsilon)
    wide = op.gelu(_linear(now, layer.up), "erf")
    return _norm(op.add(now, _linear(wide, layer.down)), layer.down_norm, bert.epsilon)


def _linear(now: Node, side: Linear) -> Node:
    """Times a matrix of bytes and its rows' scales, and the bias."""
    scale = np.abs(side.weight).max(axis=1, keepdims=True) / np.float32(127)
    scale[scale == 0] = 1
    small = np.rint(side.weight / scale).astype(np.int8)
    weight = op.multiply(op.convert(op.constant(small), "f32"), op.constant(scale))
    return op.add(op.matmul(now, weight, transpose_a=False, transpose_b=True), _array(side.bias))


def _norm(now: Node, norm: Norm, epsilon: float) -> Node:
    even = op.mvn(now, _whole(-1), normalize_variance=True, eps=epsilon, eps_mode="inside_sqrt")
    return op.add(op.multiply(even, _array(norm.scale)), _array(norm.shift))


def _array(values: Floats) -> Node:
    return op.constant(np.ascontiguousarray(values, np.float32))


def _whole(*values: int) -> Node:
    return op.constant(np.array(values, np.int64))


def _float(value: float) -> Node:
    return op.constant(np.float32(value))

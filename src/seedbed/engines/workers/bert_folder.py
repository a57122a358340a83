"""Reads a BERT encoder as it is published: safetensors, and beside it `config.json`, `vocab.txt`
and, where there is one, `tokenizer_config.json`.

Floor 3. The vector is the mean over the tokens; nothing in these files says so, and a model that
was trained for another one is not for this engine.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from seedbed.engines.workers.bert import BadWeights, Bert, Floats, Layer, Linear, Norm
from seedbed.engines.workers.wordpiece import WordPiece
from seedbed.kit import safetensors
from seedbed.kit.safetensors import Tensor

_TYPES = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}

Size = Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]


class _Config(msgspec.Struct):
    model_type: Literal["bert"]
    hidden_act: Literal["gelu"]
    hidden_size: Size
    intermediate_size: Size
    num_hidden_layers: Size
    num_attention_heads: Size
    layer_norm_eps: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    position_embedding_type: Literal["absolute"] = "absolute"


class _TokenizerConfig(msgspec.Struct):
    do_lower_case: bool = True


def read(weights: Path) -> tuple[Bert, WordPiece]:
    """Read the files; the tensors stay in theirs until they are wanted.

    Raises:
        BadWeights: a file is missing, is not what it should be, or not whole.
    """
    folder = weights.parent
    try:
        config = msgspec.json.decode((folder / "config.json").read_bytes(), type=_Config)
        told = folder / "tokenizer_config.json"
        cased = msgspec.json.decode(
            told.read_bytes() if told.exists() else b"{}", type=_TokenizerConfig
        )
        vocabulary = (folder / "vocab.txt").read_text("utf-8").splitlines()
        tokenizer = WordPiece(vocabulary, lower=cased.do_lower_case)
        file = _File(weights, width=config.hidden_size)
    except (OSError, ValueError) as error:  # each of the readers' own is a ValueError
        raise BadWeights(str(error)) from error
    if config.hidden_size % config.num_attention_heads:
        raise BadWeights(
            f"{config.hidden_size} columns do not fit {config.num_attention_heads} heads"
        )
    words = file.table("embeddings.word_embeddings.weight")
    if len(words) < len(vocabulary):
        raise BadWeights(f"its table has {len(words):,} rows for {len(vocabulary):,} pieces")
    bert = Bert(
        heads=config.num_attention_heads,
        epsilon=config.layer_norm_eps,
        words=lambda ids: words[list(ids)].astype(np.float32),
        places=file.table("embeddings.position_embeddings.weight").astype(np.float32)
        + file.table("embeddings.token_type_embeddings.weight")[0].astype(np.float32),
        first=file.norm("embeddings.LayerNorm"),
        layers=_layers(file, config),
    )
    for _ in _layers(file, config):  # each is read once, so that nothing is missing later
        pass
    return bert, tokenizer


class _File:
    """The tensors of one file."""

    def __init__(self, path: Path, *, width: int) -> None:
        self._tensors = {
            t.name.removeprefix("bert."): t for t in safetensors.read_head(path).tensors
        }
        self._data = np.memmap(path, np.uint8, mode="r")
        self._width = width

    def table(self, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.floating]]:
        """Rows as wide as the model, as they lie in the file."""
        rows = self._find(name).shape[0] if self._find(name).shape else 0
        return self._array(name, (rows, self._width))

    def norm(self, name: str) -> Norm:
        """A layer norm."""
        scale, shift = (self._floats(f"{name}.{p}", (self._width,)) for p in ("weight", "bias"))
        return Norm(scale, shift)

    def linear(self, name: str, rows: int, columns: int) -> Linear:
        """A matrix and its bias."""
        weight = self._floats(f"{name}.weight", (rows, columns))
        return Linear(weight, self._floats(f"{name}.bias", (rows,)))

    def _floats(self, name: str, shape: tuple[int, ...]) -> Floats:
        return self._array(name, shape).astype(np.float32)

    def _array(
        self, name: str, shape: tuple[int, ...]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.floating]]:
        tensor = self._find(name)
        if tensor.shape != shape or not all(shape) or tensor.type not in _TYPES:
            raise BadWeights(f"its tensor {name!r} is {tensor.type} of shape {list(tensor.shape)}")
        raw = self._data[tensor.begin : tensor.end]
        return np.frombuffer(raw, _TYPES[tensor.type]).reshape(shape)

    def _find(self, name: str) -> Tensor:
        if name not in self._tensors:
            raise BadWeights(f"it has no tensor {name!r}")
        return self._tensors[name]


def _layers(file: _File, config: _Config) -> Iterator[Layer]:
    width, inner = config.hidden_size, config.intermediate_size
    for at in range(config.num_hidden_layers):
        begin = f"encoder.layer.{at}"
        heads = f"{begin}.attention"
        yield Layer(
            query=file.linear(f"{heads}.self.query", width, width),
            key=file.linear(f"{heads}.self.key", width, width),
            value=file.linear(f"{heads}.self.value", width, width),
            attended=file.linear(f"{heads}.output.dense", width, width),
            attended_norm=file.norm(f"{heads}.output.LayerNorm"),
            up=file.linear(f"{begin}.intermediate.dense", inner, width),
            down=file.linear(f"{begin}.output.dense", width, inner),
            down_norm=file.norm(f"{begin}.output.LayerNorm"),
        )

"""Sentence encoders of 2 layers with random weights, in both kinds of files: for conformance."""

import json
import struct
from pathlib import Path

import numpy as np

from seedbed.core.model import Model

WINDOW = 256
WIDTH, HEADS, LAYERS, INNER = 32, 2, 2, 64
E5_PIECES = [
    *("<s>", "<pad>", "</s>", "<unk>"),
    *("▁query:", "▁passage:", "▁", "▁hello", "▁world", "▁hel", "lo", "天", "气", "天气", "😀"),
    *"abcdefghijklmnopqrstuvwxyz0123456789.:",
    "<mask>",
]
WORD_PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "hello", "world", "hel", "##lo", "天", "气", "."),
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"),
]


def encoder_model(*, window: int = WINDOW) -> Model:
    """The card of a tiny encoder."""
    return Model("tiny", "Random weights", ("sentence_encoder",), window, 0, "Apache-2.0")


def write_tiny_e5(path: Path, *, places: int = WINDOW, plain: dict[str, str] | None = None) -> Path:
    """Write one packed file."""
    encoded = [piece.encode() for piece in E5_PIECES]
    ends = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    signs = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}
    scores = [0.0 if p in signs else -1.0 - 3 / len(p) for p in E5_PIECES]
    made = (
        {"\n": " ", "\t": " ", "\N{FULLWIDTH LATIN CAPITAL LETTER A}": "a", "\x01": ""}
        if plain is None
        else plain
    )
    table = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(letter), len(to), *map(ord, to))
        for letter, to in made.items()
    )
    head = struct.pack("<4si", b"E5S1", 1)
    head += struct.pack("<7i", WIDTH, LAYERS, HEADS, INNER, len(E5_PIECES) + 3, places, 2)
    head += struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5iQ", len(E5_PIECES), 0, 2, 1, 3, int(ends[-1]))
    head += ends.tobytes() + np.array(scores, "<f4").tobytes() + b"".join(encoded)
    head += struct.pack("<iI", len(made), len(table)) + table
    tensors = _e5_tensors(places)
    directory = sum(2 + len(name) + 1 + 4 + 16 for name in tensors) + 4
    at = -(-(len(head) + directory) // 32) * 32
    entries, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, values, raw) in tensors.items():
        entries += struct.pack(
            f"<H{len(name)}sBIQQ", len(name), name.encode(), kind, values, at, len(raw)
        )
        body += raw
        at += len(raw)
    path.write_bytes((head + entries).ljust(-(-(len(head) + directory) // 32) * 32, b"\0") + body)
    return path


def _e5_tensors(places: int) -> dict[str, tuple[int, int, bytes]]:
    draw = np.random.default_rng(3)

    def packed(rows: int, columns: int) -> tuple[int, int, bytes]:
        blocks = np.zeros((rows, columns // 32), np.dtype([("d", "<f2"), ("q", "u1", (16,))]))
        blocks["d"] = draw.normal(0, 0.05, blocks.shape)
        blocks["q"] = draw.integers(0, 256, (*blocks.shape, 16))
        return 1, rows * columns, blocks.tobytes()

    def plain(rows: int, columns: int, *, at: float = 0.0) -> tuple[int, int, bytes]:
        values = draw.normal(at, 0.1, (rows, columns)).astype("<f4")
        return 0, rows * columns, values.tobytes()

    tensors = {
        "emb.word": packed(len(E5_PIECES) + 3, WIDTH),
        "emb.pos": plain(places, WIDTH),
        "emb.type": plain(2, WIDTH),
        "emb.ln.w": plain(1, WIDTH, at=1.0),
        "emb.ln.b": plain(1, WIDTH),
    }
    for layer in range(LAYERS):
        for name, rows, columns in (
            *((side, WIDTH, WIDTH) for side in ("q", "k", "v", "ao")),
            ("fi", INNER, WIDTH),
            ("fo", WIDTH, INNER),
        ):
            tensors[f"l{layer}.{name}.w"] = packed(rows, columns)
            tensors[f"l{layer}.{name}.b"] = plain(1, rows)
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = plain(1, WIDTH, at=1.0)
            tensors[f"l{layer}.{name}.b"] = plain(1, WIDTH)
    return tensors


def write_tiny_bert(folder: Path, *, places: int = WINDOW, kind: str = "F32") -> Path:
    """Write a folder as BERT is published; returns the file that the card names first."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(WORD_PIECES) + "\n", "utf-8")
    draw = np.random.default_rng(5)
    type_ = np.dtype("<f4" if kind == "F32" else "<f2")
    head: dict[str, object] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, shape in _bert_shapes(places).items():
        at = 1.0 if "LayerNorm.weight" in name else 0.0
        raw = draw.normal(at, 0.1, shape).astype(type_).tobytes()
        offsets = [len(body), len(body) + len(raw)]
        head[name] = {"dtype": kind, "shape": list(shape), "data_offsets": offsets}
        body += raw
    words = json.dumps(head).encode()
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(words)) + words + body)
    return path


def _bert_shapes(places: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORD_PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (places, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
    }
    for layer in range(LAYERS):
        begin = f"encoder.layer.{layer}"
        for name, rows, columns in (
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", INNER, WIDTH),
            ("output.dense", WIDTH, INNER),
        ):
            shapes[f"{begin}.{name}.weight"] = (rows, columns)
            shapes[f"{begin}.{name}.bias"] = (rows,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{begin}.{name}.weight"] = (WIDTH,)
            shapes[f"{begin}.{name}.bias"] = (WIDTH,)
    return shapes

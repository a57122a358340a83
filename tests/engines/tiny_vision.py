"""A projector with random weights, which turns a picture into what the tiny llama reads: for
conformance, never for ability."""

import struct
import zlib
from pathlib import Path

import gguf
import numpy as np

_SIDE, _PATCH, _WIDTH, _INNER, _HEADS, _LAYERS, _MODEL = 28, 14, 32, 64, 2, 2, 64
PATCHES = (_SIDE // _PATCH) ** 2


def write_tiny_projector(path: Path) -> Path:
    """Write a CLIP encoder and the two layers after it, as LLaVA has them."""
    draw = np.random.default_rng(13)
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_type(gguf.GGUFType.MMPROJ)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("mlp")
    writer.add_vision_projection_dim(_MODEL)
    writer.add_vision_image_size(_SIDE)
    writer.add_vision_patch_size(_PATCH)
    writer.add_vision_embedding_length(_WIDTH)
    writer.add_vision_feed_forward_length(_INNER)
    writer.add_vision_block_count(_LAYERS)
    writer.add_vision_head_count(_HEADS)
    writer.add_vision_attention_layernorm_eps(1e-5)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    writer.add_vision_use_gelu(True)

    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(name, draw.normal(0, 0.1, shape).astype(np.float32))

    def pair(name: str, rows: int, columns: int) -> None:
        tensor(f"{name}.weight", rows, columns)
        tensor(f"{name}.bias", rows)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(_WIDTH, dtype=np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(_WIDTH, dtype=np.float32))

    tensor("v.class_embd", _WIDTH)
    tensor("v.patch_embd.weight", _WIDTH, 3, _PATCH, _PATCH)
    tensor("v.position_embd.weight", PATCHES + 1, _WIDTH)
    norm("v.pre_ln")
    for layer in range(_LAYERS):
        for side in ("q", "k", "v", "out"):
            pair(f"v.blk.{layer}.attn_{side}", _WIDTH, _WIDTH)
        pair(f"v.blk.{layer}.ffn_up", _INNER, _WIDTH)
        pair(f"v.blk.{layer}.ffn_down", _WIDTH, _INNER)
        norm(f"v.blk.{layer}.ln1")
        norm(f"v.blk.{layer}.ln2")
    pair("mm.0", _MODEL, _WIDTH)
    pair("mm.2", _MODEL, _MODEL)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def picture(red: int, green: int, blue: int, *, side: int = _SIDE) -> bytes:
    """A PNG of one colour."""
    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

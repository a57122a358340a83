"""Models with random weights that read and do not write, as GGUF: for conformance only."""

from pathlib import Path

import gguf
import numpy as np

WIDTH = 32
_HEADS, _LAYERS, _FEED, _WINDOW = 2, 2, 64, 128
_PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *(f"\N{LOWER ONE EIGHTH BLOCK}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"),
    *"abcdefghijklmnopqrstuvwxyz0123456789",
]


def write_tiny_encoder(path: Path, *, pooling: gguf.PoolingType | None) -> Path:
    """Write a BERT; of the type `RANK` it has a head that scores pairs."""
    draw = np.random.default_rng(17)
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(_WINDOW)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FEED)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if pooling is not None:
        writer.add_pooling_type(pooling)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(_PIECES)
    kinds = [gguf.TokenType.CONTROL] * 5 + [gguf.TokenType.NORMAL] * (len(_PIECES) - 5)
    writer.add_token_types(kinds)
    writer.add_token_type_count(2)
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(3)
    writer.add_sep_token_id(3)
    writer.add_mask_token_id(4)

    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(name, draw.normal(0, 0.5, shape).astype(np.float32))

    def pair(name: str, rows: int, columns: int) -> None:
        tensor(f"{name}.weight", rows, columns)
        tensor(f"{name}.bias", rows)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, dtype=np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(WIDTH, dtype=np.float32))

    tensor("token_embd.weight", len(_PIECES), WIDTH)
    tensor("token_types.weight", 2, WIDTH)
    tensor("position_embd.weight", _WINDOW, WIDTH)
    norm("token_embd_norm")
    for layer in range(_LAYERS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            pair(f"blk.{layer}.{part}", WIDTH, WIDTH)
        norm(f"blk.{layer}.attn_output_norm")
        pair(f"blk.{layer}.ffn_up", _FEED, WIDTH)
        pair(f"blk.{layer}.ffn_down", WIDTH, _FEED)
        norm(f"blk.{layer}.layer_output_norm")
    if pooling == gguf.PoolingType.RANK:
        pair("cls", WIDTH, WIDTH)
        pair("cls.output", 1, WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

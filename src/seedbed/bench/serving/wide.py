"""A llama with random weights and a window of 64k tokens, written in code, to measure speed alone.

Floor 5. Its words and its template are those of another GGUF. What it answers means nothing.
"""

from pathlib import Path
from typing import cast

import gguf
import numpy as np

WINDOW = 65_536
WIDE = "wide"
_WIDTH, _HEADS, _SHARED_HEADS, _LAYERS, _FEED = 256, 4, 2, 3, 768
"""About 15 million numbers with the starter's 49,152 words."""


def write_wide_llama(path: Path, words_of: Path) -> Path:
    """Write the model, with the tokenizer of the GGUF `words_of`, and return its path.

    Raises:
        ValueError: that file has no tokenizer that could be taken over.
    """
    taken = gguf.GGUFReader(words_of).fields
    tokens = _list(taken, "tokens")
    writer = gguf.GGUFWriter(path, "llama")
    _add_sizes(writer, len(tokens))
    writer.add_tokenizer_model(_text(taken, "tokenizer.ggml.model"))
    writer.add_tokenizer_pre(_text(taken, "tokenizer.ggml.pre"))
    writer.add_token_list(tokens)
    writer.add_token_types(cast(list[int], _field(taken, "tokenizer.ggml.token_type")))
    writer.add_token_merges(_list(taken, "merges"))
    writer.add_eos_token_id(_number(taken, "eos_token_id"))
    writer.add_bos_token_id(_number(taken, "bos_token_id"))
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(_text(taken, "tokenizer.chat_template"))
    _add_tensors(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_sizes(writer: gguf.GGUFWriter, tokens: int) -> None:
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(WINDOW)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FEED)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_SHARED_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_vocab_size(tokens)


def _add_tensors(writer: gguf.GGUFWriter, tokens: int) -> None:
    draw = np.random.default_rng(7)
    shared = _WIDTH // _HEADS * _SHARED_HEADS

    def tensor(name: str, *shape: int) -> None:
        drawn = draw.standard_normal(shape, dtype=np.float32) * np.float32(0.05)
        writer.add_tensor(f"{name}.weight", drawn.astype(np.float16))

    def ones(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(_WIDTH, dtype=np.float32))

    tensor("token_embd", tokens, _WIDTH)
    ones("output_norm")
    for layer in range(_LAYERS):
        ones(f"blk.{layer}.attn_norm")
        ones(f"blk.{layer}.ffn_norm")
        tensor(f"blk.{layer}.attn_q", _WIDTH, _WIDTH)
        tensor(f"blk.{layer}.attn_k", shared, _WIDTH)
        tensor(f"blk.{layer}.attn_v", shared, _WIDTH)
        tensor(f"blk.{layer}.attn_output", _WIDTH, _WIDTH)
        tensor(f"blk.{layer}.ffn_gate", _FEED, _WIDTH)
        tensor(f"blk.{layer}.ffn_up", _FEED, _WIDTH)
        tensor(f"blk.{layer}.ffn_down", _WIDTH, _FEED)


def _list(taken: dict[str, gguf.ReaderField], name: str) -> list[str]:
    return cast(list[str], _field(taken, f"tokenizer.ggml.{name}"))


def _text(taken: dict[str, gguf.ReaderField], name: str) -> str:
    return cast(str, _field(taken, name))


def _number(taken: dict[str, gguf.ReaderField], name: str) -> int:
    return cast(int, _field(taken, f"tokenizer.ggml.{name}"))


def _field(taken: dict[str, gguf.ReaderField], name: str) -> object:
    if name not in taken:
        raise ValueError(f"the file has no {name}, so its tokenizer cannot be taken over")
    return taken[name].contents()

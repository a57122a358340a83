"""A llama of 2 layers with random weights, written in code: for conformance, never for ability."""

from pathlib import Path

import gguf
import numpy as np

from seedbed.core.model import Model

WINDOW = 512
_WIDTH, _HEADS, _LAYERS, _FEED = 64, 4, 2, 128
_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def write_tiny_llama(
    path: Path,
    *,
    window: int = WINDOW,
    template: str | None = None,
    experts: int = 0,
    feed: int = _FEED,
) -> Path:
    """Write a GGUF that engines load in a moment; its tokens are bytes, and `hi`.

    With `experts`, each layer has so many, of which two read a token. An empty `template` is none.
    The wider `feed`, the longer a step takes: at 100,000, of 73 MiB, some five milliseconds.
    """
    draw = np.random.default_rng(7)
    letters = _letters()
    tokens = ["<unk>", "<s>", "</s>", *letters, "hi"]
    kinds = [gguf.TokenType.CONTROL] * 3 + [gguf.TokenType.NORMAL] * (len(letters) + 1)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(window)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(feed)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_rope_freq_base(10_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["h i"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    if template != "":
        writer.add_chat_template(_TEMPLATE if template is None else template)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(2)

    _write_tensors(writer, len(tokens), letters, draw, experts, feed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_tensors(
    writer: gguf.GGUFWriter,
    tokens: int,
    letters: list[str],
    draw: np.random.Generator,
    experts: int,
    feed: int,
) -> None:
    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(name, draw.normal(0, 0.1, shape).astype(np.float16))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(_WIDTH, dtype=np.float32))

    tensor("token_embd.weight", tokens, _WIDTH)
    # Rows of zeros for what is not ASCII: among the random rows one is always above zero.
    rows = np.zeros((tokens, _WIDTH), dtype=np.float16)
    printed = [3 + at for at, letter in enumerate(letters) if letter.isascii()]
    rows[printed] = draw.normal(0, 1, (len(printed), _WIDTH))
    writer.add_tensor("output.weight", rows)
    ones("output_norm.weight")
    for layer in range(_LAYERS):
        ones(f"blk.{layer}.attn_norm.weight")
        ones(f"blk.{layer}.ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{layer}.{part}.weight", _WIDTH, _WIDTH)
        each, suffix = ((experts,), "_exps") if experts else ((), "")
        if experts:
            choice = draw.normal(0, 0.1, (experts, _WIDTH)).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.ffn_gate_inp.weight", choice)
        tensor(f"blk.{layer}.ffn_gate{suffix}.weight", *each, feed, _WIDTH)
        tensor(f"blk.{layer}.ffn_up{suffix}.weight", *each, feed, _WIDTH)
        tensor(f"blk.{layer}.ffn_down{suffix}.weight", *each, _WIDTH, feed)


def write_tiny_adapter(
    path: Path,
    *,
    seed: int = 11,
    alpha: float = 64.0,
    architecture: str = "llama",
    part: str = "attn_v.weight",
    width: int = _WIDTH,
    sides: dict[str, float] | None = None,
) -> Path:
    """Write low-rank weights that change what the tiny llama says.

    `sides` are the halves, and what each is multiplied by: of those that training begins with, the
    second is zero.
    """
    draw = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for layer in range(_LAYERS):
        for side, factor in (sides or {"a": 1.0, "b": 1.0}).items():
            shape = (4, width) if side == "a" else (width, 4)
            weights = (factor * draw.normal(0, 1, shape) + 0.0).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.{part}.lora_{side}", weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _letters() -> list[str]:
    """A letter for each byte, as byte-level tokenizers write them: its own where it can be seen."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return [*map(chr, seen), *(chr(256 + at) for at in range(len(unseen)))]


def tiny_model(kind: str) -> Model:
    """The card of the tiny model, for an engine of that kind."""
    return Model(
        name="tiny",
        title="Random weights, for conformance",
        engines=(kind,),
        window=WINDOW,
        parameters=0,
        licence="Apache-2.0",
    )

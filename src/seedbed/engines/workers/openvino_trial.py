"""Tries grammars on a tiny model of random weights, in a process of its own.

Floor 3. A grammar that the library cannot read leaves its pipeline unusable, one that is nested too
deep ends the process, and one that is ambiguous enough is followed for ever: all of that happens
here, and never to the model that others are using. Reads a form a line, and answers
each with a line: a JSON text which says why it cannot be used, empty where it can. A form may
take `CPU_SECONDS`; the system ends the process when they are spent. It ends by itself
when its standard input closes, and leaves no file behind.
"""

import resource
import signal
import sys
import tempfile
from pathlib import Path

import gguf
import msgspec
import numpy as np

# The library would count its users: forbidden this module, it does without. Python's own way.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino_genai as genai  # noqa: E402 - only now

from seedbed.engines.formats.base import Form  # noqa: E402 - only now
from seedbed.engines.workers.openvino_form import structured  # noqa: E402 - only now

CPU_SECONDS = 4.0
"""Forty tools take a quarter of that."""
_MEMORY = 8 << 30
"""Bytes of addresses; the library alone takes more than one."""
_TOKENS = 24
"""How far a grammar is followed."""
_WIDTH = 32
_WORDS = 1 << 13
_SIGNS = '"{}[]:,.-0123456789'
_SPACE = "\u0120"
"""As byte-level tokenizers write a space."""


def write_model(path: Path) -> None:
    """Write a GGUF of one layer whose tokens are the bytes."""
    draw = np.random.default_rng(7)
    letters = _letters()
    tokens = ["<unk>", "<s>", "</s>", *letters, "hi", *_words(draw, letters)]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(64)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_WIDTH)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3] + [1] * (len(tokens) - 3))
    writer.add_token_merges(["h i"])  # without one the library does not read it
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    for name, shape in _shapes(len(tokens)).items():
        values = draw.normal(0, 0.1, shape) if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(name, values.astype(np.float16 if len(shape) > 1 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shapes(tokens: int) -> dict[str, tuple[int, ...]]:
    square = (_WIDTH, _WIDTH)
    return {
        "token_embd.weight": (tokens, _WIDTH),
        "output.weight": (tokens, _WIDTH),
        "output_norm.weight": (_WIDTH,),
        "blk.0.attn_norm.weight": (_WIDTH,),
        "blk.0.ffn_norm.weight": (_WIDTH,),
        **{
            f"blk.0.{part}.weight": square
            for part in (
                "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"
            )
        },
    }  # fmt: skip


def _letters() -> list[str]:
    """A letter for each byte, as byte-level tokenizers write them: its own where it can be seen."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return [*map(chr, seen), *(chr(256 + at) for at in range(256 - len(seen)))]


def _words(draw: np.random.Generator, letters: list[str]) -> list[str]:
    """Tokens of several letters, as large models have: a grammar is as slow as they are many."""
    small = [letter for letter in letters if letter.isascii() and letter.islower()]
    words = ["".join(draw.choice(small, length)) for length in draw.integers(2, 9, _WORDS)]
    words += [_SPACE + word for word in words[::2]]
    words += [a + b for a in _SIGNS for b in _SIGNS]
    return sorted({*words} - {"hi"})


class Bench:
    """The tiny model, and the grammars tried on it."""

    def __init__(self) -> None:
        self._numbers = 0
        self._pipeline, self._prompt = _loaded()

    def verdict(self, form: Form) -> str:
        """Why a form cannot be used, or nothing. Tags are followed, and read where they may be."""
        forms = [structured(form), structured(form, now=True)] if form.tags else [structured(form)]
        try:
            for one in forms:
                self._follow(one)
        except RuntimeError as error:
            self._pipeline, self._prompt = _loaded()
            return _reason(error)
        return ""

    def _follow(self, form: genai.StructuredOutputConfig) -> None:
        self._numbers += 1
        config = genai.GenerationConfig()
        config.set_eos_token_id(2)
        config.max_new_tokens = _TOKENS
        config.do_sample = True
        config.rng_seed = 7
        config.min_new_tokens = _TOKENS
        config.structured_output_config = form
        handle = self._pipeline.add_request(self._numbers, self._prompt.input_ids, config)
        while self._pipeline.has_non_finished_requests():
            self._pipeline.step()
        handle.cancel()  # held until here: the library forgets an answer that nobody waits for


def _loaded() -> tuple[genai.ContinuousBatchingPipeline, genai.TokenizedInputs]:
    scheduler = genai.SchedulerConfig()
    scheduler.num_kv_blocks, scheduler.max_num_seqs = 4, 1
    scheduler.max_num_batched_tokens = 64
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.gguf"
        write_model(path)
        pipeline = genai.ContinuousBatchingPipeline(str(path), scheduler, "CPU")
    prompt = pipeline.get_tokenizer().encode("a", add_special_tokens=False, max_length=8)
    return pipeline, prompt


def _reason(error: RuntimeError) -> str:
    """The library's own sentence, without the place in its source."""
    last = str(error).strip().splitlines()[-1]
    return last.partition(".cc:")[2].partition(": ")[2] or last


def main() -> None:
    """Try grammars until standard input closes."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    bench = Bench()
    for line in sys.stdin.buffer:
        form = msgspec.json.decode(line, type=Form)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        verdict = bench.verdict(form)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(msgspec.json.encode(verdict) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

"""openvino-genai's own batched call, with its defaults, or with its prefix cache on.

Floor 5.
"""

import sys

import msgspec

from seedbed.bench.serving.chats import Got

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino_genai as genai  # noqa: E402 - only now

_BLOCK = 32


class _Asked(msgspec.Struct):
    messages: list[tuple[str, str]]
    output: int


class _Library:
    """The pipeline."""

    def __init__(self, weights: str, window: int, places: int, *, caching: bool) -> None:
        scheduler = genai.SchedulerConfig()
        scheduler.num_kv_blocks = places * (window // _BLOCK + 1) + 1
        scheduler.max_num_seqs = places
        scheduler.enable_prefix_caching = caching
        self._pipeline = genai.ContinuousBatchingPipeline(weights, scheduler, "CPU")
        self._tokenizer = self._pipeline.get_tokenizer()

    def answer(self, asked: list[_Asked]) -> list[Got]:
        """Answer these side by side, each with all of its tokens."""
        ids = [self._encoded(one) for one in asked]
        results = self._pipeline.generate(ids, [self._config(one.output) for one in asked])
        made = [list(result.m_generation_ids[0]) for result in results]
        return [
            Got(
                tokens=len(one),
                prompt=len(tensor.data.ravel().tolist()),
                text=self._tokenizer.decode(one),
            )
            for one, tensor in zip(made, ids, strict=True)
        ]

    def _config(self, output: int) -> genai.GenerationConfig:
        config = genai.GenerationConfig()
        config.max_new_tokens = output
        config.min_new_tokens = output
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        return config

    def _encoded(self, asked: _Asked) -> "genai.Tensor":
        said = [{"role": role, "content": text} for role, text in asked.messages]
        text = self._tokenizer.apply_chat_template(said, add_generation_prompt=True)
        most = len(text.encode())
        return self._tokenizer.encode(text, add_special_tokens=False, max_length=most).input_ids


def main(weights: str, window: str, places: str, caching: str) -> None:
    """Answer each line of standard input."""
    library = _Library(weights, int(window), int(places), caching=caching == "caching")
    _say(b"{}")
    for line in sys.stdin:
        got = library.answer(msgspec.json.decode(line, type=list[_Asked]))
        _say(msgspec.json.encode(got))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

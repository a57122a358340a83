"""openvino-genai's own batched call.

Floor 5.
"""

import sys
from collections.abc import Sequence

from seedbed.bench.bare.turns import take_turns

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino_genai as genai  # noqa: E402 - only now


def _encoded(tokenizer: genai.Tokenizer, text: str) -> "genai.Tensor":
    most = len(text.encode())
    return tokenizer.encode(text, add_special_tokens=False, max_length=most).input_ids


def main(weights: str, window: int, places: int, threads: int) -> None:
    """Serve turns with the scheduler's settings that our worker takes."""
    del threads  # the library takes all cores, there as here
    scheduler = genai.SchedulerConfig()
    scheduler.num_kv_blocks = places * (window // 32 + 1) + 1
    scheduler.max_num_batched_tokens = 256
    scheduler.max_num_seqs = places
    scheduler.enable_prefix_caching = True
    pipeline = genai.ContinuousBatchingPipeline(weights, scheduler, "CPU")
    tokenizer = pipeline.get_tokenizer()

    def answer(prompts: Sequence[str], output: int) -> int:
        config = genai.GenerationConfig()
        config.max_new_tokens = output
        config.set_eos_token_id(tokenizer.get_eos_token_id())
        asked = [[{"role": "user", "content": prompt}] for prompt in prompts]
        texts = [tokenizer.apply_chat_template(one, add_generation_prompt=True) for one in asked]
        ids = [_encoded(tokenizer, text) for text in texts]
        results = pipeline.generate(ids, [config] * len(ids))
        made = [list(result.m_generation_ids[0]) for result in results]
        for one in made:
            tokenizer.decode(one)
        return sum(map(len, made))

    take_turns(answer)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

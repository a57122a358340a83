"""Hugging Face's transformers on the processor, run by another interpreter, which has them.

Floor 5. It imports nothing of ours. It reads the same GGUF, whose weights become floats of
32 bits, and answers a batch by one call; or writes them as a folder, for whoever reads those.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

torch: Any = importlib.import_module("torch")
library: Any = importlib.import_module("transformers")


class Library:
    """The model and its tokenizer."""

    def __init__(self, weights: Path) -> None:
        where = {"pretrained_model_name_or_path": weights.parent, "gguf_file": weights.name}
        self.tokenizer = library.AutoTokenizer.from_pretrained(**where, padding_side="left")
        self.model = library.AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
        self.tokenizer.pad_token = self.tokenizer.pad_token or self.tokenizer.eos_token

    def answer(self, asked: list[dict[str, Any]]) -> list[dict[str, object]]:
        """Answer these in one batch, each with all of its tokens."""
        said = [[{"role": r, "content": t} for r, t in one["messages"]] for one in asked]
        told = {"tokenize": False, "add_generation_prompt": True}
        texts = [self.tokenizer.apply_chat_template(one, **told) for one in said]
        batch = self.tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        output = max(one["output"] for one in asked)
        with torch.inference_mode():
            length = {"max_new_tokens": output, "min_new_tokens": output}
            rows = self.model.generate(**batch, **length, do_sample=False)
        read = batch["attention_mask"].sum(dim=1).tolist()
        made = rows[:, batch["input_ids"].shape[1] :]
        answers = self.tokenizer.batch_decode(made, skip_special_tokens=True)
        pairs = zip(answers, read, strict=True)
        return [{"tokens": output, "prompt": prompt, "text": text} for text, prompt in pairs]

    def write(self, folder: Path) -> None:
        """Write weights and tokenizer as safetensors, which the model read from a GGUF refuses."""
        config = self.model.config
        if hasattr(config, "quantization_config"):
            del config.quantization_config  # the file's own; what is written has none
        fresh = type(self.model)(config)
        fresh.load_state_dict(self.model.state_dict())
        fresh.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


def main(weights: str, *rest: str) -> None:
    """Write a folder, if one is named; else answer each line of standard input."""
    if rest and not rest[0].isdigit():
        Library(Path(weights)).write(Path(rest[0]))
        return
    if rest:
        torch.set_num_threads(int(rest[0]))
    model = Library(Path(weights))
    print("{}", flush=True)  # noqa: T201 - its greeting
    for line in sys.stdin:
        print(json.dumps(model.answer(json.loads(line))), flush=True)  # noqa: T201 - the answers


if __name__ == "__main__":
    main(*sys.argv[1:])

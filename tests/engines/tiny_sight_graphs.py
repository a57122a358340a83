"""Writes the graphs of the tiny LLaVA, as a program: `tiny_sight.py` starts it.

The library turns the tiny llama from a GGUF into a graph; here that is made to begin with vectors
in place of tokens. The tokenizer finds the longest token at each place, which needs no merges.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np

# The library would count its users: forbidden this module, it does without. Python's own way.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino  # noqa: E402 - only now
import openvino_genai as genai  # noqa: E402 - only now
from openvino import opset13  # noqa: E402 - only now

from tests.engines.tiny import write_tiny_llama  # noqa: E402 - only now
from tests.engines.tiny_sight import PATCH, SIDE  # noqa: E402 - only now

_WIDTH = 64
_TOKENS = [b"<unk>", b"<s>", b"</s>", *(bytes([one]) for one in range(256)), b"hi", b"<image>"]
_CONTROL = [0, 1, 2, len(_TOKENS) - 1]
_OV, _OPS = cast(Any, openvino), cast(Any, opset13)
"""Their types are told only in part."""


def _language() -> Any:
    """The tiny llama, from its vectors on."""
    with tempfile.TemporaryDirectory() as folder:
        weights = write_tiny_llama(Path(folder) / "tiny.gguf", window=4096)
        scheduler = genai.SchedulerConfig()
        scheduler.num_kv_blocks = 1
        saved = {"enable_save_ov_model": True}
        genai.ContinuousBatchingPipeline(str(weights), scheduler, "CPU", saved)
        model = _OV.Core().read_model(str(weights.with_name("openvino_model.xml")))
        tokens = next(p for p in model.get_parameters() if "input_ids" in p.output(0).names)
        (looked_up,) = (n for n in model.get_ordered_ops() if _is_looked_up(n))
        vectors = _OPS.parameter([-1, -1, _WIDTH], np.float32, name="inputs_embeds")
        vectors.output(0).set_names({"inputs_embeds"})
        for old in (looked_up.output(0), tokens.output(0)):
            for behind in list(old.get_target_inputs()):
                behind.replace_source_output(vectors.output(0))
        model.add_parameters([vectors])
        model.remove_parameter(tokens)
        model.validate_nodes_and_infer_types()
        return model.clone()


def _is_looked_up(node: Any) -> bool:
    """Whether it turns tokens into their vectors."""
    shape = node.get_output_partial_shape(0) if node.get_type_name() == "Gather" else []
    return len(shape) == 3 and str(shape[2]) == str(_WIDTH)


def _words(draw: np.random.Generator) -> Any:
    tokens = _OPS.parameter([-1, -1], np.int64)
    table = draw.normal(0, 0.1, (len(_TOKENS), _WIDTH)).astype(np.float32)
    return _named(_OPS.gather(_OPS.constant(table), tokens, _OPS.constant(0)), {"input": tokens})


def _pictures(draw: np.random.Generator) -> Any:
    """Each patch becomes a vector."""
    pixels = _OPS.parameter([-1, 3, SIDE, SIDE], np.float32)
    patch = draw.normal(0, 0.1, (_WIDTH, 3, PATCH, PATCH)).astype(np.float32)
    seen = _OPS.convolution(pixels, _OPS.constant(patch), [PATCH] * 2, [0] * 2, [0] * 2, [1] * 2)
    rows = _OPS.reshape(seen, _OPS.constant([0, _WIDTH, -1]), special_zero=True)
    return _named(_OPS.transpose(rows, _OPS.constant([0, 2, 1])), {"pixel_values": pixels})


def _named(result: Any, inputs: dict[str, Any]) -> Any:
    for name, one in inputs.items():
        one.output(0).set_names({name})
    return _OV.Model([result], list(inputs.values()))


def _tokenizer() -> tuple[Any, Any]:
    """What turns texts into tokens, and what turns them back."""
    listed = [f"{number} {token!r} {len(token)}" for number, token in enumerate(_TOKENS)]
    cutting, _ = _of_tokenizers("build_tokenizer").build_rwkv_tokenizer(listed)
    ids = cutting.get_results()[0].input_value(0)
    mask = _OPS.convert(_OPS.greater_equal(ids, _OPS.constant(0, np.int64)), "i64")
    mask.output(0).set_names({"attention_mask"})
    cutting.add_outputs([mask.output(0)])
    cutting.set_rt_info(2, "eos_token_id")
    steps = _of_tokenizers("tokenizer_pipeline")
    whole = steps.UTF8ValidateStep(steps.UTF8ReplaceMode.REPLACE)
    joining = steps.TokenizerPipeline()
    joining.add_steps([steps.VocabDecoderStep(_TOKENS, _CONTROL), steps.FuseStep(), whole])
    telling = joining.get_detokenizer_ov_subgraph()
    _of_tokenizers("utils").change_inputs_type(telling, _OV.Type.i64)
    for model in (cutting, telling):
        model.set_rt_info("2026.4.1.0", "openvino_tokenizers_version")
    return cutting, telling


def _of_tokenizers(module: str) -> Any:
    """A part of the library for tokenizers, which tells no types."""
    return import_module(f"openvino_tokenizers.{module}")


def main(folder: Path) -> None:
    """Write them."""
    draw = np.random.default_rng(13)
    cutting, telling = _tokenizer()
    graphs = {
        "language_model": _language(),
        "text_embeddings_model": _words(draw),
        "vision_embeddings_model": _pictures(draw),
        "tokenizer": cutting,
        "detokenizer": telling,
    }
    for name, graph in graphs.items():
        path = str(folder / f"openvino_{name}.xml")
        _OV.save_model(graph, path, compress_to_fp16=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

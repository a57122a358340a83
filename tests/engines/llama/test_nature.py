"""What a model is, as its head tells."""

from pathlib import Path

import gguf
import numpy as np
import pytest

from seedbed.core.ask import Feature
from seedbed.engines.llama.nature import Nature, read_nature
from tests.engines.tiny import write_tiny_llama
from tests.engines.tiny_readers import write_tiny_encoder

HELD = {
    Feature.JSON,
    Feature.SCHEMA,
    Feature.REGEX,
    Feature.GRAMMAR,
    Feature.LOGPROBS,
    Feature.TOKENS,
}


def with_words(path: Path, **words: str | int) -> Nature:
    """The nature of a file that says no more than these words."""
    writer = gguf.GGUFWriter(path / "words.gguf", "llama")
    for key, value in words.items():
        add = writer.add_string if isinstance(value, str) else writer.add_uint32
        add(key.replace("__", "."), value)  # pyright: ignore[reportArgumentType]
    writer.add_tensor("one", np.zeros(1, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return read_nature(path / "words.gguf")


def test_a_model_with_a_template_chats_and_calls_and_is_held_to_forms(tmp_path: Path) -> None:
    nature = read_nature(write_tiny_llama(tmp_path / "tiny.gguf"))
    expected = {Feature.CHAT, Feature.COMPLETION, Feature.TOOLS} | HELD
    assert nature.features(projector=False) == expected
    assert nature.features(projector=True) == expected | {Feature.MEDIA}
    assert nature.ends == (2,)


def test_a_model_without_a_template_continues_and_does_not_chat(tmp_path: Path) -> None:
    nature = read_nature(write_tiny_llama(tmp_path / "tiny.gguf", template=""))
    assert nature.features(projector=True) == {Feature.COMPLETION} | HELD


@pytest.mark.parametrize(
    ("template", "thinks", "switch", "effort"),
    [
        ("{{ messages }}", False, False, False),
        ("{{ messages }}<think>", True, False, False),
        ("{{ messages }}{% if enable_thinking %}", True, True, False),
        ("<|channel|>analysis{{ reasoning_effort }}", True, False, True),
    ],
)
def test_thought_is_known_by_the_marks_of_the_template(
    template: str, thinks: bool, switch: bool, effort: bool, tmp_path: Path
) -> None:
    nature = with_words(tmp_path, tokenizer__chat_template=template)
    assert (nature.thinks, nature.switch, nature.effort) == (thinks, switch, effort)
    assert (Feature.REASONING in nature.features(projector=False)) is thinks


@pytest.mark.parametrize(("turn", "ends"), [(9, (7, 9)), (7, (7,))])
def test_both_tokens_that_end_an_answer_are_known_once_each(
    turn: int, ends: tuple[int, ...], tmp_path: Path
) -> None:
    words = {"tokenizer__ggml__eos_token_id": 7, "tokenizer__ggml__eot_token_id": turn}
    assert with_words(tmp_path, **words).ends == ends


@pytest.mark.parametrize(
    ("pooling", "task", "feature", "pooled"),
    [
        (gguf.PoolingType.MEAN, "embed", Feature.EMBEDDING, True),
        (gguf.PoolingType.NONE, "embed", Feature.EMBEDDING, False),
        (gguf.PoolingType.RANK, "rank", Feature.RERANK, True),
        (None, "embed", Feature.EMBEDDING, False),
    ],
)
def test_a_model_that_reads_serves_that_and_its_tokens(
    pooling: gguf.PoolingType | None, task: str, feature: Feature, pooled: bool, tmp_path: Path
) -> None:
    nature = read_nature(write_tiny_encoder(tmp_path / "reader.gguf", pooling=pooling))
    assert (nature.task, nature.pooled) == (task, pooled)
    assert nature.features(projector=False) == {feature, Feature.TOKENS}


def test_a_decoder_that_is_pooled_is_one_that_reads(tmp_path: Path) -> None:
    assert with_words(tmp_path, llama__pooling_type=3).task == "embed"


def test_what_is_no_whole_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(8))
    with pytest.raises(ValueError, match=r"bad\.gguf is no GGUF that can be loaded: "):
        read_nature(tmp_path / "bad.gguf")
    with pytest.raises(ValueError, match=r"none\.gguf cannot be read: No such file"):
        read_nature(tmp_path / "none.gguf")


def test_nothing_known_is_a_model_that_chats() -> None:
    assert Feature.CHAT in Nature().features(projector=False)

"""The published folder: read as it was written, and refused with a sentence where it is damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from seedbed.engines.workers import bert_folder
from seedbed.engines.workers.bert import BadWeights
from tests.engines.tiny_bert import INNER, LAYERS, WIDTH, WINDOW, WORD_PIECES, write_tiny_bert


@pytest.mark.parametrize("kind", ["F32", "F16"])
def test_what_was_written_is_read(tmp_path: Path, kind: str) -> None:
    bert, tokenizer = bert_folder.read(write_tiny_bert(tmp_path, kind=kind))
    assert (bert.width, bert.heads, bert.places.shape) == (WIDTH, 2, (WINDOW, WIDTH))
    assert bert.words([3, 1]).dtype == np.float32
    layers = list(bert.layers)
    assert len(layers) == LAYERS
    assert layers[0].up.weight.shape == (INNER, WIDTH)
    assert [WORD_PIECES[i] for i in tokenizer.encode("Hello", question=True)] == [
        *("[CLS]", "hello", "[SEP]")
    ]


def test_a_model_that_knows_the_case_keeps_it(tmp_path: Path) -> None:
    path = write_tiny_bert(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    _, tokenizer = bert_folder.read(path)
    assert WORD_PIECES[tokenizer.encode("Hello", question=True)[1]] == "[UNK]"


def test_it_is_refused_wherever_it_is_cut_off(tmp_path: Path) -> None:
    path = write_tiny_bert(tmp_path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 997):
        path.write_bytes(whole[:length])
        with pytest.raises(BadWeights):
            bert_folder.read(path)


@pytest.mark.parametrize("missing", ["config.json", "vocab.txt"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    path = write_tiny_bert(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(BadWeights, match=missing):
        bert_folder.read(path)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("model_type", "roberta", "model_type"),
        ("hidden_act", "relu", "hidden_act"),
        ("position_embedding_type", "relative_key", "position_embedding_type"),
        ("num_attention_heads", 3, "32 columns do not fit 3 heads"),
        ("num_attention_heads", 0, "num_attention_heads"),
        ("hidden_size", 64, r"words?_embeddings.weight' is F32 of shape \[83, 32\]"),
        ("intermediate_size", 96, r"intermediate.dense.weight' is F32 of shape \[64, 32\]"),
        ("num_hidden_layers", 3, "no tensor 'encoder.layer.2"),
    ],
)
def test_a_model_of_another_kind_is_refused(
    tmp_path: Path, name: str, value: object, why: str
) -> None:
    path = write_tiny_bert(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {name: value}))
    with pytest.raises(BadWeights, match=why):
        bert_folder.read(path)


def test_a_vocabulary_longer_than_the_table_is_refused(tmp_path: Path) -> None:
    path = write_tiny_bert(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join([*WORD_PIECES, "more"]), "utf-8")
    with pytest.raises(BadWeights, match="83 rows for 84 pieces"):
        bert_folder.read(path)


def test_a_vocabulary_without_its_signs_is_refused(tmp_path: Path) -> None:
    path = write_tiny_bert(tmp_path)
    (tmp_path / "vocab.txt").write_text("hello\n")
    with pytest.raises(BadWeights, match=r"no \[UNK\]"):
        bert_folder.read(path)

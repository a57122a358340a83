"""Adapters are seen to do something before a server with them greets.

Floor 3. One that does not fit the model, or adds nothing to it, is an error at load: answers
without it would look like answers with it. First the files are compared, then the server itself is
asked for the next token of one text, without the adapter and with it.
"""

import argparse
import http.client
import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

from seedbed.engines.llama import wire
from seedbed.kit.gguf import BadGguf, Head, Tensor, read_head

_A, _B = ".lora_a", ".lora_b"
_NORMS = "_norm.weight"
"""What the server passes over in an adapter, as most do well without."""
_EMBEDDING = "token_embd.weight"
"""The one tensor whose halves are stored the other way round."""
_LOOKED_AT = 1 << 24
"""Bytes that are compared with zeros at once."""
_TEXT = (
    "A short text that every model can read: on Monday, 3 May, two people walked from the harbour "
    "to the old town and counted 17 bridges. Then they"
)
_TOKENS = 64
"""Of the likeliest next tokens, how many are compared."""
_PATIENCE_SECONDS = 600.0

Likely: TypeAlias = Mapping[int, float | None]


class BadAdapter(ValueError):
    """An adapter cannot be served; the sentence names it and says what to do."""


def given(words: Sequence[str]) -> tuple[Path, dict[str, Path]]:
    """The model of a command line with `--model PATH` and any number of `--adapter NAME=PATH`, and
    the adapters by their names, in order.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--adapter", action="append", default=[])
    options, _ = parser.parse_known_args(words)
    pairs = [word.partition("=") for word in options.adapter]
    return options.model, {name: Path(path) for name, _, path in pairs}


def check_files(model: Path, adapters: Mapping[str, Path]) -> None:
    """See that each adapter fits the model, and is not zero.

    Raises:
        BadAdapter: one does not.
        BadGguf: the model is damaged.
    """
    if not adapters:
        return
    heads = [read_head(path) for path in pieces(model)]
    shapes = {tensor.name: tensor.shape for head in heads for tensor in head.tensors}
    for name, path in adapters.items():
        try:
            head = read_head(path)
        except (BadGguf, OSError) as error:
            raise _bad(name, f"{path} cannot be read ({error})") from error
        _check_kind(name, head, heads[0])
        _check_fit(name, head, shapes)
        _check_zeros(name, path, head)


def pieces(model: Path) -> list[Path]:
    """All files of a model of which one was given, where it was split."""
    stem, _, count = model.stem.rpartition("-of-")
    if not stem or not count.isdigit():
        return [model]
    return sorted(model.parent.glob(f"{stem.rpartition('-')[0]}-*-of-{count}.gguf"))


def check_answers(url: str, key: str, names: Sequence[str]) -> None:
    """See that the server at `url` finds other tokens likely with each adapter than without.

    Raises:
        BadAdapter: one changes no more than asking a second time does.
        OSError, HTTPException, MsgspecError: the server does not answer as it should.
    """
    if not names:
        return
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE_SECONDS)
    try:
        plain, again = (_likely(connection, key, wire.lora(names, "")) for _ in range(2))
        noise = distance(plain, again)
        for name in names:
            if distance(plain, _likely(connection, key, wire.lora(names, name))) <= noise:
                raise _bad(name, "with it the model finds the same tokens likely as without")
    finally:
        connection.close()


def distance(one: Likely, other: Likely) -> float:
    """How far apart two lists of likely tokens are, as the largest difference of a logarithm."""
    if one.keys() != other.keys():
        return float("inf")
    return max((abs((one[at] or 0.0) - (other[at] or 0.0)) for at in one), default=0.0)


def _check_kind(name: str, head: Head, model: Head) -> None:
    kind = (head.text("general.type"), head.text("adapter.type"))
    if kind != ("adapter", "lora"):
        raise _bad(name, f"its file is of the type {kind[0]!r} {kind[1]!r}, not 'adapter' 'lora'")
    if head.architecture != model.architecture:
        why = f"it was made for {head.architecture!r}, and the model is {model.architecture!r}"
        raise _bad(name, why)


def _check_fit(name: str, head: Head, shapes: Mapping[str, tuple[int, ...]]) -> None:
    found = {each.name: each.shape for each in head.tensors if not each.name.endswith(_NORMS)}
    bases = {tensor.removesuffix(_A).removesuffix(_B) for tensor in found}
    if not bases:
        raise _bad(name, "it has no low-rank weights")
    for base in sorted(bases):
        if base not in shapes:
            raise _bad(name, f"it changes a tensor {base!r}, which the model does not have")
        a, b = found.get(base + _A), found.get(base + _B)
        if a is None or b is None:
            raise _bad(name, f"of {base!r} it has one half alone")
        if not fits(base, shapes[base], a, b):
            raise _bad(name, f"{base!r} is {shapes[base]} in the model, and {a} by {b} in it")


def fits(base: str, shape: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether the product of two halves has the shape of what it is added to."""
    if min(len(shape), len(a), len(b)) < 2:
        return False
    if base == _EMBEDDING:
        return shape[:2] == (b[1], a[1]) and a[0] == b[0]
    return shape[:2] == (a[0], b[1]) and a[1] == b[0]


def _check_zeros(name: str, path: Path, head: Head) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        filled = {tensor.name for tensor in head.tensors if _is_filled(data, tensor)}
    if not any(tensor.removesuffix(_A) + _B in filled for tensor in filled if _A in tensor):
        raise _bad(name, "its weights are all zero, so that it changes nothing")


def _is_filled(data: mmap.mmap, tensor: Tensor) -> bool:
    places = range(tensor.begin, tensor.end, _LOOKED_AT)
    return any(data[at : min(at + _LOOKED_AT, tensor.end)].strip(b"\0") for at in places)


class _Token(msgspec.Struct):
    id: int
    logprob: float | None = None


class _Step(msgspec.Struct):
    top_logprobs: list[_Token]


class _Completion(msgspec.Struct):
    completion_probabilities: list[_Step]


def _likely(connection: http.client.HTTPConnection, key: str, lora: object) -> Likely:
    asked = {
        "prompt": _TEXT,
        "n_predict": 1,
        "n_probs": _TOKENS,
        "temperature": 0,
        "cache_prompt": False,
        "lora": lora,
    }
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    connection.request("POST", "/completion", msgspec.json.encode(asked), headers)
    response = connection.getresponse()
    content = response.read()
    if response.status != http.HTTPStatus.OK:
        raise http.client.HTTPException(f"asked for a probe, it answered {content[:500]!r}")
    steps = msgspec.json.decode(content, type=_Completion).completion_probabilities
    return {token.id: token.logprob for step in steps for token in step.top_logprobs}


def _bad(name: str, why: str) -> BadAdapter:
    return BadAdapter(
        f"The adapter {name!r} cannot be served: {why}. Make it anew for this very model with "
        f"llama.cpp's convert_lora_to_gguf.py, or take [adapters.{name}] and its file out of the "
        "model's card."
    )

"""What the files of a new model say of it, for its card.

Floor 2. Files are seen to be whole and what they are given as; whether an engine here can run them
is not known here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from seedbed.core.errors import PullFailed
from seedbed.core.model import Role
from seedbed.kit import gguf, safetensors

_ADAPTER, _PROJECTOR = "adapter", "mmproj"
_PROJECTORS = frozenset({"clip"})
_DATA = re.compile(rb"<data\s[^>]*>")
_NUMBER = rb'\s%s="(\d{1,18})"'
_CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a model by its files; 0 or empty where they do not say."""

    title: str = ""
    window: int = 0
    parameters: int = 0
    active: int = 0
    licence: str = ""


class _Words(msgspec.Struct):
    max_position_embeddings: int = 0


class _Config(_Words):
    """What a model says of itself; one that sees pictures tells its window by `text_config`."""

    model_type: str = ""
    text_config: _Words = msgspec.field(default_factory=_Words)


def survey(paths: Sequence[Path], role: Role = Role.WEIGHTS, *, name: str = "") -> Survey:
    """Look at the files of one role, the first one first. `name` is what people call that one,
    where it lies under another.

    Raises:
        PullFailed: one is not whole, or not what it is given as.
    """
    first, name = paths[0], name or paths[0].name
    try:
        if first.suffix == ".xml":
            return _survey_folder(paths)
        if role is Role.ADAPTER and first.suffix == ".safetensors":
            return Survey(parameters=safetensors.read_head(first).parameters)
        heads = [gguf.read_head(path) for path in paths]
    except (gguf.BadGguf, safetensors.BadSafetensors) as error:
        raise _refused(name, str(error)) from error
    except OSError as error:
        raise _refused(name, f"it cannot be read: {error.strerror}") from error
    head = heads[0]
    kind = _kind(head)
    if kind is not role:
        raise _refused(name, f"it is of the role {kind}, and was given as {role}")
    if not head.architecture:
        raise _refused(name, "it does not name its architecture")
    if not any(one.tensors for one in heads):
        raise _refused(name, "it has no tensors")
    pieces = head.words.get("split.count", 1)
    if pieces not in {0, len(paths)}:
        raise _refused(name, f"it is in {pieces} pieces, and {len(paths)} lie here under its name")
    return Survey(
        title=head.text("general.name"),
        window=head.number("context_length"),
        parameters=sum(one.parameters for one in heads),
        active=_active(heads),
        licence=head.text("general.license"),
    )


def _kind(head: gguf.Head) -> Role:
    given = head.text("general.type")
    if given == _PROJECTOR or head.architecture in _PROJECTORS:
        return Role.PROJECTOR
    return Role.ADAPTER if given == _ADAPTER else Role.WEIGHTS


def _active(heads: Sequence[gguf.Head]) -> int:
    """Of a split file only the first piece says how many experts are used at once."""
    tensors = tuple(tensor for head in heads for tensor in head.tensors)
    first = heads[0]
    whole = gguf.Head(first.words, tensors, first.lengths, first.places, first.listed)
    return whole.active


def _survey_folder(paths: Sequence[Path]) -> Survey:
    """A model whose numbers lie in a `.bin` beside each `.xml`, which says where each begins."""
    for path in paths:
        if path.suffix == ".xml":
            _check_numbers(path)
    found = [path for path in paths if path.name == _CONFIG]
    if not found:
        return Survey()
    try:
        config = msgspec.json.decode(found[0].read_bytes(), type=_Config)
    except msgspec.MsgspecError as error:
        raise _refused(_CONFIG, str(error)) from error
    window = config.max_position_embeddings or config.text_config.max_position_embeddings
    return Survey(title=config.model_type, window=max(0, window))


def _check_numbers(path: Path) -> None:
    beside = path.with_suffix(".bin")
    size = beside.stat().st_size if beside.is_file() else 0
    for found in _DATA.findall(path.read_bytes()):
        places = [re.search(_NUMBER % word, found) for word in (b"offset", b"size")]
        end = sum(int(place[1]) for place in places if place)
        if end > size:
            raise _refused(beside.name, f"it has {size:,} bytes, and {path.name} reads {end:,}")


def _refused(name: str, why: str) -> PullFailed:
    return PullFailed(
        f"{name} cannot be added: {why}.",
        hint="Check that it is the file that you mean, and that it was brought whole.",
    )

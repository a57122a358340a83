"""The clients of the vendors' SDKs, each method of theirs, and what came of calling it."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import anthropic
import byteplussdkarkruntime  # pyright: ignore[reportMissingTypeStubs]
import httpx
import httpx2
import openai
import volcenginesdkarkruntime  # pyright: ignore[reportMissingTypeStubs]

from conformance.house import House

SERVED, UNSERVED, REFUSED, FAILED, NOT_TRIED = (
    "served",
    "unserved",
    "refused",
    "failed",
    "not tried",
)
OUTCOMES = (SERVED, UNSERVED, REFUSED, FAILED, NOT_TRIED)
"""Answered; a 501; another refusal with its sentence; anything else; not called, and why."""
_NO_PATH = "is not served here."
_WORDS: Mapping[str, object] = dict.fromkeys(
    ("audio_sample", "file", "image", "recording", "video", "archive"), ("a.bin", b"x")
)
"""For what is named so, a file; for anything else a letter does."""
_UNMADE = frozenset({"options", "is_closed", "close", "copy"})

Client: TypeAlias = Any
"""A client of whichever vendor's, a part of it, or what one of its methods gives."""
Table: TypeAlias = Mapping[str, Callable[[Client], Mapping[str, Any]]]
"""For a method, what makes its arguments, and before that whatever they name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One method, what it asked, and what came of it."""

    sdk: str
    method: str
    asked: str
    outcome: str
    why: str = ""

    @property
    def resource(self) -> str:
        """The part of the tree that it is in."""
        return self.method.split(".")[1 if self.method.startswith("beta.") else 0]


@dataclass(slots=True)
class Seen:
    """The last request of a client, and the status that it was answered with."""

    asked: str = ""
    status: int = 0

    def response(self, response: Client) -> None:
        """Note it."""
        request = response.request
        self.asked = f"{request.method} {request.url.path}"
        self.status = response.status_code


def clients(at: House) -> Iterator[tuple[str, Client, Seen]]:
    """Each vendor's client, as its programs make it but for the address and the key."""
    for name, make, base in (
        ("openai", openai.OpenAI, "/v1"),
        ("anthropic", anthropic.Anthropic, ""),
        ("volcenginesdkarkruntime", volcenginesdkarkruntime.Ark, "/api/v3"),
        ("byteplussdkarkruntime", byteplussdkarkruntime.Ark, "/api/v3"),
    ):
        seen = Seen()
        hooks = {"response": [seen.response]}
        kind = httpx.Client if base == "/api/v3" else httpx2.Client
        inner: Any = kind(event_hooks=hooks, timeout=20, follow_redirects=True)
        made: Any = make
        more = {"admin_api_key": at.key} if name == "openai" else {}
        with inner:
            yield (
                name,
                made(
                    base_url=at.url + base, api_key=at.key, max_retries=0, http_client=inner, **more
                ),
                seen,
            )


def methods(client: Client) -> dict[str, Callable[..., Any]]:
    """All methods of a client's tree, by their names."""
    found: dict[str, Callable[..., Any]] = {}
    _walk(client, "", found)
    return dict(sorted(found.items()))


def _walk(at: Client, path: str, found: dict[str, Callable[..., Any]]) -> None:
    own: Mapping[str, object] = at.__dict__
    for name in {*dir(at.__class__), *own}:
        if name.startswith(("_", "with_")) or name in _UNMADE:
            continue
        known = inspect.getattr_static(at, name)
        if inspect.isfunction(known):
            if path:
                found[path + name] = getattr(at, name)
        elif isinstance(known, property | functools.cached_property) or name in own:
            child = getattr(at, name)
            if ".resources" in type(child).__module__:
                _walk(child, f"{path}{name}.", found)


def tried(
    client: tuple[str, Client, Seen],
    table: Table,
    not_tried: Mapping[str, str],
    helped: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> Iterator[Row]:
    """Call each method, with the arguments of the table or with any; some are not, and why.

    `helped` is what a method needs at its side, such as a worker.
    """
    sdk, made, seen = client
    for name, method in methods(made).items():
        if name in not_tried:
            yield Row(sdk, name, "", NOT_TRIED, not_tried[name])
            continue
        seen.asked, seen.status = "", 0
        known = name in table
        try:
            with helped(name):
                arguments = table[name](made) if known else _any(method)
                seen.asked, seen.status = "", 0
                _exhaust(method(**arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what came of the call
            outcome, why = _judged(seen, error)
        else:
            outcome, why = SERVED, ""
        if not known and outcome != UNSERVED:
            outcome, why = FAILED, "it is served, and has no line in tools/conformance/calls.py"
        yield Row(sdk, name, seen.asked, outcome, why)


def _any(method: Callable[..., Any]) -> dict[str, Any]:
    """Words for whatever a method must be given; a path that is not served looks at none."""
    named = inspect.signature(method).parameters.values()
    return {
        one.name: _WORDS.get(one.name, "x")
        for one in named
        if one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
    }


def _exhaust(answer: Client) -> None:
    """Read a stream to its end; leave anything else as it is."""
    if hasattr(answer, "__enter__") and hasattr(answer, "__exit__"):
        with answer as opened:
            _exhaust_iterator(opened)
    else:
        _exhaust_iterator(answer)


def _exhaust_iterator(answer: Client) -> None:
    if hasattr(answer, "__next__"):
        for _ in answer:
            pass


def _judged(seen: Seen, error: Exception) -> tuple[str, str]:
    why = " ".join(str(error).split())
    if seen.status == 501:
        return UNSERVED, why
    if 400 <= seen.status < 500 and not (seen.status == 404 and _NO_PATH in why):
        return REFUSED, why
    return FAILED, f"{type(error).__name__}: {why}"

"""Whose manner a path has, the ids of a request, and when a batch call is asked again."""

import pytest

from seedbed.api.ark.manner import MANNERS, Ark, Patient
from seedbed.api.manner import Manners
from seedbed.api.openai.manner import OpenAi
from seedbed.core import errors
from seedbed.core.errors import SeedbedError

SITE = Manners(OpenAi(), MANNERS)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v3", Ark),
        ("/api/v3/models", Ark),
        ("/api/coding/v3/models", Ark),
        ("/api/plan/v3/x", Ark),
        ("/api/v3/batch/embeddings/multimodal", Patient),
        ("/api/v31/models", OpenAi),
        ("/api/coding/v1/messages", OpenAi),
        ("/v1/models", OpenAi),
    ],
)
def test_paths_below_its_bases_are_arks(path: str, kind: type) -> None:
    assert type(SITE.of(path, {})) is kind


def test_the_id_that_a_caller_sent_comes_back_beside_ours() -> None:
    sent = {b"x-client-request-id": b"2026", b"other": b"x"}
    assert Ark().head("req_1", sent) == (
        (b"x-request-id", b"req_1"),
        (b"x-client-request-id", b"2026"),
    )
    assert Ark().head("req_1", {}) == ((b"x-request-id", b"req_1"),)


@pytest.mark.parametrize(
    ("error", "status", "after"),
    [
        (errors.EngineFailed("m", why="it died"), 502, b"5"),
        (errors.SeedbedError("It broke.", hint="Look."), 500, b"5"),
        (errors.ObjectBusy("context", "ctx-1"), 409, b"5"),
        (errors.CapacityExceeded("m", places=1, seconds=7), 429, b"7"),
        (errors.DeadlineExceeded(seconds=9), 422, None),
        (errors.KeyMissing(), 401, None),
    ],
)
def test_a_batch_call_is_told_when_to_ask_again_or_not_to(
    error: SeedbedError, status: int, after: bytes | None
) -> None:
    told = Patient().problem(error, request_id="req_1")
    assert (told.status, dict(told.headers).get(b"retry-after")) == (status, after)

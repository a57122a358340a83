"""Every error goes over the wire with a status, and with OpenAI's type and code."""

import json
from datetime import date

import pytest

from seedbed.api.openai.write import problem
from seedbed.api.problems import STATUS, broken
from seedbed.core import errors
from seedbed.core.errors import SeedbedError

REFUSED, DENIED, SERVER = "invalid_request_error", "authentication_error", "server_error"
TOLD: list[tuple[SeedbedError, int, str, str]] = [
    (broken(), 500, SERVER, "internal_error"),
    (errors.RequestRefused("W.", hint="H."), 400, REFUSED, "request_refused"),
    (errors.RequestMalformed("W.", hint="H."), 400, REFUSED, "request_malformed"),
    (errors.FieldUnserved("n", value="2", because="W."), 400, REFUSED, "field_unserved"),
    (errors.FeatureUnserved("m", "tools"), 400, REFUSED, "feature_unserved"),
    (errors.RequestTooLarge(limit=9), 413, REFUSED, "request_too_large"),
    (errors.RequestTooSlow(seconds=9), 408, REFUSED, "request_too_slow"),
    (errors.HeadTooLarge(limit=9, headers=9), 431, REFUSED, "head_too_large"),
    (errors.UrlTooLong(limit=9), 414, REFUSED, "url_too_long"),
    (errors.CodingUnserved("gzip"), 415, REFUSED, "coding_unserved"),
    (errors.ServerFull(connections=9), 503, SERVER, "server_full"),
    (errors.ServerStopping(), 503, SERVER, "server_stopping"),
    (errors.ModelUnpriced("m", on=date(2026, 1, 1), why="W"), 503, SERVER, "model_unpriced"),
    (
        errors.BudgetReserved("b", left="1", needed="2"),
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
    ),
    (
        errors.BudgetSpent("b", spent="1", left="0", needed="1", until="U"),
        402,
        "insufficient_quota",
        "insufficient_quota",
    ),
    (errors.PromptTooLong("m", tokens=9, window=8), 400, REFUSED, "context_length_exceeded"),
    (errors.ModelUnknown("m", known=()), 404, REFUSED, "model_not_found"),
    (errors.PathUnknown("GET", "/"), 404, REFUSED, "path_unknown"),
    (errors.PathUnserved("/", because="nobody."), 501, REFUSED, "path_unserved"),
    (errors.PathUnknown("GET", "/", allowed=("PUT",)), 405, REFUSED, "path_unknown"),
    (errors.RouteUnknown("req_1"), 404, REFUSED, "route_unknown"),
    (errors.JobUnknown("job_1"), 404, REFUSED, "job_unknown"),
    (errors.ObjectUnknown("file", "file_1"), 404, REFUSED, "object_unknown"),
    (errors.JobRefused("W.", hint="H."), 409, REFUSED, "job_refused"),
    (errors.ObjectBusy("context", "ctx-1"), 409, REFUSED, "object_busy"),
    (errors.OnceDiffers("k"), 422, REFUSED, "once_differs"),
    (errors.CheckUnknown("c", known=()), 400, REFUSED, "check_unknown"),
    (errors.ArtifactUnknown("ab" * 32), 404, REFUSED, "artifact_unknown"),
    (errors.MediumRefused("image", "'h/b'", why="it is empty"), 400, REFUSED, "medium_refused"),
    (errors.SceneMalformed("shots[0]", why="W."), 400, REFUSED, "scene_malformed"),
    (errors.SceneUndrawable("shots[0]", why="W", hint="H."), 400, REFUSED, "scene_undrawable"),
    (errors.ConsentMissing("ada", role="face", why="W"), 400, REFUSED, "consent_missing"),
    (errors.ContentRefused("W"), 400, REFUSED, "moderation_blocked"),
    (errors.ToolsUnreachable("shop", why="it is away"), 424, REFUSED, "tools_unreachable"),
    (errors.RangeOutside("bytes=9-", size=4), 416, REFUSED, "range_outside"),
    (errors.LinkForged(), 403, DENIED, "link_forged"),
    (errors.LinkExpired(until="U"), 403, DENIED, "link_expired"),
    (errors.ArtifactDamaged("ab" * 32, why="W"), 500, SERVER, "artifact_damaged"),
    (errors.AccessDenied("W.", hint="H."), 401, DENIED, "access_denied"),
    (errors.KeyMissing(), 401, DENIED, "invalid_api_key"),
    (errors.KeyUnknown("sb-abcd..."), 401, DENIED, "invalid_api_key"),
    (errors.ScopeMissing("models"), 403, DENIED, "scope_missing"),
    (errors.Unavailable("W.", hint="H.", retry_after=1), 503, SERVER, "unavailable"),
    (errors.CapacityExceeded("m", places=1), 429, "rate_limit_error", "rate_limit_exceeded"),
    (errors.QueueFull("film", most=100), 429, "rate_limit_error", "rate_limit_exceeded"),
    (errors.EngineStarting("m", state="s", retry_after=1), 503, SERVER, "engine_starting"),
    (errors.EngineResting("m", why="w", retry_after=1), 503, SERVER, "engine_resting"),
    (errors.MemoryExceeded("m", needs=2, may=1), 503, SERVER, "memory_exceeded"),
    (errors.DeadlineExceeded(seconds=1), 504, SERVER, "deadline_exceeded"),
    (errors.LedgerUnavailable("W"), 503, SERVER, "ledger_unavailable"),
    (errors.StoreAway(), 503, SERVER, "store_away"),
    (errors.JobBroken("W.", hint="H."), 500, SERVER, "job_broken"),
    (errors.JobDiverged("j", 1, recorded="a", met="b"), 500, SERVER, "job_diverged"),
    (errors.JobOverdue("j", seconds=1), 500, SERVER, "job_overdue"),
    (errors.JobKeyless("j"), 500, SERVER, "job_keyless"),
    (errors.CallbackUndelivered("j", why="W"), 500, SERVER, "callback_undelivered"),
    (errors.JobFatal("j", deaths=5), 500, SERVER, "job_fatal"),
    (errors.JobUnfinished("j", "failed", fault="F."), 500, SERVER, "job_unfinished"),
    (errors.WorkerFenced("w"), 500, SERVER, "worker_fenced"),
    (errors.EngineFailed("m", why="W"), 502, SERVER, "engine_failed"),
    (errors.EngineUnreachable("m", why="W"), 502, SERVER, "engine_unreachable"),
    (errors.AnswerMalformed("m", form="schema", why="W"), 502, SERVER, "answer_malformed"),
    (errors.AnswerUnverified("m", check="quote", why="W"), 502, SERVER, "answer_unverified"),
    (errors.UpstreamRefused("m", status=401, said="W"), 502, SERVER, "upstream_refused"),
    (errors.UpstreamDiffers("m", wanted="a", told="b"), 502, SERVER, "upstream_differs"),
]


def tree(root: type[SeedbedError]) -> set[type[SeedbedError]]:
    return {root}.union(*(tree(child) for child in root.__subclasses__()))


def test_no_error_of_the_tree_is_forgotten_here() -> None:
    operators = tree(errors.SetupIncomplete)
    assert {type(error) for error, *_ in TOLD} == tree(SeedbedError) - operators


def test_what_the_operator_must_mend_is_not_the_callers_business() -> None:
    told = problem(errors.DiskFull("/home/a/b", needed=1, free=0))
    assert told.status == 500
    assert json.loads(told.body)["error"]["code"] == "internal_error"
    assert b"/home" not in told.body


def test_a_store_that_refuses_is_told_as_what_may_be_over_in_a_while() -> None:
    error = errors.StoreUnusable("The database /home/a/b is damaged.", hint="H.", reason="R")
    told = problem(error)
    assert told.status == 503
    assert (b"retry-after", b"5") in told.headers
    assert json.loads(told.body)["error"]["code"] == "store_away"
    assert b"/home" not in told.body


def test_the_table_of_statuses_names_nothing_that_is_not_in_the_tree() -> None:
    assert STATUS.keys() <= tree(SeedbedError)


@pytest.mark.parametrize(
    ("error", "status", "type_", "code"), TOLD, ids=lambda value: getattr(value, "code", None)
)
def test_an_error_is_told_by_status_type_code_and_its_own_sentence(
    error: SeedbedError, status: int, type_: str, code: str
) -> None:
    told = problem(error)
    assert told.status == status
    assert json.loads(told.body) == {
        "error": {
            "message": str(error),
            "type": type_,
            "param": error.facts.get("field"),
            "code": code,
        }
    }


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.CapacityExceeded("m", places=1), ((b"retry-after", b"1"),)),
        (errors.LedgerUnavailable("W"), ((b"retry-after", b"5"),)),
        (errors.PathUnserved("/x", because="nobody."), ((b"x-should-retry", b"false"),)),
        (errors.DeadlineExceeded(seconds=1), ((b"x-should-retry", b"false"),)),
        (errors.PathUnknown("GET", "/", allowed=("PUT", "POST")), ((b"allow", b"PUT, POST"),)),
        (errors.PathUnknown("GET", "/"), ()),
        (errors.EngineFailed("m", why="W"), ()),
        (errors.EngineFailed("m", why="W", retry_after=9), ((b"retry-after", b"9"),)),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_a_client_is_told_whether_and_when_to_try_again(
    error: SeedbedError, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    assert problem(error).headers == headers

import re
from collections.abc import Iterator
from datetime import date
from textwrap import dedent

import pytest

from seedbed.core import errors
from seedbed.core.errors import SeedbedError

HERE = f"{errors.__name__}."

SAMPLES: tuple[SeedbedError, ...] = (
    SeedbedError("It broke.", hint="Look."),
    errors.RequestRefused("It cannot be served.", hint="Change it."),
    errors.RequestMalformed("`n` is 0.", hint="Send 1 or more.", field="n"),
    errors.SceneMalformed("shots[0].id", why="it is 3; it is a string."),
    errors.SceneUndrawable("shots[0]", why="no art is known for a qoph", hint="Draw a cat."),
    errors.ConsentMissing("ann", role="voice", why="the consent was withdrawn"),
    errors.ContentRefused("the operator's check refused it", side="output", of="image"),
    errors.FieldUnserved("seed", value="7", because="no engine has one yet."),
    errors.FeatureUnserved("m", "tools"),
    errors.RequestTooLarge(limit=1_000_000),
    errors.RequestTooSlow(seconds=10),
    errors.CodingUnserved("gzip"),
    errors.HeadTooLarge(limit=65_536, headers=100),
    errors.UrlTooLong(limit=8_192),
    errors.PromptTooLong("m", tokens=5_000, window=4_096),
    errors.ModelUnknown("gpt-9", known=("m", "n")),
    errors.PathUnknown("GET", "/v2"),
    errors.PathUnserved("/v1/responses/compact", because="no engine compacts."),
    errors.ArtifactUnknown("ab" * 32),
    errors.MediumRefused("image", "'https://a/b'", why="its server answered 404"),
    errors.ToolsUnreachable("shop", why="its server answered 404"),
    errors.RangeOutside("bytes=9-", size=4),
    errors.AccessDenied("You may not.", hint="Ask."),
    errors.KeyMissing(),
    errors.KeyUnknown("sb-abcd..."),
    errors.ScopeMissing("admin"),
    errors.LinkForged(),
    errors.LinkExpired(until="2027-01-15 08:00:00Z"),
    errors.Unavailable("Not now.", hint="Later.", retry_after=3),
    errors.CapacityExceeded("m", places=2),
    errors.QueueFull("film", most=100),
    errors.EngineStarting("m", state="loading", retry_after=4),
    errors.EngineResting("m", why="it failed", retry_after=4),
    errors.MemoryExceeded("m", needs=2_000_000, may=1_000_000),
    errors.MemoryExceeded("m", needs=2_000_000, may=1_000_000, kind="graphics memory"),
    errors.BudgetSpent("budget", spent="1 USD", left="0 USD", needed="1 USD", until="May"),
    errors.BudgetReserved("budget", left="1 USD", needed="2 USD"),
    errors.ServerFull(connections=10_000),
    errors.ServerStopping(),
    errors.DeadlineExceeded(seconds=90.0),
    errors.DeadlineExceeded(seconds=2.0, expected=9.5),
    errors.LedgerUnavailable("the disk is full"),
    errors.ModelUnpriced("m", on=date(2027, 1, 1), why="its price has ended"),
    errors.RouteUnknown("req_1"),
    errors.JobUnknown("job_1"),
    errors.ObjectUnknown("file", "file_1"),
    errors.JobRefused("It has ended.", hint="Submit another."),
    errors.ObjectBusy("context", "ctx-1"),
    errors.OnceDiffers("k"),
    errors.CheckUnknown("lint", known=("other",)),
    errors.JobBroken("It broke.", hint="Look."),
    errors.JobDiverged("job_1", 2, recorded="a", met="b"),
    errors.JobOverdue("job_1", seconds=60.0),
    errors.JobKeyless("job_1"),
    errors.CallbackUndelivered("job_1", why="its server says that it is gone"),
    errors.JobFatal("job_1", deaths=5),
    errors.JobUnfinished("job_1", "failed", fault="It broke."),
    errors.WorkerFenced("worker_1"),
    errors.EngineFailed("m", why="it stopped"),
    errors.AnswerMalformed("m", form="schema", why="'n' is missing"),
    errors.AnswerUnverified("m", check="quote", why="'a' does not occur in what was sent"),
    errors.UpstreamRefused("m", status=401, said="no such key"),
    errors.UpstreamDiffers("m", wanted="large", told="small"),
    errors.EngineUnreachable("m", why="connection refused"),
    errors.ArtifactDamaged("ab" * 32, why="its SHA-256 is another"),
    errors.SetupIncomplete("Not ready.", hint="Set it up."),
    errors.SettingRefused("`port` is -1.", hint="Choose another."),
    errors.ModelAbsent("m"),
    errors.ModelDamaged("m", "/models/m"),
    errors.PullFailed("It stopped.", hint="Run it again."),
    errors.DiskFull("/data", needed=5_000_000, free=1_000_000),
    errors.PortTaken("127.0.0.1", 8_000),
    errors.StoreAway(),
    errors.ServerUnreachable("http://127.0.0.1:8000", why="refused"),
    errors.ServerRefused("No model.", code="model_not_found", hint="Name another."),
    errors.StoreUnusable("It is locked.", hint="Wait.", reason="locked"),
    errors.BackupRefused("It is there.", hint="Name another."),
    errors.BackupDamaged("/b", why="seedbed.db is gone"),
)

RELEASED = """
    internal_error
    request_refused request_malformed field_unserved feature_unserved request_too_large
    prompt_too_long model_unknown path_unknown
    access_denied key_missing key_unknown scope_missing
    unavailable capacity_exceeded engine_starting deadline_exceeded ledger_unavailable
    engine_failed engine_unreachable
    setup_incomplete setting_refused model_absent model_damaged pull_failed disk_full port_taken
    server_unreachable server_refused store_unusable
"""


def _tree(kind: type[SeedbedError]) -> Iterator[type[SeedbedError]]:
    yield kind
    for child in _children(kind):
        yield from _tree(child)


def _children(kind: type[SeedbedError]) -> list[type[SeedbedError]]:
    return [child for child in kind.__subclasses__() if child.__module__.startswith(HERE)]


def _drawn() -> list[str]:
    drawing = re.search(r"\n\n( +SeedbedError\n.*?)\n\n", errors.__doc__ or "", re.DOTALL)
    assert drawing
    return [re.split(r"(?<=\w) ", line)[0] for line in dedent(drawing[1]).splitlines()]


def _draw(kind: type[SeedbedError], order: list[str], bars: str = "", below: str = "") -> list[str]:
    children = sorted(_children(kind), key=lambda child: order.index(child.__name__))
    lines = [bars + kind.__name__]
    for child in children:
        last = child is children[-1]
        here, further = ("└── ", "    ") if last else ("├── ", "│   ")
        lines += _draw(child, order, below + here, below + further)
    return lines


def test_the_drawn_tree_is_the_tree_of_the_classes() -> None:
    drawn = _drawn()
    assert drawn == _draw(SeedbedError, [line.split()[-1] for line in drawn])


def test_every_drawn_error_says_in_a_few_words_what_it_is() -> None:
    lines = [line for line in (errors.__doc__ or "").splitlines() if "── " in line]
    assert all(re.search(r"[A-Z]\w+ {2,}\w+ \w+", line) for line in lines)


def test_the_samples_below_cover_every_error() -> None:
    assert {type(sample) for sample in SAMPLES} == set(_tree(SeedbedError))


def test_a_released_code_never_changes() -> None:
    assert {kind.code for kind in _tree(SeedbedError)} >= set(RELEASED.split())


def test_a_code_names_one_error_alone() -> None:
    codes = [kind.code for kind in _tree(SeedbedError)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", [k for k in _tree(SeedbedError) if k is not SeedbedError])
def test_a_code_is_the_name_in_small_letters(kind: type[SeedbedError]) -> None:
    assert kind.code == re.sub(r"(?<=.)(?=[A-Z])", "_", kind.__name__).lower()


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_says_what_happened_and_what_to_do(error: SeedbedError) -> None:
    assert error.what.endswith(".")
    assert error.hint.endswith(".")
    assert str(error) == f"{error.what} {error.hint}"


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_the_values_behind_the_sentence_are_plain(error: SeedbedError) -> None:
    for value in error.facts.values():
        assert value is None or isinstance(value, str | int | float | tuple)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_what_may_be_tried_again_says_when(error: SeedbedError) -> None:
    if isinstance(error, errors.Unavailable):
        assert error.retry_after > 0
        assert error.facts["retry_after"] == error.retry_after
    else:
        assert "retry_after" not in error.facts


def test_a_long_prompt_is_told_by_how_much_to_shorten_it() -> None:
    error = errors.PromptTooLong("m", tokens=5_000, window=4_096)
    assert "5,000" in error.what
    assert "4,096" in error.what
    assert "905 tokens" in error.hint  # one token is left for the answer


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    assert "m, n" in errors.ModelUnknown("x", known=("m", "n")).hint
    assert "Models here: none." in errors.ModelUnknown("x", known=()).hint


def test_a_wrong_method_is_answered_with_the_right_ones() -> None:
    error = errors.PathUnknown("GET", "/v1/chat/completions", allowed=("POST", "OPTIONS"))
    assert error.hint == "This path takes POST, OPTIONS."
    assert error.allowed == ("POST", "OPTIONS")


def test_an_unknown_path_is_answered_with_where_the_paths_are_listed() -> None:
    error = errors.PathUnknown("GET", "/v2")
    assert "docs/reference/http.md" in error.hint
    assert not error.allowed


def test_a_full_disk_says_how_much_is_needed_and_how_much_is_free() -> None:
    error = errors.DiskFull("/data", needed=98_000_000, free=1_000_000)
    assert error.what == "No room in /data: 98 MB are needed, 1 MB are free."


def test_an_absent_model_is_answered_with_the_command_that_brings_it() -> None:
    assert "`seedbed models pull m`" in errors.ModelAbsent("m").hint

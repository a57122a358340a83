import errno
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from seedbed.kit import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Put the logging of the whole process back as it was."""
    root, ours = logging.getLogger(), logging.getLogger("seedbed")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    root.handlers = []  # else `configure` closes those of pytest
    configured = structlog.get_config()
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    structlog.configure(**configured)


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    out, err = capsys.readouterr()
    assert not out  # which belongs to the answers of commands
    return [json.loads(line) for line in err.splitlines()]


def test_an_event_is_one_line_of_json_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True)
    structlog.get_logger("seedbed.test").info("lease.lost", lease="lease_1", micros=7)
    (line,) = _lines(capsys)
    assert line.pop("timestamp")
    assert line == {"event": "lease.lost", "lease": "lease_1", "micros": 7, "level": "info"}


def test_a_warning_of_a_library_looks_like_ours(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True)
    logging.getLogger("library").warning("pool is %s", "full")
    (line,) = _lines(capsys)
    assert (line["event"], line["level"]) == ("pool is full", "warning")


def test_the_chatter_of_libraries_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True)
    logging.getLogger("library").info("connected")
    structlog.get_logger("seedbed.test").debug("step.taken")
    assert _lines(capsys) == []


def test_a_trace_stays_on_the_line_of_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True)
    try:
        raise RuntimeError("it broke")
    except RuntimeError:
        structlog.get_logger("seedbed.test").exception("engine.failed")
    (line,) = _lines(capsys)
    assert "RuntimeError: it broke" in str(line["exception"])


def test_a_terminal_is_shown_words_and_not_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=False)
    structlog.get_logger("seedbed.test").info("lease.lost", lease="lease_1")
    said = capsys.readouterr().err
    assert "lease.lost" in said
    assert "lease_1" in said
    assert not said.startswith("{")


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_trace_never_holds_the_values_of_variables(
    capsys: pytest.CaptureFixture[str], *, json_lines: bool
) -> None:
    logs.configure(json_lines=json_lines)
    key = "-".join(["sb", "hunter2"])
    try:
        raise RuntimeError(len(key))
    except RuntimeError:
        structlog.get_logger("seedbed.test").exception("request.broke")
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert key not in said


def test_a_command_that_is_quiet_tells_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True, quiet=True)
    log = structlog.get_logger("seedbed.test")
    log.info("engine.ready")
    log.warning("engine.ended")
    assert [line["event"] for line in _lines(capsys)] == ["engine.ended"]


def test_a_line_may_say_when_it_happened(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True)
    structlog.get_logger("seedbed.test").info("request.settled", timestamp="2027-01-15T08:00:00Z")
    assert _lines(capsys)[0]["timestamp"] == "2027-01-15T08:00:00Z"


@pytest.mark.parametrize("fact", ["\udc80.gguf", 2**70, 1.5, None, ["a"], {"a": 1}])
def test_every_fact_can_be_told(capsys: pytest.CaptureFixture[str], fact: object) -> None:
    logs.configure(json_lines=True)
    structlog.get_logger("seedbed.test").info("file.found", fact=fact)
    assert _lines(capsys)[0]["fact"] == fact


def test_a_fact_that_json_does_not_know_is_told_as_it_shows_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(json_lines=True)
    structlog.get_logger("seedbed.test").info("file.found", kind=ValueError)
    assert _lines(capsys)[0]["kind"] == "<class 'ValueError'>"


def test_what_a_fact_holds_never_begins_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=True)
    structlog.get_logger("seedbed.test").info("model.unknown", model='a\n{"event": "forged"}')
    assert len(_lines(capsys)) == 1


class Broken(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure(json_lines=True)
    closed = io.StringIO()
    closed.close()
    for stream in (Broken(), closed):
        monkeypatch.setattr("sys.stderr", stream)
        structlog.get_logger("seedbed.test").error("ledger.unwritten")


def test_a_logger_that_was_quiet_speaks_once_it_may(capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger("seedbed.test")
    logs.configure(json_lines=True, quiet=True)
    log.info("engine.ready")
    logs.configure(json_lines=True)
    log.info("engine.ready")
    assert len(_lines(capsys)) == 1


def test_several_events_are_told_at_once_as_each_would_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure(json_lines=True)
    at = "2027-01-15T08:00:00Z"
    log = structlog.get_logger("seedbed.test")
    for number in (1, 2):
        log.info("request.settled", number=number, timestamp=at)
    singly = capsys.readouterr().err
    written: list[str] = []
    monkeypatch.setattr("sys.stderr", said := io.StringIO())
    monkeypatch.setattr(said, "write", written.append)
    logs.tell({"number": number, "timestamp": at, "event": "request.settled"} for number in (1, 2))
    assert written == [singly]


@pytest.mark.parametrize("quiet", [True, False])
def test_several_events_are_told_only_where_one_would_be(
    capsys: pytest.CaptureFixture[str], *, quiet: bool
) -> None:
    logs.configure(json_lines=True, quiet=quiet)
    logs.tell([])
    logs.tell([{"event": "request.settled"}])
    assert len(_lines(capsys)) == (0 if quiet else 1)

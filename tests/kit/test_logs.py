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

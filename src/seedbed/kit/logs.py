"""Logs as events: one line each, a name and facts, JSON for programs and colours for a terminal.

Floor 1. Ours go straight to standard error; the standard library's `logging` is on the way of other
libraries' warnings alone.
"""

import json
import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_encode = msgspec.json.Encoder(enc_hook=repr).encode


class StandardError:
    """Writes lines to wherever standard error leads at that moment.

    A line that cannot be written (a full disk, a reader that has gone) is dropped: nobody is there
    to be told, and whoever logs has other work to do.
    """

    def msg(self, line: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = msg


def configure(*, json_lines: bool, quiet: bool = False) -> None:
    """Send every event, ours and the libraries' warnings, to standard error; `quiet`, of ours only
    warnings, too.
    """
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.MaybeTimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, _json_line]
        if json_lines
        # its default prints the values of local variables, and those may be keys or prompts
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*common, *last],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if quiet else logging.INFO
        ),
        logger_factory=_standard_error,
        cache_logger_on_first_use=False,  # else a logger keeps the level that it was first used at
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def tell(events: Iterable[EventDict]) -> None:
    """Log several events at once, of the level `info`: in one call of the system, and without a
    logger made for each. An event is its facts, with its name as the last of them, `event`.
    """
    configured = structlog.get_config()
    if not structlog.get_logger().is_enabled_for(logging.INFO):
        return
    lines: list[str] = []
    for event in events:
        with suppress(structlog.DropEvent):
            lines.append(_line(configured["processors"], event))
    if lines:
        configured["logger_factory"]().msg("\n".join(lines))


def _line(processors: Iterable[Processor], event: EventDict) -> str:
    line: Any = event
    for process in processors:
        line = process(None, "info", line)
    return line


def _standard_error(*_: object) -> StandardError:
    return StandardError()


def _json_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    try:
        return _encode(event).decode()
    except (ValueError, OverflowError):
        # half a surrogate pair, as names of files may have, or a number beyond 64 bits
        return json.dumps(event, default=repr)

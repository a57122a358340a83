"""Logs as events: one line each, a name and facts, JSON for programs and colours for a terminal.

Floor 1.
"""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure(*, json_lines: bool, quiet: bool = False) -> None:
    """Send every event, ours and the libraries' warnings, to standard error; `quiet`, of ours only
    warnings, too.
    """
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json_lines
        # its default prints the values of local variables, and those may be keys or prompts
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("seedbed").setLevel(logging.WARNING if quiet else logging.INFO)

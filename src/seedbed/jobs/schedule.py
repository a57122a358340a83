"""Cron lines: when one is due next.

Floor 4. The only importer of cronsim. Moments are in epoch microseconds, days are those of UTC.
"""

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from seedbed.core.errors import JobRefused


def following(cron: str, after: int) -> int:
    """The first moment of a cron line after another.

    >>> following("0 6 * * *", 0)
    21600000000

    Raises:
        JobRefused: it is no cron line, or names a moment that never comes.
    """
    try:
        due = next(CronSim(cron, datetime.fromtimestamp(after / 1e6, tz=UTC)))
    except (CronSimError, StopIteration) as error:
        raise JobRefused(
            f"{cron!r} is no cron line: {error or 'it names a moment that never comes'}.",
            hint="Write minute, hour, day, month and weekday, as in `0 6 * * 1-5`; hours are UTC.",
        ) from error
    return round(due.timestamp() * 1e6)

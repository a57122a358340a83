"""Nobody is at fault; the same request may be answered later.

Floor 1.
"""

from datetime import date
from math import ceil

from seedbed.core.errors.base import SeedbedError


class Unavailable(SeedbedError):
    """Nobody is at fault; the same request may be answered after `retry_after` seconds."""

    code = "unavailable"

    def __init__(self, what: str, *, hint: str, retry_after: int, **facts: object) -> None:
        super().__init__(what, hint=hint, retry_after=retry_after, **facts)
        self.retry_after = retry_after


class CapacityExceeded(Unavailable):
    """Every place of the model is taken.

    In `seconds` those who wait are expected to have had theirs.
    """

    code = "capacity_exceeded"

    def __init__(self, model: str, *, places: int, waiting: int = 0, seconds: float = 1.0) -> None:
        retry_after = max(1, ceil(seconds))
        super().__init__(
            f"All {places} places of {model!r} are taken, and {waiting} asks wait for one.",
            hint=f"Try again in {retry_after:,} s, with fewer requests at once.",
            retry_after=retry_after,
            model=model,
            places=places,
            waiting=waiting,
        )


class BudgetReserved(Unavailable):
    """What a budget has left is promised to requests under way, which may not use it all."""

    code = "budget_reserved"

    def __init__(self, budget: str, *, left: str, needed: str) -> None:
        super().__init__(
            f"The {budget} has {left} left that are not promised to requests under way, "
            f"and this request may need up to {needed}.",
            hint="Try again when others are finished, or ask for fewer tokens with `max_tokens`.",
            retry_after=2,
            budget=budget,
            left=left,
            needed=needed,
        )


class QueueFull(Unavailable):
    """As many jobs of a kind wait for a key as may."""

    code = "queue_full"

    def __init__(self, kind: str, *, most: int) -> None:
        super().__init__(
            f"{most:,} jobs of the kind {kind!r} wait for this key, which is as many as may.",
            hint="Submit it again once some of them have begun, or cancel those that nobody wants.",
            retry_after=30,
            kind=kind,
            most=most,
        )


class EngineStarting(Unavailable):
    """The model's engine is being started or restarted."""

    code = "engine_starting"

    def __init__(
        self, model: str, *, state: str, retry_after: int, progress: float | None = None
    ) -> None:
        super().__init__(
            f"The engine of {model!r} is not ready: {state}.",
            hint=f"Try again in {retry_after} s. Its log is in the home's `logs` folder.",
            retry_after=retry_after,
            model=model,
            progress=progress,
        )


class EngineResting(Unavailable):
    """A deployment failed so often that it is left alone for a while."""

    code = "engine_resting"

    def __init__(self, model: str, *, why: str, retry_after: int) -> None:
        super().__init__(
            f"{model!r} is not asked at the moment: {why}.",
            hint="Send the request again later.",
            retry_after=retry_after,
            model=model,
        )


class MemoryExceeded(Unavailable):
    """The model alone is larger than the memory that all models together may hold."""

    code = "memory_exceeded"

    def __init__(self, model: str, *, needs: int, may: int, kind: str = "memory") -> None:
        super().__init__(
            f"Model {model!r} needs {needs / 1e6:,.0f} MB of {kind}, and all models together may "
            f"hold {may / 1e6:,.0f} MB.",
            hint="Its operator gives models more memory, or this one a shorter window or fewer "
            "places.",
            retry_after=3600,
            model=model,
            needs=needs,
            may=may,
        )


class ServerFull(Unavailable):
    """As many connections are open as may be."""

    code = "server_full"

    def __init__(self, *, connections: int) -> None:
        super().__init__(
            f"The server has {connections:,} connections open, which is as many as it takes.",
            hint="Try again shortly, and use one connection for many requests.",
            retry_after=1,
            connections=connections,
        )


class ServerStopping(Unavailable):
    """The server ends, and waits no longer for answers."""

    code = "server_stopping"

    def __init__(self) -> None:
        super().__init__(
            "The server ends, and this answer was cut off.",
            hint="Send the request again; what was made until then is charged.",
            retry_after=5,
        )


class DeadlineExceeded(Unavailable):
    """The answer took longer than it may.

    One that is only `expected` to was not begun.
    """

    code = "deadline_exceeded"

    def __init__(self, *, seconds: float, expected: float | None = None) -> None:
        what = f"The answer was not finished after {seconds:g} s and was stopped."
        hint = "Ask for fewer tokens, or allow it more time: by the `deadline` of the request, if "
        hint += "it has one, or by the setting `longest_answer_seconds`."
        if expected is not None:
            what = f"The answer is due in {seconds:.3g} s and expected in {expected:.3g} s."
            hint = "It was not begun. Try again when fewer ask at once, or allow it more time."
        begun = expected is None
        super().__init__(what, hint=hint, retry_after=1, seconds=seconds, begun=begun)


class LedgerUnavailable(Unavailable):
    """What is spent cannot be written down, so nothing may be spent."""

    code = "ledger_unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The ledger cannot be written: {why}.",
            hint="Nothing is answered unpriced; the operator must make room or repair the store. "
            "What was used so far is kept and written as soon as it can be.",
            retry_after=5,
        )


class StoreAway(Unavailable):
    """What the house keeps cannot be read or written; why is in its log."""

    code = "store_away"

    def __init__(self) -> None:
        super().__init__(
            "What this house keeps cannot be read or written at the moment.",
            hint="Send the request again in a while. The server's log tells more under this "
            "response's x-request-id.",
            retry_after=5,
        )


class ModelUnpriced(Unavailable):
    """No price of the model is in force, and nothing is used unpriced."""

    code = "model_unpriced"

    def __init__(self, model: str, *, on: date, why: str) -> None:
        super().__init__(
            f"Model {model!r} has no price on {on}: {why}.",
            hint="Nothing is used unpriced; the operator puts a price into the home's `prices` "
            "folder or into the model's card.",
            retry_after=3600,
            model=model,
            on=str(on),
            why=why,
        )

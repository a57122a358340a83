"""The caller must bring another key, or more of a budget.

Floor 1.
"""

from seedbed.core.errors.base import SeedbedError


class AccessDenied(SeedbedError):
    """The caller lacks a right."""

    code = "access_denied"


class KeyMissing(AccessDenied):
    """No key was sent."""

    code = "key_missing"

    def __init__(self) -> None:
        super().__init__(
            "No API key was sent.",
            hint="Send it as `Authorization: Bearer KEY`; "
            "`seedbed keys create --name NAME` makes one.",
        )


class KeyUnknown(AccessDenied):
    """The key that was sent is not one of this house."""

    code = "key_unknown"

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"The API key {shown} is not known here.",
            hint="Check for a cut or an old key; `seedbed keys ls` lists the living ones, "
            "`seedbed keys create --name NAME` makes a new one.",
        )


class ScopeMissing(AccessDenied):
    """The key is known and does not carry the right that the call needs."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This key may not do that: it lacks the scope {scope!r}.",
            hint=f"Use a key made with `seedbed keys create --scope {scope}`.",
            scope=scope,
        )


class LinkForged(AccessDenied):
    """The signature of a link is not ours, or the link was changed."""

    code = "link_forged"

    def __init__(self) -> None:
        super().__init__(
            "This link is not one of this house, or was changed on its way.",
            hint="Take it over whole, with all that stands behind the question mark.",
        )


class LinkExpired(AccessDenied):
    """The link was given for a time that is over."""

    code = "link_expired"

    def __init__(self, *, until: str) -> None:
        super().__init__(
            f"This link was good until {until}.",
            hint="Ask whoever gave it to you for a new one.",
            until=until,
        )


class BudgetSpent(SeedbedError):
    """A budget has less left than the request may cost.

    `budget` says which, as in "budget of 5.00 USD a day of project 'web'"; `left`, `spent` and
    `needed` are amounts as text, `until` is when it begins anew, if ever.
    """

    code = "budget_spent"

    def __init__(
        self, budget: str, *, spent: str, left: str, needed: str, until: str | None
    ) -> None:
        wait = f"wait until {until}, " if until else ""
        super().__init__(
            f"The {budget} has too little left: {spent} are used, {left} are left, "
            f"and this request may need up to {needed}.",
            hint=f"Ask for fewer tokens with `max_tokens`, {wait}"
            "or have it raised: with `seedbed keys budget`, and that of a job with `seedbed jobs "
            "resume JOB --cap SUM`.",
            budget=budget,
            spent=spent,
            left=left,
            needed=needed,
            until=until,
        )

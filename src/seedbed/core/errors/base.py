"""What every error of this house has.

Floor 1.
"""

from typing import ClassVar


class SeedbedError(Exception):
    """Base of every error that this house raises on purpose.

    `what` says what happened, with the value; `hint` what the reader can do about it.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, what: str, *, hint: str, **facts: object) -> None:
        super().__init__(f"{what} {hint}")
        self.what, self.hint, self.facts = what, hint, facts

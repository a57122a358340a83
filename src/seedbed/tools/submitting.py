"""Who may submit jobs by a tool.

Floor 5.
"""

from seedbed.core import budget
from seedbed.core.access import Principal
from seedbed.core.errors import AccessDenied


def admit(principal: Principal) -> None:
    """See that somebody may.

    Raises:
        AccessDenied: the caller is a job, whose budget would not bound this one.
    """
    if any(one.owner is budget.Owner.JOB for one in principal.budgets):
        raise AccessDenied("The token of a job submits no jobs.", hint="Use a key.")

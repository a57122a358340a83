"""Calls that waited for somebody's word: which are allowed now, and which are not.

Floor 6. A request is answered by its id, wherever in the conversation it stands. A call that was
made once for an answer is not made for it again.
"""

from collections.abc import Iterable, Sequence

from seedbed.api.openai.responses import words
from seedbed.api.openai.responses.words import Item
from seedbed.core.errors import RequestMalformed
from seedbed.tools.rounds import Approved

APPROVAL = "mcp_approval_response"
"""The type of an item that says whether a call is allowed."""


def approved(items: Sequence[Item]) -> list[Approved]:
    """The calls that are allowed and that have not been made yet.

    Raises:
        RequestMalformed: what is answered was never asked.
    """
    asked = _asked(items)
    made = {one.approval_request_id for one in items if isinstance(one, words.McpCallItem)}
    found: dict[str, Approved] = {}
    for item in items:
        if not isinstance(item, words.ApprovalResponseItem):
            continue
        if (one := asked.get(item.approval_request_id)) is None:
            raise _unasked(item.approval_request_id)
        if item.approve and one.id not in made:
            found[one.id] = Approved(one.id, one.server_label, one.name, one.arguments)
    return list(found.values())


def with_refusals(items: Sequence[Item]) -> list[Item]:
    """The items, with a call that failed in the place of each answer that allowed none."""
    asked, told = _asked(items), list[Item]()
    for item in items:
        if isinstance(item, words.ApprovalResponseItem) and not item.approve:
            if one := asked.get(item.approval_request_id):
                error = f"The user does not allow this call. {item.reason or ''}".rstrip()
                told.append(words.McpCallItem(one.server_label, one.name, one.arguments, "", error))
        else:
            told.append(item)
    return told


def _asked(items: Iterable[Item]) -> dict[str, words.ApprovalRequestItem]:
    return {one.id: one for one in items if isinstance(one, words.ApprovalRequestItem)}


def _unasked(id_: str) -> RequestMalformed:
    return RequestMalformed(
        f"Nothing was asked under the approval_request_id {id_!r}.",
        hint="Send the mcp_approval_request with it, or go on from the response that asked.",
        field="input",
    )

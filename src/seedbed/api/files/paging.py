"""Which part of a list a query wants.

Floor 6. Vendors have different words for it and different bounds; what they mean is one.
"""

from collections.abc import Mapping

from seedbed.api.files.naming import checked
from seedbed.core.errors import RequestMalformed
from seedbed.store.objects import Wish

_ORDERS = {"asc": False, "desc": True}


def read_wish(query: Mapping[str, str], kind: str, *, usual: int, most: int) -> Wish:
    """What `limit`, `after` and `order` ask for, as OpenAI and Ark have them; the newest first.

    Raises:
        RequestMalformed: the limit is no number from 1 to `most`, or the order is none.
        ObjectUnknown: the list cannot go on behind what is no id.
    """
    order = query.get("order") or "desc"
    if order not in _ORDERS:
        raise RequestMalformed(
            f"The order {order[:20]!r} is none.", hint="Take asc or desc.", field="order"
        )
    after = query.get("after")
    return Wish(
        read_limit(query, usual=usual, most=most),
        after=checked(kind, after) if after else None,
        newest_first=_ORDERS[order],
    )


def read_limit(query: Mapping[str, str], *, usual: int, most: int) -> int:
    """How many are wanted at most.

    Raises:
        RequestMalformed: it is no number from 1 to `most`.
    """
    told = query.get("limit") or str(usual)
    if not (told.isascii() and told.isdigit() and len(told) < 9 and 1 <= int(told) <= most):
        raise RequestMalformed(
            f"The limit {told[:20]!r} is none.", hint=f"Take 1 to {most:,}.", field="limit"
        )
    return int(told)

"""Lists, as OpenAI's are paged: which part is wanted, and how it is told.

Floor 6. The next part is that `after` the last id of this one.
"""

from collections.abc import Mapping, Sequence

from seedbed.core.errors import ObjectUnknown, RequestMalformed
from seedbed.store.objects import Wish

_MOST = 100


def read_wish(query: Mapping[str, str], *, most: int = _MOST) -> Wish:
    """Which part of a list is wanted: 20 of it, the newest first, unless the query says otherwise.

    Raises:
        RequestMalformed: it says what is no number, out of range, or no order.
    """
    limit, order = query.get("limit", "20"), query.get("order", "desc")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= most):
        raise _wrong("limit", limit, f"Send a number from 1 to {most}.")
    if order not in {"asc", "desc"}:
        raise _wrong("order", order, "Send asc, or desc.")
    return Wish(int(limit), query.get("after"), query.get("before"), order == "desc")


def told(data: Sequence[Mapping[str, object]], *, has_more: bool) -> dict[str, object]:
    """A part of a list; each of `data` has an id."""
    ends = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {
        "object": "list",
        "data": data,
        "first_id": ends[0],
        "last_id": ends[1],
        "has_more": has_more,
    }


def part(data: Sequence[Mapping[str, object]], wish: Wish) -> dict[str, object]:
    """The part that is wished for of what is known whole, the oldest first.

    Raises:
        ObjectUnknown: there is none of the id that the part begins or ends at.
    """
    ordered = list(reversed(data)) if wish.newest_first else list(data)
    turned = wish.before is not None
    edge = wish.before if turned else wish.after
    if edge is not None:
        places = [at for at, one in enumerate(ordered) if one["id"] == edge]
        if not places:
            raise ObjectUnknown("item", edge)
        ordered = ordered[: places[0]] if turned else ordered[places[0] + 1 :]
    found = ordered[-wish.limit :] if turned else ordered[: wish.limit]
    return told(found, has_more=len(ordered) > wish.limit)


def _wrong(name: str, value: str, hint: str) -> RequestMalformed:
    return RequestMalformed(f"Parameter {name!r} is {value[:40]!r}.", hint=hint, field=name)

"""Lists of texts, as embedding and ranking take them.

Floor 6.
"""

from collections.abc import Sequence

from seedbed.core.errors import RequestMalformed

MOST_TEXTS = 2048
"""How many texts one call takes."""


def read_texts(texts: Sequence[str], *, field: str) -> tuple[str, ...]:
    """The texts of that field.

    Raises:
        RequestMalformed: there is none, or they are too many, or one is empty.
    """
    if not 0 < len(texts) <= MOST_TEXTS:
        raise RequestMalformed(
            f"Field {field!r} holds {len(texts):,} texts.",
            hint=f"Send 1 to {MOST_TEXTS:,} at once.",
            field=field,
        )
    if "" in texts:
        raise RequestMalformed(
            f"Field {field!r} holds an empty text, number {texts.index('')}.",
            hint="Leave it out.",
            field=field,
        )
    return tuple(texts)

"""Signing what is sent to whoever wanted to be told, as the Standard Webhooks specification has it.

Floor 1. Whoever has the key can tell that a message is ours, that nothing in it was changed, and
when it was sent; libraries for many languages do so.
"""

import hmac
from base64 import b64encode
from hashlib import sha256

_PREFIX = "whsec_"


def signed(key: bytes, id_: str, at: int, body: bytes) -> tuple[tuple[str, str], ...]:
    """The headers of a message: its id, the moment of its sending in epoch seconds, a signature.

    >>> signed(b"key", "msg_1", 1_800_000_000, b"{}")[2]
    ('webhook-signature', 'v1,D6DRRJLC8soj8bgTK1SJSuhT5tCaVtKrmqAtUfehPNc=')
    """
    mac = hmac.digest(key, b"%b.%d.%b" % (id_.encode(), at, body), sha256)
    return (
        ("webhook-id", id_),
        ("webhook-timestamp", str(at)),
        ("webhook-signature", f"v1,{b64encode(mac).decode()}"),
    )


def written(key: bytes) -> str:
    """A key in the form in which such libraries take it.

    >>> written(b"key")
    'whsec_a2V5'
    """
    return _PREFIX + b64encode(key).decode()

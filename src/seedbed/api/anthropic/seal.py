"""Seals of thoughts: what proves that one comes back as it was told.

Floor 6. A seal is an HMAC-SHA256 over the model's name and the text, with a secret of the house. A
seal that is not ours is its maker's to judge, and goes to the model unread.
"""

import base64
import hmac
import json

from seedbed.core.value import value

_OURS = b"seedbed."


@value
class Sealer:
    """Seals thoughts with that secret, and knows its own seals again."""

    secret: bytes

    def seal(self, model: str, text: str) -> bytes:
        """The seal of what that model thought; it names the model."""
        return _OURS + base64.urlsafe_b64encode(model.encode()) + b"." + self._sign(model, text)

    def is_ours(self, seal: bytes) -> bool:
        """Whether it looks like one of ours."""
        return seal.startswith(_OURS)

    def proves(self, seal: bytes, text: str) -> bool:
        """Whether it is our seal of that text."""
        name, _, signature = seal.removeprefix(_OURS).partition(b".")
        try:
            model = base64.b64decode(name, altchars=b"-_", validate=True).decode()
        except ValueError:
            return False
        return hmac.compare_digest(signature, self._sign(model, text))

    def _sign(self, model: str, text: str) -> bytes:
        said = json.dumps([model, text]).encode()
        return base64.urlsafe_b64encode(hmac.digest(self.secret, said, "sha256"))

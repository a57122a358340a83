"""What must hold before a Scene is drawn and after: consents, and the safety of what is shown.

Floor 5.
"""

from dataclasses import dataclass
from pathlib import Path

from seedbed.core.job import Owner
from seedbed.core.scene.scene import Scene
from seedbed.media.consenting import Consenting
from seedbed.media.safety import Judged, Safety


@dataclass(frozen=True, slots=True)
class Rules:
    """Asks both."""

    consenting: Consenting
    safety: Safety

    async def permit(self, scene: Scene, owner: Owner) -> None:
        """See that a Scene may be made.

        Raises:
            ConsentMissing: a face or a voice in it may not be used.
            ContentRefused: it is not made here.
        """
        await self.consenting.permit(scene, owner)
        await self.safety.before(Judged(scene.said, scene, kind="video"))

    async def release(self, scene: Scene, owner: Owner, film: Path) -> None:
        """See that what was made of it may be handed out.

        Raises:
            ConsentMissing: a consent was withdrawn meanwhile.
            ContentRefused: it is not handed out.
        """
        await self.consenting.permit(scene, owner)
        await self.safety.after(Judged(scene.said, scene, (film,), kind="video"))

    async def note(self, scene: Scene, artifact: str, job: str) -> None:
        """Note what was made with which consent; `artifact` is its hash."""
        await self.consenting.note(scene, artifact, job=job)

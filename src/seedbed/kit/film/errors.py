"""What can be wrong with a film, a still or a sound that is made or read here.

Floor 1. The sentences hold numbers and reasons, and never a path.
"""

from seedbed.kit.media.errors import MediumFault


class FilmFault(MediumFault):
    """It cannot be made, read or joined; the sentence says why."""


class NoRoom(FilmFault):
    """What is written does not fit on the disk."""

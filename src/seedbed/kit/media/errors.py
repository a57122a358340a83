"""What can be wrong with a medium of a stranger's.

Floor 1. The sentences hold hosts, numbers and reasons, and never a path, a query or a secret.
"""


class MediumFault(Exception):
    """A medium cannot be had, or not be read; the sentence says why."""


class Inward(MediumFault):
    """An address leads into the house's own network, or to a port that nothing is fetched from."""

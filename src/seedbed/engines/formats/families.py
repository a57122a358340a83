"""Chooses the family that a chat template is of.

Floor 3. To add one, write its file and put it in the list.
"""

from seedbed.engines.formats import hermes, llama, mistral, plain
from seedbed.engines.formats.base import Family

FAMILIES: tuple[Family, ...] = (
    mistral.NAMED,
    mistral.LISTED,
    hermes.FAMILY,
    llama.FAMILY,
    plain.FAMILY,
)
"""The first that reads a template is taken; the last reads them all."""


def family_of(template: str) -> Family:
    """The family of models with that chat template."""
    return next(family for family in FAMILIES if family.reads(template))

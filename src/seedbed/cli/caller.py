"""On whose behalf a command acts.

Floor 6.
"""

from seedbed.cli.house import House
from seedbed.core.access import Principal
from seedbed.core.errors import KeyMissing, KeyUnknown
from seedbed.core.job import Owner
from seedbed.store.keys import shown


def caller(house: House) -> Principal:
    """Whoever the key in SEEDBED_KEY is of, or the first key.

    Raises:
        KeyMissing: there is neither.
        KeyUnknown: it is not one of ours.
    """
    secret = house.key or (house.key_file.read_text() if house.key_file.exists() else "")
    if not secret.strip():
        raise KeyMissing
    found = house.keys().find_now(secret.strip())
    if found is None:
        raise KeyUnknown(shown(secret.strip()))
    return found


def owner(house: House) -> Owner:
    """The same as the owner of a job."""
    who = caller(house)
    return Owner(who.user, who.project, who.key)

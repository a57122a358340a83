"""`seedbed keys budget`: set a budget, take it away, and see what is used of it.

Floor 6.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeAlias

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.cli.standing import Standing
from seedbed.core.access import payer
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import SettingRefused
from seedbed.core.money import MICROS
from seedbed.kit import ids

Whose: TypeAlias = tuple[Owner, str]
"""A kind of owner, and a key's id or the project's or user's name."""

WINDOW = click.Choice([window.value for window in Window])
_SUM = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(?: ?([A-Z]{3}))?")


@click.command("budget")
@click.option("--key", metavar="NAME", help="The budgets of a key.")
@click.option("--project", metavar="NAME", help="Those of a project: of all its keys together.")
@click.option("--user", metavar="NAME", help="Those of a user: of all their keys together.")
@click.option("--money", "cap", metavar="SUM", help="Set the most that may be spent, as in 5.00.")
@click.option("--tokens", type=int, metavar="NUMBER", help="Set the most tokens, both ways.")
@click.option("--window", type=WINDOW, help="How long it lasts before it begins anew.  [month]")
@click.option("--warn", type=int, metavar="NUMBER", help="Warn past so many per cent.  [80]")
@click.option("--remove", is_flag=True, help="Take them away, or those of that --window alone.")
@show.json_option
@pass_house
def budget(  # noqa: PLR0913 - each is an option
    house: House,
    *,
    key: str | None,
    project: str | None,
    user: str | None,
    cap: str | None,
    tokens: int | None,
    window: str | None,
    warn: int | None,
    remove: bool,
    as_json: bool,
) -> None:
    """See the budgets, set one, or take some away. Days and months are those of UTC."""
    named = {Owner.KEY: key, Owner.PROJECT: project, Owner.USER: user}
    whose = _whose(house, named, living=not remove)
    asked = {"--money": cap is not None, "--tokens": tokens is not None, "--remove": remove}
    changes = [word for word, given in asked.items() if given]
    if len(changes) > 1:
        raise click.UsageError(f"{' and '.join(changes)} do not go together; give one of them.")
    if changes and whose is None:
        raise click.UsageError(f"{changes[0]} of whom? Add --key, --project or --user.")
    if not changes and (warn is not None or (window and whose)):
        raise click.UsageError("Say what the budget holds with --money or --tokens.")
    if whose and remove:
        _remove(house, whose, window)
    elif whose and changes:
        measure = Measure.TOKENS if cap is None else Measure.MONEY
        most = tokens or 0 if cap is None else money(house, cap)
        _set(house, new_budget(house, whose, window, (measure, most), warn))
    _list(house, whose, as_json=as_json)


def money(house: House, text: str) -> int:
    """A sum of money that a caller gave, in millionths of the ledger's currency.

    Raises:
        SettingRefused: it is no sum, or one of another currency.
    """
    currency = house.hardware.currency
    found = _SUM.fullmatch(text)
    if found is None:
        raise SettingRefused(
            f"{text!r} is no sum of money.",
            hint="Give digits, such as 5 or 0.25: nine before the point and six behind it at most.",
        )
    if found[2] not in {None, currency}:
        raise SettingRefused(
            f"{text!r} is in {found[2]}, and the ledger counts in {currency}.",
            hint=f"Give the budget in {currency}; a rate is for prices only.",
        )
    return int(Decimal(found[1]) * MICROS)


def new_budget(
    house: House,
    whose: Whose,
    window: str | None,
    holds: tuple[Measure, int],
    warn: int | None = None,
) -> Budget:
    """A budget of that owner in the ledger's currency."""
    owner, subject = whose
    measure, cap = holds
    return Budget(
        ids.fresh("budget"),
        owner,
        subject,
        Window(window or Window.MONTH),
        measure,
        cap,
        house.hardware.currency,
        80 if warn is None else warn,
    )


def _whose(house: House, named: Mapping[Owner, str | None], *, living: bool) -> Whose | None:
    """The owner that the caller names, if one; with `living`, no key that was revoked.

    Raises:
        SettingRefused: there is no such key, or it was revoked.
    """
    given = [(owner, name) for owner, name in named.items() if name is not None]
    if len(given) > 1:
        words = " and ".join(f"--{owner}" for owner, _ in given)
        raise click.UsageError(f"{words} do not go together; give one of them.")
    if not given or given[0][0] is not Owner.KEY:
        return given[0] if given else None
    name = given[0][1]
    key = next((key for key in house.keys().all() if key.name == name), None)
    if key is None or (living and key.revoked is not None):
        raise SettingRefused(
            f"There is no key named {name!r}."
            if key is None
            else f"The key {name!r} was revoked at {show.moment(key.revoked or 0)}.",
            hint="`seedbed keys ls` lists the keys.",
        )
    return Owner.KEY, key.id


def _set(house: House, wanted: Budget) -> None:
    house.budgets().set_budget(wanted, actor=house.operator, now=_now(house))
    owner, name = wanted.owner, wanted.subject
    living = [key.principal for key in house.keys().all() if key.revoked is None]
    owners = {
        Owner.PROJECT: {payer(of.project) for of in living},
        Owner.USER: {of.user for of in living},
    }
    if owner in owners and name not in owners[owner]:
        near = get_close_matches(name, owners[owner], 1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        show.ERR.print(
            f"No key is of the {owner} {name!r} yet, so nothing counts towards this budget. "
            f"{meant}`seedbed keys ls` lists the keys with their projects and users.",
            markup=False,
            soft_wrap=True,
        )


def _remove(house: House, whose: Whose, window: str | None) -> None:
    found = [one for one, _, _ in _of(house, whose) if window in {None, one.window}]
    if not found:
        a_window = f" with the window {window!r}" if window else ""
        raise SettingRefused(
            f"There is no budget of that {whose[0]}{a_window}.",
            hint="`seedbed keys budget` lists those that there are.",
        )
    for one in found:
        house.budgets().remove(one, actor=house.operator, now=_now(house))


def _of(house: House, whose: Whose | None) -> list[tuple[Budget, int, int]]:
    every = house.budgets().all_with_use(_now(house))
    return [one for one in every if whose in {None, (one[0].owner, one[0].subject)}]


def _list(house: House, whose: Whose | None, *, as_json: bool) -> None:
    standing = Standing(_of(house, whose), _now(house))
    if as_json:
        show.as_json(standing.told())
    elif standing.found:
        standing.table()
    else:
        show.OUT.print("There is no budget. Set one with --money or --tokens.", markup=False)


def _now(house: House) -> int:
    return round(house.clock.wall() * 1e6)

"""`seedbed keys create | ls | revoke | budget`.

Floor 6.
"""

import click

from seedbed.cli import show
from seedbed.cli.budgets import WINDOW, budget, money, new_budget
from seedbed.cli.house import House, pass_house
from seedbed.core.access import Scope, payer, private
from seedbed.core.budget import Measure, Owner
from seedbed.core.errors import SettingRefused
from seedbed.kit import ids
from seedbed.store.keys import Key


@click.group()
def keys() -> None:
    """Keys: who may ask, and how much."""


keys.add_command(budget)


@keys.command("create")
@click.option("--name", required=True, help="What to call it; no two keys share a name.")
@click.option("--user", help="Who it is for; without it the key's own name.")
@click.option("--project", default="default", show_default=True, help="Whose use it counts as.")
@click.option(
    "--private",
    "is_private",
    is_flag=True,
    help="In a project of its own within that one: the other keys share its budgets and nothing "
    "else with it.",
)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=(Scope.MODELS.value,),
    show_default=True,
    help="What it may do; may be given more than once.",
)
@click.option("--budget", "cap", metavar="SUM", help="The most that it may spend in a window.")
@click.option("--window", type=WINDOW, help="How long the budget lasts.  [month]")
@show.json_option
@pass_house
def create(  # noqa: PLR0913 - each is an option
    house: House,
    *,
    name: str,
    user: str | None,
    project: str,
    is_private: bool,
    scopes: tuple[str, ...],
    cap: str | None,
    window: str | None,
    as_json: bool,
) -> None:
    """Make a key and print it. It is printed this once and kept only as a digest.

    A private key is followed by another when that is made with its whole project, as `ls` tells it.
    """
    if window and cap is None:
        raise click.UsageError("--window of which budget? Say how much with --budget.")
    micros = None if cap is None else money(house, cap)
    now = round(house.clock.wall() * 1e6)
    key, secret = house.keys().create(
        name,
        user=user or name,
        project=_within(project) if is_private else project,
        scopes=frozenset(Scope(scope) for scope in scopes),
        now=now,
        actor=house.operator,
    )
    if micros is not None:
        wanted = new_budget(house, (Owner.KEY, key.id), window, (Measure.MONEY, micros))
        house.budgets().set_budget(wanted, actor=house.operator, now=now)
    if as_json:
        show.as_json(_told(key) | {"key": secret})
    else:
        show.OUT.print(f"[bold]{secret}[/]", soft_wrap=True)
        show.ERR.print("Keep it: it is not shown again.")


@keys.command("ls")
@show.json_option
@pass_house
def ls(house: House, *, as_json: bool) -> None:
    """List the keys, revoked ones included, without their secrets."""
    found = house.keys().all()
    if as_json:
        show.as_json([_told(key) for key in found])
        return
    show.table(
        ("name", "key", "user", "project", "scopes", "created", "revoked"),
        [
            (
                key.name,
                key.shown,
                key.principal.user,
                key.principal.project,
                " ".join(sorted(key.principal.scopes)),
                show.moment(key.created),
                "" if key.revoked is None else show.moment(key.revoked),
            )
            for key in found
        ],
    )


@keys.command("revoke")
@click.argument("name")
@show.json_option
@pass_house
def revoke(house: House, name: str, *, as_json: bool) -> None:
    """End a key for good. Its name stays taken, and what it used stays in the ledger."""
    now = round(house.clock.wall() * 1e6)
    key = house.keys().revoke(name, now=now, actor=house.operator)
    if as_json:
        show.as_json(_told(key))
        return
    show.OUT.print(
        f"The key {name!r} is revoked. A server that runs takes it for five seconds more at the "
        "most.",
        markup=False,
        soft_wrap=True,
    )


def _within(project: str) -> str:
    """A new private project within a project.

    Raises:
        SettingRefused: that is a private one itself.
    """
    if payer(project) != project:
        raise SettingRefused(
            f"The project {project!r} is private already.",
            hint="Leave out `--private`, and the key sees what the keys of that project see.",
        )
    return private(project, ids.fresh("private"))


def _told(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "key": key.shown,
        "user": key.principal.user,
        "project": key.principal.project,
        "scopes": sorted(key.principal.scopes),
        "created": show.moment(key.created),
        "revoked": None if key.revoked is None else show.moment(key.revoked),
    }

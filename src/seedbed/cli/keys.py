"""`seedbed keys create | ls`.

Floor 6.
"""

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.access import Scope


@click.group()
def keys() -> None:
    """Keys: who may ask."""


@keys.command("create")
@click.option("--name", required=True, help="What to call it; no two keys share a name.")
@click.option("--project", default="default", show_default=True, help="Whose use it counts as.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=(Scope.MODELS.value,),
    show_default=True,
    help="What it may do; may be given more than once.",
)
@show.json_option
@pass_house
def create(
    house: House, name: str, project: str, scopes: tuple[str, ...], *, as_json: bool
) -> None:
    """Make a key and print it. It is printed this once and kept only as a digest."""
    key, secret = house.keys().create(
        name,
        user=name,
        project=project,
        scopes=frozenset(Scope(scope) for scope in scopes),
        now=round(house.clock.wall() * 1e6),
    )
    if as_json:
        show.as_json(
            {
                "id": key.id,
                "name": name,
                "project": project,
                "scopes": sorted(key.principal.scopes),
                "key": secret,
            }
        )
    else:
        show.OUT.print(f"[bold]{secret}[/]", soft_wrap=True)
        show.ERR.print("Keep it: it is not shown again.")


@keys.command("ls")
@show.json_option
@pass_house
def ls(house: House, *, as_json: bool) -> None:
    """List the keys, without their secrets."""
    found = house.keys().all()
    if as_json:
        show.as_json(
            [
                {
                    "id": key.id,
                    "name": key.name,
                    "key": key.shown,
                    "project": key.principal.project,
                    "scopes": sorted(key.principal.scopes),
                    "created": show.moment(key.created),
                }
                for key in found
            ]
        )
        return
    show.table(
        ("name", "key", "project", "scopes", "created"),
        [
            (
                key.name,
                key.shown,
                key.principal.project,
                " ".join(sorted(key.principal.scopes)),
                show.moment(key.created),
            )
            for key in found
        ],
    )

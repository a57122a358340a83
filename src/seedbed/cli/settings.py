"""`seedbed settings`.

Floor 6.
"""

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house


@click.command()
@show.json_option
@pass_house
def settings(house: House, *, as_json: bool) -> None:
    """Every setting as it stands, and where it came from."""
    if as_json:
        show.as_json(
            {row.name: {"value": row.value, "origin": row.origin} for row in house.settings}
        )
        return
    rows = [(row.name, row.value, row.origin) for row in house.settings]
    show.table(("setting", "value", "from"), rows)

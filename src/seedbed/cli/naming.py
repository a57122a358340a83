"""`seedbed models name`: other names that a model answers to.

Floor 6. Where they are kept is `seedbed.store.naming`.
"""

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.store.naming import write_names


@click.command("name")
@click.argument("model")
@click.argument("names", nargs=-1, required=True)
@click.option("--forget", is_flag=True, help="Take the names away instead.")
@show.json_option
@pass_house
def name(house: House, model: str, names: tuple[str, ...], *, forget: bool, as_json: bool) -> None:
    """Have the model MODEL answer to NAMES, too, such as those that a program goes by."""
    had = house.catalogue.find(model).known_as
    left = [one for one in had if one not in names]
    known_as = left if forget else [*left, *dict.fromkeys(names)]
    write_names(house.home / "catalogue", house.catalogue, model, known_as)
    if as_json:
        show.as_json({"name": model, "known_as": known_as})
        return
    also = f"is known as {', '.join(known_as)}, too" if known_as else "has no other name"
    show.OUT.print(f"{model} {also}.", markup=False)
    if model in house.serves and house.daemon(None).find():
        show.ERR.print(
            "The server that runs learns of it when it is started again: "
            "`seedbed down`, then `seedbed up`.",
            markup=False,
        )

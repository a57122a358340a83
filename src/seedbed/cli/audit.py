"""`seedbed audit`: who changed which key or budget.

Floor 6.
"""

from collections.abc import Mapping

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.store.audit import Act


@click.command()
@click.option(
    "--last",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="How many of the newest changes to list.",
)
@show.json_option
@pass_house
def audit(house: House, *, last: int, as_json: bool) -> None:
    """Who changed keys and budgets, and when. The newest change comes last."""
    acts = house.audit().last(last)
    names = {key.id: key.name for key in house.keys().all()}
    if as_json:
        show.as_json([_told(act, names) for act in acts])
    elif not acts:
        show.OUT.print("Nothing has been changed yet.", markup=False)
    else:
        show.table(
            ("when", "who", "what", "of", "how"),
            [
                (show.moment(act.at), act.actor, act.action, _subject(act, names), _how(act))
                for act in reversed(acts)
            ],
        )


def _told(act: Act, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "at": show.moment(act.at),
        "actor": act.actor,
        "action": act.action,
        "subject": _subject(act, names),
        "facts": dict(act.facts),
    }


def _subject(act: Act, names: Mapping[str, str]) -> str:
    """What was changed: a kind, and a key's name in place of its id."""
    kind, _, name = act.subject.partition(" ")
    return f"{kind} {names.get(name, name)}"


def _how(act: Act) -> str:
    """The facts of a change in few words."""
    if not act.action.startswith("budget."):
        return ", ".join(f"{name} {value}" for name, value in act.facts.items() if name != "name")
    facts = {**act.facts}
    before = facts.pop("cap_before", None)
    one = _budget(facts)
    window = "in all" if one.window is Window.ALL else f"a {one.window}"
    was = f", before {one.say(int(str(before)))}" if before is not None else ""
    return f"{one.say(one.cap)} {window}, warns at {one.warn} %{was}"


def _budget(facts: Mapping[str, object]) -> Budget:
    return Budget(
        "-",
        Owner.KEY,
        "-",
        Window(facts["window"]),
        Measure(facts["measure"]),
        int(str(facts["cap"])),
        str(facts["currency"]),
        int(str(facts["warn"])),
    )

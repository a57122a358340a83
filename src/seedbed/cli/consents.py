"""`seedbed consents add | ls | show | withdraw`.

Floor 6. Works on the house itself, as its operator; the server has the same at `/v1/consents`.
"""

import mimetypes
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime, time

import anyio
import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.artifact import PLAIN, is_hash
from seedbed.core.consent import Consent, Kind, Made, Use
from seedbed.kit import ids
from seedbed.store.consents import KIND

_ID = click.argument("id_", metavar="ID")


@click.group()
def consents() -> None:
    """Consents: whose face or voice may be used, for what, until when."""


@consents.command("add")
@click.option("--who", required=True, help="Whose face or voice it is.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in Kind]))
@click.option("--purpose", required=True, help="What for, in the words of who consents.")
@click.option(
    "--use",
    "uses",
    type=click.Choice([use.value for use in Use]),
    multiple=True,
    required=True,
    help="What may be made with it; may be given more than once.",
)
@click.option("--until", type=show.DAY, help="The first day on which it holds no more, in UTC.")
@click.option(
    "--evidence", required=True, metavar="FILE|HASH", help="What shows it; kept for good."
)
@click.option("--project", default="default", show_default=True, help="Whose keys may use it.")
@show.json_option
@pass_house
def add(  # noqa: PLR0913 - each is an option
    house: House,
    *,
    who: str,
    kind: str,
    purpose: str,
    uses: tuple[str, ...],
    until: date | None,
    evidence: str,
    project: str,
    as_json: bool,
) -> None:
    """Record a consent."""
    end = None if until is None else datetime.combine(until, time(), UTC).timestamp() * 1e6
    one = Consent(
        *(ids.fresh(KIND), project, who, Kind(kind), purpose),
        tuple(Use(use) for use in dict.fromkeys(uses)),
        evidence,
        _now(house),
        until=None if end is None else round(end),
    )
    one = anyio.run(_recorded, house, one)
    if as_json:
        show.as_json(_told(one))
    else:
        show.OUT.print(one.id)
        show.say("Name it with the references that it is for.")


@consents.command("ls")
@click.option("--project", help="Those of one project alone.")
@click.option("--last", type=click.IntRange(1, 10_000), default=20, show_default=True)
@show.json_option
@pass_house
def ls(house: House, *, project: str | None, last: int, as_json: bool) -> None:
    """List the newest consents, the newest first, those that hold no more included."""

    async def read() -> list[Consent]:
        return await house.consents().newest(project=project, last=last)

    found = anyio.run(read)
    if as_json:
        show.as_json([_told(one) for one in found])
        return
    columns = ("consent", "who", "kind", "for", "project", "recorded", "holds")
    show.table(columns, [(*_cells(one), _holds(one, _now(house))) for one in found])


@consents.command("show")
@_ID
@show.json_option
@pass_house
def show_one(house: House, id_: str, *, as_json: bool) -> None:
    """Tell all that is known of a consent, and what was made with it."""

    async def read() -> tuple[Consent, list[Made]]:
        kept = house.consents()
        return await kept.find(id_), await kept.made(id_)

    one, made = anyio.run(read)
    if as_json:
        show.as_json(_told(one) | {"made": [_told_of(each) for each in made]})
        return
    facts = dict(zip(("id", "who", "kind", "for", "project", "recorded"), _cells(one), strict=True))
    facts |= {"purpose": one.purpose, "evidence": one.evidence, "holds": _holds(one, _now(house))}
    show.table(("", ""), list(facts.items()))
    if made:
        rows = [(each.artifact, each.job, show.moment(each.at)) for each in made]
        show.table(("made with it", "by", "when"), rows)


@consents.command("withdraw")
@_ID
@show.json_option
@pass_house
def withdraw(house: House, id_: str, *, as_json: bool) -> None:
    """Let a consent hold no more. Jobs that wait and name it are cancelled; it stays on record."""

    async def write() -> tuple[Consent, list[str], list[Made]]:
        kept = house.consents()
        one, jobs = await kept.withdraw(id_, actor=house.operator, now=_now(house))
        return one, jobs, await kept.made(id_)

    one, jobs, made = anyio.run(write)
    if as_json:
        told = {"cancelled": jobs, "made": [_told_of(each) for each in made]}
        show.as_json(_told(one) | told)
        return
    show.say(
        f"It holds no more. Jobs that were cancelled: {len(jobs)}; files that were made with it: "
        f"{len(made)}, which `seedbed consents show {id_}` lists.",
        on=show.OUT,
    )


async def _recorded(house: House, one: Consent) -> Consent:
    """The consent as it is recorded, with the hash of its evidence."""
    if not is_hash(one.evidence):
        file = anyio.Path(one.evidence)
        if not await file.is_file():
            raise click.UsageError(f"{one.evidence!r} is neither a file nor the hash of one.")
        media = mimetypes.guess_type(file.name)[0] or PLAIN
        kept = await house.artifacts().put(
            _read(file), media, holder=one.id, project=one.project, name=file.name
        )
        one = replace(one, evidence=kept.hash)
    await house.consents().record(one, actor=house.operator)
    return one


async def _read(file: anyio.Path) -> AsyncGenerator[bytes]:
    async with await file.open("rb") as opened:
        while piece := await opened.read(1 << 20):
            yield piece


def _cells(one: Consent) -> tuple[str, ...]:
    uses = ", ".join(one.uses)
    return one.id, one.who, one.kind.value, uses, one.project, show.moment(one.at)


def _holds(one: Consent, now: int) -> str:
    if one.withdrawn is not None:
        return f"withdrawn {show.moment(one.withdrawn)}"
    if one.until is None:
        return "for good"
    return f"{'until' if now < one.until else 'ended'} {show.moment(one.until)}"


def _told(one: Consent) -> dict[str, object]:
    return {
        "id": one.id,
        "project": one.project,
        "who": one.who,
        "kind": one.kind.value,
        "purpose": one.purpose,
        "uses": [use.value for use in one.uses],
        "evidence": one.evidence,
        "recorded": show.moment(one.at),
        "until": None if one.until is None else show.moment(one.until),
        "withdrawn": None if one.withdrawn is None else show.moment(one.withdrawn),
    }


def _told_of(one: Made) -> dict[str, object]:
    return {"artifact": one.artifact, "job": one.job, "at": show.moment(one.at)}


def _now(house: House) -> int:
    return round(house.clock.wall() * 1e6)

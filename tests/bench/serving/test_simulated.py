"""The simulator, told of runs that went exactly as it would have them go, and of others."""

import os
from collections.abc import Mapping, Sequence

import anyio
import pytest

from seedbed.bench.serving.chats import Chat, Got
from seedbed.bench.serving.simulated import FITTED, JUDGED, check, first_form
from seedbed.bench.serving.targets import Spent
from seedbed.bench.simulate.fleet import Group
from seedbed.bench.simulate.replay import replay
from seedbed.bench.simulate.trace import Request
from seedbed.core.policy import Policy

HOUSE = Group(
    name="house", prefill=1_500.0, step=0.02, beside=0.002, read_behind=3e-7,
    write_behind=2e-6, block=32, form=4.0,
)  # fmt: skip
"""How fast the house really is."""


def spent(*requests: Request, begins: float = 100.0) -> Spent:
    """What would be seen of the house, asked this."""
    got: list[Got] = []
    for one in replay(requests, (HOUSE,), Policy.BALANCED).requests:
        asked, first, end = one.request, one.first or 0.0, one.end or 0.0
        got.append(
            Got(
                asked.output,
                asked.input,
                first=first - asked.at,
                took=end - asked.at,
                at=begins + asked.at,
                opening=asked.prefix or f"{asked.at} alone",
                goes_on=asked.keeps > 0,
                has_form=asked.form,
            )
        )
    return Spent(sorted(got, key=lambda one: one.at), 1.0, 1.0)


def alone(count: int) -> list[Request]:
    return [Request(0.001 * nth, 130, 64) for nth in range(count)]


def loop(name: str, turns: int, *, at: float = 0.0, every: float = 5.0) -> list[Request]:
    return [
        Request(at + every * nth, 330 * nth + 300, 30, name, 330 * nth, 330 * (nth + 1))
        for nth in range(turns)
    ]


def sharing(name: str, count: int, *, at: float = 0.0) -> list[Request]:
    return [Request(at + 0.001 * nth, 1_560, 32, name, 1_500) for nth in range(count)]


TRACE = sorted(
    [
        *sharing("shared", 8),
        *loop("agent", 4, at=3.0),
        *(Request(0.5 * nth, 64, 48) for nth in range(1, 6)),
        Request(1.2, 66, 20, form=True),
        Request(6.2, 66, 20, form=True),
    ],
    key=lambda request: request.at,
)
ROWS: Mapping[str, Spent] = {
    "A": spent(*alone(1)),
    "B": spent(*alone(16)),
    "C cold": spent(*sharing("c", 16)),
    "E": spent(*loop("e", 6)),
    JUDGED: spent(*TRACE),
}


def slower(spent: Spent, times: float) -> Spent:
    """The same, if all had taken so many times as long."""
    for one in spent.got:
        one.first, one.took, one.at = one.first * times, one.took * times, one.at * times
    return spent


def test_a_house_that_works_in_steps_is_simulated_well() -> None:
    found = check(ROWS, 4.0)
    assert found is not None
    assert found.error < 0.05
    for part in (50, 95):
        assert found.simulated.first[part] == pytest.approx(found.real.first[part], rel=0.1)
        assert found.simulated.whole[part] == pytest.approx(found.real.whole[part], rel=0.1)


def test_the_pace_is_not_taken_from_what_it_is_judged_by() -> None:
    found, slow = check(ROWS, 4.0), check({**ROWS, JUDGED: slower(spent(*TRACE), 2)}, 4.0)
    assert found is not None
    assert slow is not None
    assert slow.group == found.group
    assert slow.error == pytest.approx(0.5, abs=0.15)


def test_without_the_wait_for_a_first_form_it_is_off() -> None:
    found, without = check(ROWS, 4.0), check(ROWS, 0.0)
    assert found is not None
    assert without is not None
    assert without.error > 2 * found.error


@pytest.mark.parametrize("name", [*FITTED, JUDGED])
def test_a_workload_that_was_not_run_or_lost_an_answer_leaves_no_figure(name: str) -> None:
    assert check({at: one for at, one in ROWS.items() if at != name}, 4.0) is None
    assert check({**ROWS, name: Spent([Got(lost="no")], 1.0, 1.0)}, 4.0) is None
    assert check(ROWS, None) is None


def test_answers_that_took_no_time_show_no_pace() -> None:
    rows = {name: slower(spent(*alone(2)), 0) for name in ROWS}
    assert check(rows, 4.0) is None


class FormTaker:
    """Takes five seconds for an answer with a form, and one for any other."""

    name, pid = "ours", os.getpid()

    def __init__(self, *, lost: str = "") -> None:
        self._lost = lost

    async def together(self, chats: Sequence[Chat]) -> list[Got]:
        await anyio.lowlevel.checkpoint()
        return [Got(tokens=1, first=5.0 if chat.schema else 1.0, lost=self._lost) for chat in chats]


@pytest.mark.anyio
async def test_what_the_first_form_of_a_life_takes_is_told_beside_the_others() -> None:
    assert await first_form(FormTaker()) == 4.0
    assert await first_form(FormTaker(lost="no")) is None

"""Servers of tools that the operator set up: programs, for some projects, a few at once."""

import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import pytest

from seedbed.core.access import Principal, private
from seedbed.core.ask import Tool
from seedbed.core.value import changed
from seedbed.kit import ids
from seedbed.tools.programs import Absent, Program, source_of
from seedbed.tools.remote import McpServer, Remote
from seedbed.tools.tool import Progress, Said, Toolbox, unheard
from tests.tools.servers import HERE
from tests.tools.test_remote import PROGRAM

pytestmark = pytest.mark.anyio

WHO = Principal("u", "p", "k", frozenset())
ROOT = str(Path(__file__).parents[2])
SERVER = McpServer(
    "here", command=(sys.executable, "-c", f"import sys; sys.path.insert(0, {ROOT!r})\n{PROGRAM}")
)
MARK = "mark = open(__import__('os').environ['MARK'], 'x')\n"


class Box:
    """Two tools that say who called them."""

    tools: Sequence[Tool] = (Tool("add"), Tool("fail"))
    fault: str = ""

    async def call(
        self, name: str, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        del arguments, principal, progress
        return Said.wrong(name)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Principal]:
    """Who has had a program started; none really is."""
    seen: list[Principal] = []

    @asynccontextmanager
    async def open_(_: Remote, principal: Principal) -> AsyncGenerator[Toolbox]:
        seen.append(principal)
        yield Box()

    monkeypatch.setattr(Remote, "open", open_)
    return seen


async def called(box: Toolbox, name: str) -> str:
    return (await box.call(name, {}, WHO, unheard)).text


@pytest.mark.slow
async def test_a_program_runs_for_one_answer_and_no_longer(tmp_path: Path) -> None:
    command, flag, text = SERVER.command
    mark = tmp_path / "mark"
    server = changed(SERVER, command=(command, flag, MARK + text), environment={"MARK": str(mark)})
    program = Program(server, HERE, allowed=frozenset({"add"}))
    async with program.open(WHO) as box:
        assert [tool.name for tool in box.tools] == ["add"]
        assert (await box.call("add", {"a": 2, "b": 2}, WHO, unheard)).text == "4"
        assert mark.exists()
    mark.unlink()
    async with program.open(WHO) as box:
        assert not box.fault
        assert mark.exists()  # another was started


@pytest.mark.usefixtures("opened")
async def test_without_a_list_all_its_tools_may_be_called() -> None:
    async with Program(SERVER, HERE).open(WHO) as box:
        assert [tool.name for tool in box.tools] == ["add", "fail"]


@pytest.mark.usefixtures("opened")
async def test_a_tool_that_is_not_allowed_is_not_called_either() -> None:
    async with Program(SERVER, HERE, allowed=frozenset({"add"})).open(WHO) as box:
        assert await called(box, "add") == "add"
        assert await called(box, "fail") == "There is no tool 'fail'."


async def test_another_project_finds_it_as_unknown_as_any(opened: list[Principal]) -> None:
    program = Program(SERVER, HERE, projects=frozenset({"q"}))
    async with program.open(WHO) as box, Absent("other").open(WHO) as absent:
        assert box.fault == absent.fault != ""
        assert await called(box, "add") == box.fault
        assert not box.tools
    assert opened == []
    theirs = [changed(WHO, project=name) for name in ("q", private("q", ids.fresh("private")))]
    for one in theirs:
        async with program.open(one) as box:
            assert not box.fault
    assert opened == theirs


async def test_no_more_run_at_once_than_may(opened: list[Principal]) -> None:
    program = Program(SERVER, changed(HERE, connect_seconds=0.01), most=2)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(program.open(WHO))
        async with program.open(WHO) as box:
            assert box.fault == "as many answers use it as may"
    async with program.open(WHO) as box:
        assert not box.fault
    assert len(opened) == 3


@pytest.mark.usefixtures("opened")
async def test_who_leaves_while_it_waits_takes_no_place() -> None:
    program = Program(SERVER, HERE, most=1)
    async with program.open(WHO):
        with anyio.move_on_after(0):
            async with program.open(WHO):
                raise AssertionError
    async with program.open(WHO) as box:
        assert not box.fault


def test_an_address_goes_before_a_label() -> None:
    program = Program(SERVER, HERE)
    bounds = changed(HERE, programs={"here": program})
    assert source_of(McpServer("here"), bounds) is program
    assert isinstance(source_of(McpServer("here", "https://a.example"), bounds), Remote)
    assert isinstance(source_of(McpServer("there"), bounds), Absent)

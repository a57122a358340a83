"""Objects are their project's alone, come in pages, and end with what they belong to."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.errors import ObjectUnknown
from seedbed.core.object import Object
from seedbed.kit.clock import FakeClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database
from seedbed.store.objects import Objects, Wish, ids

pytestmark = pytest.mark.anyio


@pytest.fixture
def objects(database: Database) -> Objects:
    return Objects(database, clock=FakeClock(1000.0))


def an_object(id_: str, *, kind: str = "file", project: str = "ours", parent: str = "") -> Object:
    return Object(id_, kind, project, at=7, body={"name": "größe"}, parent=parent)


async def test_an_object_is_found_as_it_was_put(objects: Objects) -> None:
    whole = replace(an_object("file_1"), until=2_000_000_000)
    await objects.put(whole)
    assert await objects.find("file", "file_1", "ours") == whole


async def test_what_is_kept_takes_the_place_of_what_has_its_id(objects: Objects) -> None:
    theirs = an_object("piece_1", project="theirs")
    await objects.put(an_object("piece_1"), theirs)
    later = replace(an_object("piece_1"), at=8, until=2_000_000_000, body={"name": "new"})
    await objects.keep(later)
    await objects.keep(an_object("piece_2"))
    assert await objects.find("file", "piece_1", "ours") == later
    assert await objects.find("file", "piece_2", "ours") == an_object("piece_2")
    assert await objects.find("file", "piece_1", "theirs") == theirs


async def test_another_project_finds_neither_it_nor_that_it_is_there(objects: Objects) -> None:
    await objects.put(an_object("file_1"), an_object("file_1", project="theirs"))
    await objects.remove("file", "file_1", "theirs")
    assert (await objects.find("file", "file_1", "ours")).project == "ours"
    with pytest.raises(ObjectUnknown):
        await objects.find("file", "file_1", "theirs")


async def test_an_object_of_another_kind_is_not_found(objects: Objects) -> None:
    await objects.put(an_object("file_1"))
    with pytest.raises(ObjectUnknown) as caught:
        await objects.find("batch", "file_1", "ours")
    assert caught.value.what == "There is no batch 'file_1'."


async def test_an_id_that_no_text_has_is_as_unknown_as_any(objects: Objects) -> None:
    with pytest.raises(ObjectUnknown):
        await objects.find("file", "a\0b", "ours")


async def test_of_several_that_are_put_together_none_is_kept_if_one_cannot_be(
    objects: Objects,
) -> None:
    await objects.put(an_object("file_1"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await objects.put(an_object("file_2"), an_object("file_1"))
    with pytest.raises(ObjectUnknown):
        await objects.find("file", "file_2", "ours")


async def test_an_object_is_changed_in_one_transaction(objects: Objects) -> None:
    await objects.put(an_object("file_1"))
    changed = await objects.change(
        "file", "file_1", "ours", lambda one: replace(one, body={"name": "b"}, until=5_000_000_000)
    )
    assert (changed.body, changed.until) == ({"name": "b"}, 5_000_000_000)
    assert await objects.find("file", "file_1", "ours") == changed


async def test_a_change_that_is_refused_changes_nothing(objects: Objects) -> None:
    def refuse(_: Object) -> Object:
        raise ObjectUnknown("file", "another")

    await objects.put(an_object("file_1"))
    with pytest.raises(ObjectUnknown, match="another"):
        await objects.change("file", "file_1", "ours", refuse)
    assert await objects.find("file", "file_1", "ours") == an_object("file_1")


async def test_a_list_comes_in_pages_from_either_end(objects: Objects) -> None:
    await objects.put(*(an_object(f"file_{at}") for at in range(5)), an_object("b", kind="batch"))
    newest = await objects.page("file", "ours", Wish(limit=2))
    assert ids(newest.objects) == ("file_4", "file_3")
    assert newest.has_more
    rest = await objects.page("file", "ours", Wish(limit=10, after="file_3"))
    assert [one.id for one in rest.objects] == ["file_2", "file_1", "file_0"]
    assert not rest.has_more
    oldest = await objects.page("file", "ours", Wish(limit=2, after="file_0", newest_first=False))
    assert ids(oldest.objects) == ("file_1", "file_2")


async def test_a_page_before_another_is_told_in_the_list_s_order(objects: Objects) -> None:
    await objects.put(*(an_object(f"file_{at}") for at in range(5)))
    before = await objects.page("file", "ours", Wish(limit=2, before="file_1"))
    assert [one.id for one in before.objects] == ["file_3", "file_2"]
    assert before.has_more


async def test_a_page_behind_what_is_not_there_is_refused(objects: Objects) -> None:
    with pytest.raises(ObjectUnknown):
        await objects.page("file", "ours", Wish(after="file_9"))


async def test_an_empty_page_has_no_ids(objects: Objects) -> None:
    page = await objects.page("file", "ours", Wish())
    assert (page.objects, page.has_more, ids(page.objects)) == ((), False, (None, None))


async def test_a_list_of_what_belongs_to_one_has_nothing_of_others(objects: Objects) -> None:
    await objects.put(an_object("a", parent="x"), an_object("b", parent="y"), an_object("c"))
    page = await objects.page("file", "ours", Wish(), parent="x")
    assert [one.id for one in page.objects] == ["a"]


async def test_what_belongs_to_an_object_goes_with_it(objects: Objects) -> None:
    await objects.put(an_object("x", kind="talk"), an_object("a", parent="x"))
    await objects.remove("talk", "x", "ours")
    with pytest.raises(ObjectUnknown):
        await objects.find("file", "a", "ours")


async def test_what_is_over_is_gone_before_it_is_swept(objects: Objects) -> None:
    over = replace(an_object("x"), until=1_000_000_000)
    await objects.put(over, an_object("a", parent="x"), an_object("y"))
    with pytest.raises(ObjectUnknown):
        await objects.find("file", "x", "ours")
    assert (await objects.page("file", "ours", Wish())).objects == (an_object("y"),)
    assert await objects.sweep() == 1
    with pytest.raises(ObjectUnknown):
        await objects.find("file", "a", "ours")
    assert await objects.sweep() == 0


def shelf_of(database: Database, home: Path, clock: FakeClock) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)


async def piece() -> AsyncGenerator[bytes]:
    yield b"bytes"


async def ends(shelf: Artifacts) -> dict[str, int | None]:
    """Until when who holds something."""
    return {hold.holder: hold.until for one in await shelf.all() for hold in one.holds}


@pytest.mark.parametrize("until", [None, 5_000_000_000_000_000])
async def test_what_an_object_holds_is_held_as_long_as_the_object_is(
    database: Database, home: Path, until: int | None
) -> None:
    clock = FakeClock(1000.0)
    shelf, objects = shelf_of(database, home, clock), Objects(database, clock=clock)
    await shelf.put(piece(), holder="file_1", project="ours", until=2_000_000_000)
    await objects.put(replace(an_object("file_1"), until=until))
    assert await ends(shelf) == {"file_1": until}
    await objects.change("file", "file_1", "ours", lambda one: replace(one, until=3_000_000_000))
    assert await ends(shelf) == {"file_1": 3_000_000_000}
    await objects.remove("file", "file_1", "ours")
    assert await ends(shelf) == {}


async def test_what_is_held_for_an_object_that_never_was_is_swept(
    database: Database, home: Path
) -> None:
    clock = FakeClock(1000.0)
    shelf = shelf_of(database, home, clock)
    await shelf.put(piece(), holder="file_1", project="ours", until=2_000_000_000)
    await clock.advance(86_400)
    assert (await shelf.sweep()).artifacts == 1


async def test_what_is_over_lets_go_of_what_it_and_its_own_hold(
    database: Database, home: Path
) -> None:
    clock = FakeClock(1000.0)
    shelf, objects = shelf_of(database, home, clock), Objects(database, clock=clock)
    for holder in ("upload_1", "part_1", "file_1"):
        await shelf.put(piece(), holder=holder, project="ours")
    over = replace(an_object("upload_1"), until=1_500_000_000)
    await objects.put(over, an_object("part_1", parent="upload_1"), an_object("file_1"))
    await clock.advance(1000)
    assert await objects.sweep() == 1
    assert await ends(shelf) == {"file_1": None}


async def test_another_project_lets_go_of_nothing(database: Database, home: Path) -> None:
    clock = FakeClock(1000.0)
    shelf, objects = shelf_of(database, home, clock), Objects(database, clock=clock)
    await shelf.put(piece(), holder="file_1", project="ours")
    await objects.put(an_object("file_1"), an_object("file_1", project="theirs"))
    await objects.remove("file", "file_1", "theirs")
    assert await ends(shelf) == {"file_1": None}

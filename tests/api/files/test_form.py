"""Forms, read as they come: whole, in any pieces, cut off, and as no client would write them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.files.form import Head, nested, read_form
from seedbed.core.errors import RequestMalformed
from tests.api.files.doors import END, FORM, part, pieces

pytestmark = pytest.mark.anyio

TYPE = FORM["content-type"]


async def read(*sent: bytes, kind: str = TYPE) -> tuple[dict[str, str], list[tuple[Head, bytes]]]:
    """The fields of a form, and what came in its field `file`."""
    files: list[tuple[Head, bytes]] = []

    async def keep(head: Head, taken: object) -> None:
        files.append((head, b"".join([piece async for piece in taken])))  # type: ignore[attr-defined]

    return dict(await read_form(pieces(*sent), kind, keep, file="file")), files


async def test_fields_and_the_file_come_in_any_order() -> None:
    sent = part("a", b"1") + part("file", b"x\r\n--c", file="n.txt", media="Text/Plain")
    fields, files = await read(sent + part("b[c]", "é".encode()) + END + b"said after the end")
    assert fields == {"a": "1", "b[c]": "é"}
    assert files == [(Head("file", "n.txt", "text/plain"), b"x\r\n--c")]


@given(
    content=st.lists(st.sampled_from([b"\r\n", b"--b", b"--", b"-", b"x", b"\0"])).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=12),
)
async def test_it_does_not_matter_where_the_network_cut_it(content: bytes, cuts: list[int]) -> None:
    if b"\r\n--b" in b"\r\n" + content:
        return  # that is the end of a part
    whole = part("a", b"1") + part("file", content, file="n") + END
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    sent = [whole[one:two] for one, two in pairwise(edges)]
    fields, files = await read(*sent)
    assert (fields, files[0][1]) == ({"a": "1"}, content)


async def test_a_form_without_a_file_has_fields_alone() -> None:
    assert await read(part("a", b"1") + END) == ({"a": "1"}, [])
    assert await read(END) == ({}, [])


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"nothing of the kind",
        part("file", b"x", file="a"),
        part("file", b"x", file="a") + b"--b",
        part("a", b"x")[:-2],
        part("a", b"x").replace(b"Content-", b"Con\x00tent-") + END,
        part("a", b"x").replace(b": form", b": " + b"y" * 5000 + b"form") + END,
    ],
)
async def test_what_is_cut_off_or_no_form_is_refused(sent: bytes) -> None:
    with pytest.raises(RequestMalformed, match="The form cannot be read"):
        await read(sent)


@pytest.mark.parametrize(
    "kind", ["", "application/json", "multipart/form-data", f"{TYPE}{'b' * 300}"]
)
async def test_a_type_that_is_none_of_a_form_is_refused(kind: str) -> None:
    with pytest.raises(RequestMalformed, match="The form cannot be read"):
        await read(part("a", b"1") + END, kind=kind)


async def test_two_files_are_refused() -> None:
    with pytest.raises(RequestMalformed, match="more than one file"):
        await read(part("file", b"1", file="a") + part("file", b"2", file="b") + END)


async def test_fields_are_bounded_in_number_and_length() -> None:
    with pytest.raises(RequestMalformed, match="longer than 65,536 bytes"):
        await read(part("a", b"x" * 65_537) + END)
    with pytest.raises(RequestMalformed, match="a hundred fields"):
        await read(b"".join(part(f"a{n}", b"x") for n in range(101)) + END)


async def test_a_media_type_that_is_none_is_that_of_unknown_bytes() -> None:
    _, files = await read(part("file", b"", file="a", media="pdf") + END)
    _, more = await read(part("file", b"", file="a") + END)
    assert files[0][0].media == more[0][0].media == "application/octet-stream"


def test_names_nest_and_what_says_nothing_is_left_out() -> None:
    told = nested({"a[b][c]": "1", "a[d]": "2", "e": "", "f[g]": "", "h[": "3", "i[]": "4"})
    assert told == {"a": {"b": {"c": "1"}, "d": "2"}, "h[": "3", "i": {"": "4"}}


def test_a_text_has_no_parts() -> None:
    with pytest.raises(RequestMalformed, match="'a' is a text and has parts"):
        nested({"a": "1", "a[b]": "2"})

"""A form with pictures in it, as a whole."""

from contextlib import suppress

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.images.form import Form, read_form
from seedbed.core.errors import RequestMalformed

HEAD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="a[]"; filename="x"\r\n\r\n'


def sent(fields: dict[str, str], files: list[tuple[str, bytes]]) -> bytes:
    told = [(name, ("x.png", data, "image/png")) for name, data in files]
    return httpx2.Request("POST", "http://house", data=fields, files=told).read()


@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(), max_size=4),
    st.lists(st.binary(), min_size=1, max_size=4),
)
def test_what_a_client_sends_is_read_as_it_was(fields: dict[str, str], files: list[bytes]) -> None:
    form = read_form(sent(fields, [("image[]", data) for data in files]))
    assert form.files == {"image": tuple(files)}
    assert form.fields == fields


def test_files_of_one_name_stay_in_order() -> None:
    form = read_form(sent({}, [("image", b"1"), ("mask", b"2"), ("image[]", b"3\r\n--")]))
    assert form == Form({}, {}, {"image": (b"1", b"3\r\n--"), "mask": (b"2",)})


def test_all_that_a_field_says_is_kept_and_the_last_of_it_counts() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
    form = read_form(part % (b"a[]", b"1") + part % (b"a[]", b"2") + b"--b--\r\n")
    assert form == Form({"a": "2"}, {"a": ("1", "2")}, {})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "does not begin with a boundary"),
        (b"{}", "does not begin with a boundary"),
        (b"--\r\n", "does not begin with a boundary"),
        (b"--" + b"b" * 100 + b"\r\n", "does not begin with a boundary"),
        (HEAD + b"1\r\n", "cut off"),
        (HEAD + b"1\r\n--b", "cut off"),
        ((FILE + b"1\r\n") * 201 + b"--b--\r\n", "more than 200 parts"),
        (HEAD + b"1" * ((1 << 20) + 1) + b"\r\n--b--\r\n", "longer than"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", "no name"),
        (b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--", "no name"),
        (b"--b\r\n1\r\n--b--", "no name"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(RequestMalformed, match=why):
        read_form(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_are_refused(data: bytes) -> None:
    for body in (data, HEAD + data, b"--b\r\n" + data + b"\r\n--b--"):
        with suppress(RequestMalformed):
            assert isinstance(read_form(body), Form)

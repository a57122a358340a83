import pytest

from seedbed.kit import traceparent

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("flags", "kept"), [("00", False), ("01", True), ("02", False), ("ff", True)]
)
def test_the_span_its_trace_and_whether_that_is_kept_are_read(flags: str, *, kept: bool) -> None:
    parent = traceparent.read(f"00-{TRACE}-{SPAN}-{flags}")
    assert parent == traceparent.Parent(bytes.fromhex(TRACE), bytes.fromhex(SPAN), kept)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f" 00-{TRACE}-{SPAN}-01",
        f"01-{TRACE}-{SPAN}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0g",
        f"00-{chr(0x660) * 32}-{SPAN}-01",
    ],
)
def test_a_header_that_is_not_of_the_form_says_nothing(header: str | None) -> None:
    assert traceparent.read(header) is None

"""A text goes into a packet and comes out as it was."""

import pytest

from seedbed.kit.media.xmp import packet, told


@pytest.mark.parametrize(
    "text", ["", "plain", '{"a": "<b> & \'c\'"}', "你好\n🎉", "]]></house:plan>"]
)
def test_a_text_comes_out_as_it_went_in(text: str) -> None:
    both = packet({"house.plan": text, "house.other": "x"})
    assert (told(both, "house.plan"), told(both, "house.other")) == (text, "x")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", packet({"house.other": "x"})])
def test_a_packet_without_it_tells_nothing(data: bytes) -> None:
    assert told(data, "house.plan") is None

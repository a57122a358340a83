"""How a film is finished: what may be wished for, and what does not go together."""

import pytest

from seedbed.core import record
from seedbed.core.errors import RequestMalformed
from seedbed.core.finish import Finish, read_finish


def test_a_wish_is_read_as_it_was_written() -> None:
    wish = Finish((3840, 2160), 60, "webm", "av1", 10, "titles", burnt=True, skip=("mark",))
    assert read_finish(record.write(wish)) == wish
    assert read_finish({}) == Finish()


@pytest.mark.parametrize(
    ("wish", "codec"),
    [
        (Finish(), "h264"),
        (Finish(format="webm"), "av1"),
        (Finish(format="gif"), "h264"),
        (Finish(codec="hevc"), "hevc"),
    ],
)
def test_what_is_written_anew_is_written_in_the_usual_codec_of_its_format(
    wish: Finish, codec: str
) -> None:
    assert wish.written == codec


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"sise": 1}, "finish.sise", "nothing has that name here"),
        ({"fps": 61}, "finish.fps", "between 1 and 60"),
        ({"skip": ["sound"]}, "finish.skip[0]", "it is one of"),
        ([], "finish", "it is an object"),
        ({"format": "webm", "codec": "h264"}, "finish.codec", "webm does not hold h264"),
        ({"format": "gif", "codec": "h264"}, "finish.codec", "gif does not hold h264"),
        ({"format": "webm", "codec": "vp9", "depth": 10}, "finish.depth", "vp9 does not have 10"),
        ({"format": "gif", "depth": 10}, "finish.depth", "gif does not have 10"),
        ({"format": "gif", "fps": 60}, "finish.fps", "does not have 60"),
        ({"burnt": True}, "finish.burnt", "no captions"),
        ({"format": "gif", "captions": "titles"}, "finish.captions", "no track of captions"),
        ({"size": [3841, 2160]}, "finish.size", "is odd"),
    ],
)
def test_what_does_not_go_together_is_refused_by_its_field(
    data: object, field: str, says: str
) -> None:
    with pytest.raises(RequestMalformed, match=says) as raised:
        read_finish(data)
    assert raised.value.facts["field"] == field

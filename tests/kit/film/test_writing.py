"""What the library cannot write is told in a sentence, and nothing is left of it."""

from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.writing import written


def test_what_a_codec_will_not_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(FilmFault, match="it cannot be written"):
        write_odd(tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def write_odd(path: Path) -> None:
    """A picture whose colours would have halves of pixels."""
    with written(path, "mp4") as out:
        stream = out.add_stream("libx264", 30)
        stream.width, stream.height = 33, 33
        stream.encode(VideoFrame.from_ndarray(np.zeros((33, 33, 3), np.uint8)))


def test_a_file_that_is_given_stays_open(tmp_path: Path) -> None:
    with (tmp_path / "film").open("wb") as file:
        with pytest.raises(KeyError), written(file, "mp4"):
            raise KeyError
        assert not file.closed

"""`seedbed image --upscale`: a picture is made larger once it is painted, and says so."""

import base64
import io
import json
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from seedbed.kit.film import provenance
from tests.cli.conftest import Seedbed
from tests.cli.test_image import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def painted() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 50, 20)).save(file, "png")
    return file.getvalue()


@pytest.fixture
def server(painted: bytes) -> Server:
    told = {"data": [{"b64_json": base64.b64encode(painted).decode()}], "usage": {}}
    return Server(httpx2.Response(200, json=told))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.png", "PNG"),
        ("a.JPG", "JPEG"),
        ("a.jpeg", "JPEG"),
        ("a.webp", "WEBP"),
        ("a.gif", "PNG"),
        ("a", "PNG"),
    ],
)
def test_a_picture_is_made_larger_and_says_what_was_done(
    seedbed: Seedbed, server: Server, home: Path, tmp_path: Path, name: str, form: str
) -> None:
    home.mkdir(exist_ok=True)
    out = tmp_path / name
    said = seedbed(
        "image", "a cat", "--upscale", "4", "-o", str(out), "--json", change=server.change
    )
    assert said.status == 0, said.err
    assert json.loads(said.out)["bytes"] == out.stat().st_size
    with Image.open(out) as picture:
        assert (picture.size, picture.format) == ((240, 160), form)
    told = provenance.read(out.rename(tmp_path / f"as.{form.lower()}"))
    assert told is not None
    assert told.actions == ("c2pa.created", "c2pa.resized")
    assert told.origin == "algorithmicMedia"
    assert not list(home.glob("enlarging-*"))


def test_without_the_net_it_is_said_what_brings_it_and_the_picture_stays(
    seedbed: Seedbed, server: Server, painted: bytes, home: Path, tmp_path: Path
) -> None:
    home.mkdir(exist_ok=True)
    out = tmp_path / "a.png"
    words = ("image", "a cat", "--upscale", "2", "--by", "net", "-o", str(out))
    said = seedbed(*words, change=server.change)
    assert said.status == 1
    assert "install the extra `upscale`" in " ".join(said.err.split())
    assert out.read_bytes() == painted, "it is paid"

"""What is asked for and what came of it pass the words of the house and the operator's program."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from seedbed.core.errors import ContentRefused
from seedbed.core.scene.layers import Text
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.media.safety import Judged, Safety

pytestmark = pytest.mark.anyio

SCENE = Scene(Canvas(64, 64), (Shot("one", layers=(Text(id="a", text="naked"),)),))


@pytest.fixture
def safety(tmp_path: Path) -> Callable[[str], Safety]:
    """Safety with a program of that script."""

    def make(script: str, seconds: float = 20.0) -> Safety:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        return Safety(program, tmp_path / "work", seconds=seconds)

    return make


async def test_without_a_program_the_words_alone_are_looked_at(tmp_path: Path) -> None:
    safety = Safety(None, tmp_path / "work")
    await safety.before(Judged("a barn", SCENE))
    await safety.after(Judged("a barn", SCENE, (tmp_path / "film.mp4",), "video"))
    assert not (tmp_path / "work").exists()


async def test_the_words_of_prompt_and_scene_are_looked_at_together(tmp_path: Path) -> None:
    with pytest.raises(ContentRefused, match="'child' beside 'naked'") as caught:
        await Safety(None, tmp_path).before(Judged("a child", SCENE))
    assert (caught.value.side, caught.value.of) == ("input", "text")


@pytest.mark.slow
async def test_a_program_is_told_all_and_its_folder_is_gone_afterwards(
    safety: Callable[[str], Safety], tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    judge = safety(f"cat > {asked}; echo '{{\"allow\": true}}'; echo noise >&2")
    await judge.after(Judged("a barn", SCENE, (Path("/a/film.mp4"),), "video"))
    told = json.loads(asked.read_text())
    scene = told.pop("scene")
    assert scene["shots"][0]["layers"][0]["text"] == "naked"
    assert told == {"side": "output", "prompt": "a barn", "files": ["/a/film.mp4"], "kind": "video"}
    await judge.before(Judged("a mill"))
    told = json.loads(asked.read_text())
    assert (told["side"], told["prompt"], told["scene"]) == ("input", "a mill", None)
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ('{"allow": false, "why": "no \\u0007mills"}', "no mills"),
        ('{"allow": false}', "the operator's check refused it"),
    ],
)
async def test_a_program_refuses_with_its_reason(
    safety: Callable[[str], Safety], answer: str, why: str
) -> None:
    judge = safety(f"echo '{answer}'")
    with pytest.raises(ContentRefused, match=why) as caught:
        await judge.before(Judged("a mill"))
    assert caught.value.code == "content_refused"
    with pytest.raises(ContentRefused) as caught:
        await judge.after(replace(Judged("a mill"), kind="image"))
    assert (caught.value.side, caught.value.of) == ("output", "image")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "logged"),
    [
        ("exit 3", "it ended with status 3"),
        ("echo maybe", "it answered 'maybe'"),
        ('echo \'{"allow": "true"}\'', 'it answered \'{"allow": "true"}\''),
        ("echo '[true]'", "it answered '[true]'"),
        ("true", "it answered ''"),
        ("echo '{\"allow\": true}'; sleep 1000", "it had no verdict after 0.5 s"),
    ],
)
async def test_a_program_without_a_verdict_has_refused_and_the_log_says_why(
    safety: Callable[..., Safety], script: str, logged: str
) -> None:
    seconds = 0.5 if "sleep" in script else 20.0
    with capture_logs() as logs, pytest.raises(ContentRefused, match="gave no verdict"):
        await safety(script, seconds=seconds).before(Judged("a mill"))
    assert [log["why"] for log in logs] == [logged]


async def test_a_program_that_is_not_there_has_refused(tmp_path: Path) -> None:
    with capture_logs() as logs, pytest.raises(ContentRefused, match="gave no verdict"):
        await Safety(tmp_path / "none", tmp_path / "work").before(Judged("a mill"))
    assert logs[0]["why"] == "it cannot be run (No such file or directory)"

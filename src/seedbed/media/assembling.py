"""What the studio is told of a film that is drawn of a Scene: its pieces, its sound, its words.

Floor 5.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seedbed.core.finish import TITLES, Finish
from seedbed.core.scene.layers import Text
from seedbed.core.scene.scene import Scene, Track
from seedbed.core.scene.timeline import seconds, timeline
from seedbed.media.captions import captions_of
from seedbed.media.given import Given
from seedbed.media.studio.orders import Heard, Said


async def tracks_of(scene: Scene, folder: Path, given: Given, project: str) -> list[Heard]:
    """The sounds of a Scene, those of files laid into a folder.

    Raises:
        MediumRefused: a file is no sound.
        ArtifactUnknown: it is not the project's.
    """
    tracks: list[Heard] = []
    for track in scene.tracks:
        reference = scene.reference(track.reference or "")
        file, whole = folder / f"sound-{track.id}", track.seconds or seconds(scene)
        laid = (
            await given.sound(reference, file, project=project, seconds=whole) if reference else ""
        )
        if laid or track.use != "speech":
            tracks.append(_heard(track, laid, scene.seed))
    return tracks


def words_of(scene: Scene, finish: Finish) -> list[Said]:
    """What is to be read below a film: the captions that came, its titles, or what is spoken.

    Raises:
        RequestMalformed: the captions that came cannot be read.
    """
    if finish.captions == TITLES:
        return _titles(scene)
    if finish.captions:
        return captions_of(finish)
    whole = seconds(scene)
    return [_said(one, whole) for one in scene.tracks if one.use == "speech" and one.text]


def actions_of(mark: str, tracks: Sequence[Heard], words: Sequence[Said]) -> list[str]:
    """What is told of how it was made."""
    done: Mapping[str, object] = {
        "drawn": True,
        "joined": True,
        "marked": mark,
        "sounded": tracks,
        "captioned": words,
    }
    return [action for action, is_so in done.items() if is_so]


def _titles(scene: Scene) -> list[Said]:
    """The texts of each shot while it is seen alone."""
    fps, spans = scene.canvas.fps or 1, timeline(scene).spans
    told: list[Said] = []
    for place, (first, count, _) in enumerate(spans):
        after = spans[place + 1][0] if place + 1 < len(spans) else first + count
        texts = [layer.text for layer in scene.shots[place].layers if isinstance(layer, Text)]
        if texts:
            told.append(Said(first / fps, after / fps, "\n".join(texts)))
    return told


def _heard(track: Track, file: str, seed: int) -> Heard:
    is_made = not file
    return Heard(
        file=file,
        mood=track.mood if is_made and track.use == "music" else "",
        effect=track.text if is_made and track.use == "effect" else "",
        begin=track.starts,
        seconds=track.seconds,
        gain=track.gain,
        fade_in=track.fade_in,
        fade_out=track.fade_out,
        is_speech=track.use == "speech",
        seed=seed,
    )


def _said(track: Track, whole: float) -> Said:
    end = min(whole, track.starts + (track.seconds or whole))
    return Said(track.starts, end, track.text)

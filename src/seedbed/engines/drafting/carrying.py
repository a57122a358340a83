"""The Scene in the file of a picture, beside a digest of the pixels that were drawn of it.

Floor 3. Programs that paint keep what a file says of itself. By the digest it is known whether the
Scene still shows all that is to be seen. Of JPEG and WebP it is that of the pixels as they are read
again.
"""

import hashlib
import io
from collections.abc import Callable, Mapping

from PIL import Image, PngImagePlugin

from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.form import IN_PNG, LONGEST, PIXELS, parse_scene, write_scene
from seedbed.core.scene.scene import Scene
from seedbed.kit.as_json import as_json
from seedbed.kit.media import xmp

PngImagePlugin.MAX_TEXT_CHUNK = LONGEST  # Pillow's own bound refuses pictures with a long Scene
_QUALITY = 92
_BLANK = "0" * 64


def written(picture: Image.Image, scene: Scene, form: str) -> bytes:
    """The file of a picture in PNG, JPEG or WebP, with its Scene in it, where that has room."""
    match form:
        case "png":
            return _as_png(picture, scene)
        case "jpeg":
            whole, more = picture.convert("RGB"), {"quality": _QUALITY, "subsampling": 0}
            if not has_room(scene):
                return _saved(whole, "jpeg", more)
            return _stamped(lambda said: _saved(whole, "jpeg", {**more, "xmp": said}), scene)
        case _:
            more = {"quality": _QUALITY, "method": 2}
            return _stamped(lambda said: _saved(picture, "webp", {**more, "xmp": said}), scene)


def has_room(scene: Scene) -> bool:
    """Whether a Scene goes into a JPEG."""
    return len(_packet(scene, _BLANK)) <= xmp.LONGEST


def carried(image: Image.Image) -> tuple[Scene | None, str]:
    """The Scene in a picture that has been read to its end, if it shows all of it; or else why not,
    if there is one.
    """
    text = image.info.get(IN_PNG)
    try:
        scene = parse_scene(text) if isinstance(text, str) else None
    except SceneMalformed:
        return None, ""  # what is in a picture of somebody's is no request of his
    if scene is None:
        return None, ""
    if (scene.canvas.width, scene.canvas.height) != image.size:
        return None, "the picture was made another size since"
    if scene.references:
        return None, "it refers to files that are not with it"
    if image.info.get(PIXELS) != digest(image):
        return None, "the picture was painted over since, or drawn before that could be told"
    return scene, ""


def digest(image: Image.Image) -> str:
    """The hash of what is to be seen, in hexadecimal, however it is written."""
    return hashlib.sha256(image.convert("RGBA").tobytes()).hexdigest()


def said(image: Image.Image) -> PngImagePlugin.PngInfo:
    """All that a picture says of itself in words, for a PNG."""
    words = PngImagePlugin.PngInfo()
    for name, text in image.info.items():
        if isinstance(name, str) and isinstance(text, str):
            words.add_itxt(name, text, zip=True)
    return words


def _as_png(picture: Image.Image, scene: Scene) -> bytes:
    said = PngImagePlugin.PngInfo()
    for name, text in _texts(scene, digest(picture)).items():
        said.add_itxt(name, text, zip=True)
    return _saved(picture, "png", {"pnginfo": said, "compress_level": 3})


def _stamped(save: Callable[[bytes], bytes], scene: Scene) -> bytes:
    """The file with the digest of its own pixels, which a packet does not change."""
    blank = _packet(scene, _BLANK)
    data = save(blank)
    with Image.open(io.BytesIO(data)) as again:
        return data.replace(blank, _packet(scene, digest(again)), 1)


def _saved(picture: Image.Image, form: str, more: Mapping[str, object]) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **more)
    return file.getvalue()


def _packet(scene: Scene, pixels: str) -> bytes:
    return xmp.packet(_texts(scene, pixels))


def _texts(scene: Scene, pixels: str) -> Mapping[str, str]:
    return {IN_PNG: as_json(write_scene(scene)), PIXELS: pixels}

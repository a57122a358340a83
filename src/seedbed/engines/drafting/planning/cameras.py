"""What the camera does, as a prompt says.

Floor 3.
"""

from dataclasses import dataclass

from seedbed.core.scene.motion import Camera
from seedbed.engines.drafting.planning.phrases import Phrases, without

_WHO = "(?:the )?(?:camera|shot|view)(?: is| then)?(?: slowly| quickly| gently)? "
_BY = "(?:(?:the )?(?:camera|shot) )?"
_HOW = "(?: slowly| quickly| gently| smoothly)?(?: to(?:wards?)?(?: the)?)?"
_MOVES = Phrases[tuple[str, str]](
    {
        ("pan", "left"): f"{_BY}pan(?:s|ning)?{_HOW} left / {_WHO}moves{_HOW} left / truck left / "
        "(?:镜头)?(?:向|往)?左摇 / 左摇镜头? / 镜头(?:缓缓|慢慢|快速)?(?:向|往|从右(?:向|到|往))左"
        "(?:摇|移|平移|移动)? / (?:向|往)左平移",
        (
            "pan",
            "right",
        ): f"{_BY}pan(?:s|ning)?{_HOW} right / {_WHO}moves{_HOW} right / truck right / "
        "(?:slow )?pan(?:ning)? (?:shot|across) / (?:camera|shot) pans / "
        "(?:镜头)?(?:向|往)?右摇 / 右摇镜头? / 镜头(?:缓缓|慢慢|快速)?(?:向|往|从左(?:向|到|往))右"
        "(?:摇|移|平移|移动)? / (?:向|往)右平移 / 摇镜头 / 平移镜头",
        ("tilt", "up"): f"{_BY}tilt(?:s|ing)?{_HOW} up / {_WHO}moves{_HOW} up / crane up / "
        "(?:镜头)?上摇 / 镜头(?:缓缓|慢慢)?(?:向|往)上(?:摇|移|移动)?",
        ("tilt", "down"): f"{_BY}tilt(?:s|ing)?{_HOW} down / {_WHO}moves{_HOW} down / crane down / "
        "(?:镜头)?下摇 / 镜头(?:缓缓|慢慢)?(?:向|往)下(?:摇|移|移动)?",
        ("zoom", "in"): f"{_BY}zoom(?:s|ing)?{_HOW} in / 变焦推近 / 镜头放大 / 变焦",
        ("zoom", "out"): f"{_BY}zoom(?:s|ing)?{_HOW} out / 镜头缩小 / 变焦拉远",
        ("dolly", "in"): f"{_BY}(?:dolly|doll(?:ies|ying)|push(?:es)?|mov(?:es?|ing)){_HOW} in / "
        f"{_WHO}(?:moves|goes|comes) (?:in|closer|near) / close in / "
        "(?:镜头)?(?:缓缓|慢慢|逐渐|快速)?推(?:近|进|镜头?)|(?:镜头)(?:缓缓|慢慢)?(?:拉近|靠近)|拉近",
        ("dolly", "out"): f"{_BY}(?:dolly|pull(?:s|ing)?|mov(?:es?|ing)|doll(?:ies|ying)){_HOW} "
        f"(?:out|back|away) / {_WHO}(?:goes|moves) (?:away|back) / "
        "(?:镜头)?(?:缓缓|慢慢|逐渐|快速)?拉(?:远|开|镜头?)",
        ("orbit", "right"): f"{_WHO}(?:orbits?|circles|revolves|goes around)(?: around)? / "
        "orbit(?:ing)? (?:shot|camera|around) / 环绕(?:镜头|拍摄)? / 镜头(?:环绕|旋绕|绕着?)",
        ("hold", "in"): "(?:static|still|fixed|locked)(?: off)? (?:camera|shot|frame) / "
        f"{_WHO}(?:holds|stays|is still|stands still) / 固定(?:镜头|机位) / "
        f"镜头(?:固定|静止|不动) / 定镜",
        (
            "pan",
            "follow",
        ): f"{_WHO}(?:follows|tracks) / tracking shot / 跟拍 / 镜头跟随 / 跟镜头 / 跟随",
    }
)
_AMOUNTS = Phrases[float](
    {
        0.09: "slow(?:ly)? / slightly / gently / 缓缓 / 慢慢 / 缓慢 / 轻微 / 稍微",
        0.3: "quick(?:ly)? / fast / rapid(?:ly)? / far / a lot / 快速 / 迅速 / 急",
    }
)
_USUAL = {"pan": 0.18, "tilt": 0.16, "zoom": 0.22, "dolly": 0.2, "orbit": 0.2, "hold": 0.15}


@dataclass(frozen=True, slots=True)
class Look:
    """What the camera does; `on` is where in the text what it looks at follows. `follows` says that
    it goes with whoever moves.
    """

    camera: Camera
    on: int | None = None
    follows: bool = False


def look(text: str) -> tuple[str, Look | None]:
    """The text without what it says of the camera, and that."""
    found = _MOVES.all(text)
    if not found:
        return text, None
    told = found[-1]
    move, toward = told.meaning
    near = text[max(0, told.start - 12) : told.end + 12]
    amount = _AMOUNTS.first(text[told.start : told.end]) or _AMOUNTS.first(near)
    camera = Camera(
        move=move,  # pyright: ignore[reportArgumentType] - the table has no other
        toward="right" if toward == "follow" else toward,  # pyright: ignore[reportArgumentType]
        amount=amount or _USUAL[move],
    )
    for one in found:
        text = without(text, one.start, one.end)
    return text, Look(camera, told.end, follows=toward == "follow")

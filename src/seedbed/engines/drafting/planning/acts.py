"""What somebody does, and where something is, as the words beside its name say.

Floor 3.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from seedbed.engines.drafting.planning.phrases import Phrases

Way: TypeAlias = Literal[
    "none", "right", "left", "up", "down", "in_left", "in_right", "out_left", "out_right", "across"
]
Deed: TypeAlias = Literal[
    "none",
    "run",
    "walk",
    "drive",
    "fly",
    "swim",
    "float",
    "jump",
    "bounce",
    "spin",
    "roll",
    "dance",
    "wave",
    "fall",
    "rise",
    "grow",
    "shrink",
    "appear",
    "vanish",
    "shine",
    "shake",
    "circle",
]

DEEDS = Phrases[Deed](
    {
        "run": "run(?:s|ning)? / race[sd]? / racing / chas(?:es?|ing) / dash(?:es|ing)? / "
        "gallop(?:s|ing)? / rush(?:es|ing)? / 奔跑 / 跑 / 奔 / 追 / 冲",
        "walk": "walk(?:s|ing)? / strolls? / strolling / march(?:es|ing)? / crawl(?:s|ing)? / "
        "creeps? / steps? / moves? / moving / goes / going / travels? / comes? / coming / 走 / "
        "散步 / 爬 / 移动 / 前进",
        "drive": "driv(?:es?|ing) / rid(?:es?|ing) / roll(?:s|ing) (?:past|by|along) / "
        "skat(?:es|ing) / ski(?:s|ing) / cycl(?:es|ing) / slid(?:es?|ing) / 行驶 / 驶 / 开 / 骑 / "
        "滑行 / 滑",
        "fly": "fl(?:y|ies|ying|ew) / soar(?:s|ing)? / glid(?:es?|ing) / flutter(?:s|ing)? / "
        "飞翔 / "
        "飞舞 / 飞行 / 飞 / 翱翔",
        "swim": "sw(?:im|ims|imming|am) / div(?:es?|ing) / 游泳 / 游",
        "float": "float(?:s|ing)? / drift(?:s|ing)? / sail(?:s|ing)? / hover(?:s|ing)? / 漂浮 / "
        "飘浮 / "
        "漂 / 飘 / 航行 / 悬浮",
        "jump": "jump(?:s|ing)? / hop(?:s|ping)? / leap(?:s|ing)? / skips? / skipping / 跳跃 / "
        "跳(?!舞) / 蹦",
        "bounce": "bounc(?:es?|ing) / 弹跳 / 弹 / 拍球",
        "spin": "spin(?:s|ning)? / rotat(?:es?|ing) / turn(?:s|ing)? around / whirl(?:s|ing)? / "
        "twirl(?:s|ing)? / 旋转 / 转圈 / 转动 / 自转 / 打转",
        "roll": "roll(?:s|ing)? / tumbl(?:es?|ing) / 滚动 / 滚 / 翻滚",
        "dance": "danc(?:es?|ing) / sway(?:s|ing)? / swing(?:s|ing)? / 跳舞 / 舞蹈 / 起舞 / 摇摆 / "
        "摇晃",
        "wave": "wav(?:es?|ing)(?: (?:hello|goodbye))? / nod(?:s|ding)? / 挥手 / 招手 / 点头",
        "fall": "fall(?:s|ing)? / drop(?:s|ping)? / descend(?:s|ing)? / sink(?:s|ing)? / "
        "land(?:s|ing) / 落下 / 掉下 / 掉 / 下降 / 降落 / 飘落 / 落",
        "rise": "ris(?:es?|ing) / ascend(?:s|ing)? / climb(?:s|ing)? / tak(?:es?|ing) off / "
        "lift(?:s|ing)? off / launch(?:es|ing)? / 升起 / 上升 / 升空 / 起飞 / 爬升 / 升 / 发射",
        "grow": "grow(?:s|ing)? / gets? (?:bigger|larger) / expand(?:s|ing)? / 变大 / 长大 / "
        "生长 / 放大",
        "shrink": "shrink(?:s|ing)? / gets? smaller / 变小 / 缩小",
        "appear": "appear(?:s|ing)? / fad(?:es?|ing) in / shows? up / pop(?:s|ping)? up / 出现 / "
        "浮现 / "
        "显现",
        "vanish": "disappear(?:s|ing)? / vanish(?:es|ing)? / fad(?:es?|ing) (?:out|away) / 消失 / "
        "隐去",
        "shine": "shin(?:es?|ing) / twinkl(?:es?|ing) / blink(?:s|ing)? / glow(?:s|ing)? / "
        "flash(?:es|ing)? / sparkl(?:es?|ing) / pulsat(?:es|ing) / 闪烁 / 闪耀 / 发光 / 照耀 / "
        "闪 / 跳动",
        "shake": "shak(?:es?|ing) / trembl(?:es?|ing) / vibrat(?:es|ing) / 颤抖 / 抖动 / 震动",
        "circle": "circl(?:es?|ing) / orbit(?:s|ing)? / fl(?:y|ies|ying) (?:a)?round / 盘旋 / "
        "绕圈 / "
        "绕着",
    }
)
WAYS = Phrases[Way](
    {
        "right": "(?:from (?:the )?)?left to (?:the )?right / to(?:wards?)? the right(?! of) / "
        "rightwards? / (?:turns?|moves?|goes) right / 从左(?:边|侧)?(?:向|到|往|至)右(?:边|侧)? / "
        "(?:向|往|朝)右(?:边|侧)? / 自左向右",
        "left": "(?:from (?:the )?)?right to (?:the )?left / to(?:wards?)? the left(?! of) / "
        "leftwards? / (?:turns?|moves?|goes) left / 从右(?:边|侧)?(?:向|到|往|至)左(?:边|侧)? / "
        "(?:向|往|朝)左(?:边|侧)? / 自右向左",
        "up": "up(?:wards?)? / into the (?:air|sky) / from (?:the )?bottom to (?:the )?top / "
        "(?:向|往|朝)上 / 从下(?:到|往|向)上 / 上天 / 起来 / 升",
        "down": "down(?:wards?)? / from (?:the )?top to (?:the )?bottom / (?:向|往|朝)下 / "
        "从上(?:到|往|向)下 / 从天而降 / 下来 / 落",
        "in_left": "(?:enters?|in|comes?|coming|entering|arrives?)(?: in)? from (?:the )?left / "
        "从左(?:边|侧)?(?:进入|进来|入场|入画|出现|跑来|走来|飞来|跑进|走进)",
        "in_right": "(?:enters?|in|comes?|coming|entering|arrives?)(?: in)? from (?:the )?right / "
        "从右(?:边|侧)?(?:进入|进来|入场|入画|出现|跑来|走来|飞来|跑进|走进)",
        "out_right": "(?:leaves?|exits?|out)(?: of (?:the )?(?:frame|picture))? (?:to |on )?(?:the "
        ")?"
        "right / 从右(?:边|侧)?(?:离开|出去|出画|跑出|走出)",
        "out_left": "(?:leaves?|exits?|out)(?: of (?:the )?(?:frame|picture))? (?:to |on )?(?:the "
        ")?"
        "left / 从左(?:边|侧)?(?:离开|出去|出画|跑出|走出)",
        "across": "across / cross(?:es|ing)? / past / by(?=\\s*(?:[,.;]|$)) / through / 穿过 / "
        "经过 / 飞过 / 跑过 / 走过 / 驶过 / 横穿 / 掠过 / 路过 / 游过",
    }
)
_PACES = Phrases[float](
    {
        1.4: "quick(?:ly)? / fast / rapid(?:ly)? / swift(?:ly)? / 飞快 / 快速 / 迅速 / 急速 / 快",
        0.6: "slow(?:ly)? / gently / leisurely / 慢慢 / 缓缓 / 缓慢 / 慢速 / 悠闲",
    }
)
_DEFAULTS: dict[Deed, Way] = {"fall": "down", "rise": "up"}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done, whither, and how fast beside what is usual."""

    deed: Deed = "none"
    way: Way = "none"
    pace: float = 1.0
    also: Deed = "none"
    """What is done at the same time: "flies up, spinning"."""


def act(text: str) -> Act | None:
    """What the words behind the name of a thing say that it does."""
    deeds: list[Deed] = [one.meaning for one in DEEDS.all(text)]
    ways: list[Way] = [one.meaning for one in WAYS.all(text)]
    aimed: list[Way] = [one for one in ways if one != "across"] or ways
    way = aimed[-1] if aimed else None
    if not deeds and way is None:
        return None
    deed: Deed = deeds[0] if deeds else "walk"
    told = Act(deed, way or _DEFAULTS.get(deed, "none"), _PACES.first(text) or 1.0)
    others: list[Deed] = [one for one in deeds if one != deed]
    return replace(told, also=others[0]) if others else told

"""The verbs by which pictures are changed, in English and Chinese.

Floor 3. In Chinese what is changed may stand before its verb: 把猫去掉.
"""

import re

_F = re.IGNORECASE
_REMOVE = (
    "remove|delete|erase|take away|take out|take off|get rid of|clear away|cut out|hide|drop|"
    "wipe (?:out|off)"
)
_REMOVE_HAN = "去掉|去除|删除|删掉|删去|移除|移走|擦掉|抹掉|抹去|拿走|除掉|消除|清除|不要"
_KEEP = "keep only|keep just|keep nothing but|only keep|leave only|isolate|crop to|keep"
_KEEP_HAN = "只保留|仅保留|只留下?|保留|抠出"
_PUT = "put|add|place|insert|draw|paint in|lay"
_PUT_HAN = "加上|添加|增加|插入|放上|放入|放|加|添|画上|画"
_TURN = "make|paint|colou?r|recolou?r|dye|tint|let|turn"
_INTO = "change|turn|transform|convert|alter|set|edit|rewrite|correct|replace|swap|exchange|make"
_INTO_HAN = (
    "替换成|替换为|换成|换为|变成|变为|改成|改为|修改为|涂成|染成|画成|调成|设为|写成|转成|变"
)
_NAME = "name|call|label"
_NAME_HAN = "命名为|叫做|称为|取名"

BEGINS = (
    rf"\b(?:{_REMOVE}|{_KEEP}|{_PUT}|{_TURN}|{_INTO}|{_NAME})\b|把|将|让|给|在这|"
    rf"{_REMOVE_HAN}|{_KEEP_HAN}|{_PUT_HAN}"
)
"""How a part of a sentence begins that is a wish of its own."""
REMOVES = re.compile(
    rf"(?:把|将)(.*?)(?:都|全部?)?(?:{_REMOVE_HAN})|(?:{_REMOVE_HAN})(.*)|\b(?:{_REMOVE})\b(.*)", _F
)
KEEPS = re.compile(rf"(?:把|将)(.*?)(?:{_KEEP_HAN})|(?:{_KEEP_HAN})(.*)|\b(?:{_KEEP})\b(.*)", _F)
NAMES = re.compile(rf"(?:把|将)(.*?)(?:{_NAME_HAN})|(?:{_NAME_HAN})(.*)|\b(?:{_NAME})\b(.*)", _F)
CHANGES = re.compile(
    rf"\b(?:{_INTO})\b\s+(.+?)\s+(?:in)?(?:to|with|by|for)\s+(.+)"
    rf"|(?:把|将|让)?(.*?)(?:{_INTO_HAN})(.+)",
    _F,
)
"""What is changed, and into what."""
TURNS = re.compile(rf"\b(?:{_TURN})\b\s+(.+)|(?:让|使)(.+)", _F)
"""Both of them, one behind the other."""
PUTS = re.compile(rf"\b(?:{_PUT})\b(.+)|(?:把|将)(.+?)(?:{_PUT_HAN})|(?:{_PUT_HAN})(.+)", _F)
TEXTS = re.compile(
    r"\b(?:texts?|titles?|headlines?|captions?|sub ?titles?|signs?|words?|letter(?:s|ing)|"
    r"slogan)\b|文字|标题|字幕|招牌|口号|文案|字样|(?<!十)字(?!母)",
    _F,
)

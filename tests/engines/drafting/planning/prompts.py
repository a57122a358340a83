"""Prompts in English and Chinese, and what the Scene of each must hold."""

# ruff: noqa: RUF001 - signs as Chinese has them

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Holds:
    """What must be there: subjects with their counts, where it is, what is read, what moves.

    `things`, `colours`, `sides` (left, middle, right), `goes` (right, left, up, down) and `habits`
    are by concept; `above` are pairs.
    """

    prompt: str
    things: dict[str, int] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=dict)
    sides: dict[str, str] = field(default_factory=dict)
    goes: dict[str, str] = field(default_factory=dict)
    habits: dict[str, str] = field(default_factory=dict)
    above: tuple[tuple[str, str], ...] = ()
    place: str | None = None
    time: str | None = None
    weather: str | None = None
    texts: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    camera: tuple[str, str] | None = None
    shots: int | None = None
    seconds: float | None = None
    fps: int | None = None
    size: tuple[int, int] | None = None
    into: str | None = None
    mood: str | None = None
    noted: str | None = None


RED, BLUE, YELLOW, GREEN = "#e53935", "#1e7be5", "#ffd531", "#43a047"

ENGLISH = [
    Holds("a cat", {"cat": 1}, place="field", shots=1),
    Holds(
        "A red car on a city street at night",
        {"automobile": 1},
        {"automobile": RED},
        place="street",
        time="night",
    ),
    Holds(
        "three dogs and two cats on a meadow at dawn",
        {"dog": 3, "cat": 2},
        place="field",
        time="dawn",
    ),
    Holds(
        "a cat on the left and a dog on the right",
        {"cat": 1, "dog": 1},
        sides={"cat": "left", "dog": "right"},
    ),
    Holds(
        "On the left a tree, on the right a house, rain",
        {"deciduous-tree": 1, "house": 1},
        sides={"deciduous-tree": "left", "house": "right"},
        weather="rain",
    ),
    Holds(
        "A bird flies over a house from left to right, 5 seconds",
        {"bird": 1, "house": 1},
        goes={"bird": "right"},
        above=(("bird", "house"),),
        seconds=5,
    ),
    Holds("The sun is above the house", {"sun": 1, "house": 1}, above=(("sun", "house"),)),
    Holds(
        "an owl sits on a tree in the forest at night",
        {"owl": 1, "deciduous-tree": 1},
        above=(("owl", "deciduous-tree"),),
        place="forest",
        time="night",
    ),
    Holds(
        'A poster with the title "SUMMER SALE" at the top in yellow, a pizza, red background',
        {"pizza": 1},
        texts=("SUMMER SALE",),
        place="plain",
    ),
    Holds(
        "a video of a rabbit that hops, zoom in on the rabbit", {"rabbit": 1}, camera=("zoom", "in")
    ),
    Holds(
        "A man runs from right to left on the beach, camera pans left, 4 s",
        {"man-running": 1},
        goes={"man-running": "left"},
        place="beach",
        camera=("pan", "left"),
        seconds=4,
    ),
    Holds(
        "a 6-second 4K 60 fps film of three shots: a rocket flies up in space; a cat sleeps; two "
        "dogs run",
        {"rocket": 1, "cat": 1, "dog": 2},
        goes={"rocket": "up"},
        shots=3,
        seconds=6,
        fps=60,
        size=(3840, 2160),
    ),
    Holds(
        "Shot 1: a boat on the sea. Shot 2: a whale under water. Shot 3: a bird in the sky.",
        {"sailboat": 1, "whale": 1, "bird": 1},
        shots=3,
    ),
    Holds("Shot 1 (2 s): a cat. Shot 2 (4 s): a dog.", {"cat": 1, "dog": 1}, shots=2, seconds=6),
    Holds(
        "A clip: a cat walks in the garden, then it jumps, dissolve to a dog in the snow",
        {"cat": 2, "dog": 1},
        shots=3,
        into="dissolve",
    ),
    Holds(
        'A boy says "Hello, world!" in the park, animated',
        {"boy": 1},
        said=("Hello, world!",),
    ),
    Holds(
        "A sad film of a dog in the rain with epic music", {"dog": 1}, weather="rain", mood="grand"
    ),
    Holds(
        "a red car, the car is blue",
        {"automobile": 1},
        {"automobile": BLUE},
        noted="the later colour is taken",
    ),
    Holds("a tiny mouse and a huge elephant", {"mouse": 1, "elephant": 1}),
    Holds("two flumphs and a cat", {"cat": 1}, noted="'flumphs'"),
    Holds("a square picture of a red tulip", {"tulip": 1}, {"tulip": RED}, size=(1080, 1080)),
    Holds(
        "vertical video of a butterfly, 1080p, 30 fps", {"butterfly": 1}, size=(1080, 1920), fps=30
    ),
    Holds("a penguin on the ice, snowing", {"penguin": 1}, place="snow", weather="snow"),
    Holds(
        "five fish swim, an octopus on the right",
        {"fish": 5, "octopus": 1},
        place="underwater",
        sides={"octopus": "right"},
    ),
    Holds(
        "a green frog next to a yellow duck",
        {"frog": 1, "duck": 1},
        {"frog": GREEN, "duck": YELLOW},
    ),
    Holds("a balloon rises, 3 s", {"balloon": 1}, goes={"balloon": "up"}, seconds=3),
    Holds(
        "an apple falls down, a 2 second video",
        {"red-apple": 1},
        goes={"red-apple": "down"},
        seconds=2,
    ),
    Holds(
        "a camel in the desert at sunset, slow pan right, film",
        {"camel": 1},
        place="desert",
        time="dusk",
        camera=("pan", "right"),
    ),
    Holds(
        'title "Good Night", subtitle "see you tomorrow", a moon',
        texts=("Good Night", "see you tomorrow"),
    ),
    Holds("a film without people: no dogs, a cat, silent", {"cat": 1, "dog": 0}),
]

CHINESE = [
    Holds("一只猫", {"cat": 1}),
    Holds(
        "夜晚的城市街道上有一辆红色的汽车，下雨",
        {"automobile": 1},
        {"automobile": RED},
        place="street",
        time="night",
        weather="rain",
    ),
    Holds("草地上有三只狗和两只猫，清晨", {"dog": 3, "cat": 2}, place="field", time="dawn"),
    Holds("左边一只猫，右边一只狗", {"cat": 1, "dog": 1}, sides={"cat": "left", "dog": "right"}),
    Holds(
        "左边一个男孩，右边一个女孩，中间一棵树",
        {"boy": 1, "girl": 1, "deciduous-tree": 1},
        sides={"boy": "left", "girl": "right", "deciduous-tree": "middle"},
    ),
    Holds(
        "一只小鸟从房子上方飞过，5秒",
        {"bird": 1, "house": 1},
        above=(("bird", "house"),),
        seconds=5,
    ),
    Holds("太阳在房子的上方", {"sun": 1, "house": 1}, above=(("sun", "house"),)),
    Holds(
        "一只猫头鹰站在树上，森林的夜晚",
        {"owl": 1, "deciduous-tree": 1},
        above=(("owl", "deciduous-tree"),),
        place="forest",
        time="night",
    ),
    Holds(
        "海报，标题“夏日特惠”在上方，红色背景，中间一个披萨",
        {"pizza": 1},
        texts=("夏日特惠",),
        place="plain",
        size=(1080, 1440),
    ),
    Holds(
        "日落时的海边，一只小狗从左到右跑，4秒",
        {"dog": 1},
        goes={"dog": "right"},
        place="beach",
        time="dusk",
        seconds=4,
    ),
    Holds("一辆蓝色的公交车从右向左行驶的视频", {"bus": 1}, {"bus": BLUE}, goes={"bus": "left"}),
    Holds("镜头推近，一只兔子在雪地里跳", {"rabbit": 1}, place="snow", camera=("dolly", "in")),
    Holds("镜头拉远，沙漠里的骆驼", {"camel": 1}, place="desert", camera=("dolly", "out")),
    Holds("环绕镜头，一座城堡", {"castle": 1}, camera=("orbit", "right")),
    Holds(
        "镜头一：海上的帆船。镜头二：海底的鲸鱼。镜头三：天空中的小鸟。",
        {"sailboat": 1, "whale": 1, "bird": 1},
        shots=3,
    ),
    Holds(
        "三个镜头：火箭升空；一只猫在睡觉；两只狗在跑，每个镜头2秒，60帧",
        {"rocket": 1, "cat": 1, "dog": 2},
        goes={"rocket": "up"},
        shots=3,
        seconds=6,
        fps=60,
    ),
    Holds("一只猫在花园里走，接着它跳起来，动画", {"cat": 2}, shots=2),
    Holds(
        "视频：一只猫在房间里，叠化到雪地里的一只狗", {"cat": 1, "dog": 1}, shots=2, into="dissolve"
    ),
    Holds(
        "一个男孩说：“你好，世界！”，公园，动画",
        {"boy": 1},
        said=("你好，世界！",),
        place="field",
    ),
    Holds(
        "旁白：“很久以前”，一座城堡，轻快的音乐", {"castle": 1}, said=("很久以前",), mood="bright"
    ),
    Holds(
        "一辆红色的汽车，汽车是蓝色的",
        {"automobile": 1},
        {"automobile": BLUE},
        noted="the later colour is taken",
    ),
    Holds("竖屏短片，一只蝴蝶在飞，1080p", {"butterfly": 1}, size=(1080, 1920)),
    Holds("正方形图片，一朵红色的玫瑰", {"rose": 1}, {"rose": RED}, size=(1080, 1080)),
    Holds(
        "水下有五条鱼，右边一只章鱼",
        {"fish": 5, "octopus": 1},
        place="underwater",
        sides={"octopus": "right"},
    ),
    Holds("一个气球升起，3秒", {"balloon": 1}, goes={"balloon": "up"}, seconds=3),
    Holds("一只蝴蝶转圈，2秒的视频", {"butterfly": 1}, habits={"butterfly": "spin"}, seconds=2),
    Holds("标题《月光》，副标题“第一章”，月亮", texts=("月光", "第一章")),
    Holds("雪山前的一匹马，大雾", {"horse": 1}, place="mountains", weather="fog"),
    Holds("太空里的宇航员，4K", place="space", size=(3840, 2160)),
    Holds(
        "一只 cat 和 two dogs 在 beach，标题“Hello 你好”",
        {"cat": 1, "dog": 2},
        place="beach",
        texts=("Hello 你好",),
    ),
    Holds(
        "房子左边有一只猫，雪地里一个雪人",
        {"cat": 1, "house": 1, "snowman-without-snow": 1},
        sides={"cat": "left"},
        place="snow",
    ),
    Holds("一座山，两棵树，标题“山”在左边", {"mountain": 1, "deciduous-tree": 2}, texts=("山",)),
]

"""What things are by nature: whether they stand, fly or swim, how high they are beside one another,
where they are usually seen.

Floor 3. Concepts are those of the art.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from seedbed.core.scene.layers import Ground
from seedbed.engines.drafting.planning.phrases import words_of

Habitat: TypeAlias = Literal["ground", "air", "far", "water", "afloat"]


HABITATS: Mapping[Habitat, frozenset[str]] = {
    "air": words_of(
        "airplane airplane-arrival airplane-departure small-airplane helicopter bird eagle dove "
        "bat "
        "butterfly honeybee fly mosquito balloon kite rocket flying-saucer satellite parachute "
        "parrot owl phoenix fairy black-bird baby-angel flying-disc aerial-tramway dragon "
        "superhero "
        "mountain-cableway carp-streamer leaf-fluttering-in-wind maple-leaf fallen-leaf feather "
        "person-in-suit-levitating heart-suit red-heart sparkling-heart musical-note musical-notes "
        "high-voltage bubbles fireworks sparkler party-popper confetti-ball dragonfly"
    ),
    "far": words_of(
        "sun sun-with-face full-moon full-moon-face crescent-moon first-quarter-moon new-moon "
        "last-quarter-moon waning-crescent-moon waxing-crescent-moon waxing-gibbous-moon "
        "waning-gibbous-moon first-quarter-moon-face last-quarter-moon-face new-moon-face star "
        "glowing-star shooting-star comet cloud cloud-with-rain cloud-with-snow "
        "cloud-with-lightning cloud-with-lightning-and-rain sun-behind-cloud rainbow ringed-planet "
        "sun-behind-large-cloud sun-behind-small-cloud sun-behind-rain-cloud snowflake "
        "globe-showing-americas globe-showing-asia-australia globe-showing-europe-africa"
    ),
    "water": words_of(
        "fish tropical-fish blowfish dolphin whale spouting-whale shark octopus squid jellyfish "
        "orca shrimp lobster mermaid merman merperson seal turtle submarine"
    ),
    "afloat": words_of(
        "sailboat ship ferry passenger-ship motor-boat speedboat canoe person-rowing-boat swan "
        "duck "
        "man-rowing-boat woman-rowing-boat person-swimming man-swimming woman-swimming "
        "person-surfing man-surfing woman-surfing ring-buoy person-playing-water-polo"
    ),
}
"""Where things are that do not stand on the ground."""
HEIGHTS: Mapping[float, frozenset[str]] = {
    0.58: words_of("mountain mount-fuji snow-capped-mountain volcano"),
    0.5: words_of(
        "castle japanese-castle tokyo-tower statue-of-liberty office-building hotel factory church "
        "department-store classical-building bank hospital school mosque hindu-temple synagogue "
        "ferris-wheel roller-coaster circus-tent shinto-shrine post-office love-hotel kaaba "
        "rainbow "
        "stadium convenience-store japanese-post-office houses lighthouse pyramid windmill "
        "street-lamp"
    ),
    0.42: words_of(
        "house house-with-garden derelict-house deciduous-tree evergreen-tree palm-tree "
        "christmas-tree tanabata-tree leafless-tree hut tent ship passenger-ship sauropod t-rex "
        "fountain dragon barn pavilion bookshelf wardrobe refrigerator bamboo"
    ),
    0.36: words_of(
        "giraffe elephant mammoth airplane helicopter sailboat ferry whale spouting-whale rocket "
        "fireworks "
        "bus oncoming-bus trolleybus minibus delivery-truck articulated-lorry fire-engine train "
        "locomotive high-speed-train bullet-train metro tram tractor orca flying-saucer camel "
        "two-hump-camel moai carousel-horse bridge moose floor-lamp"
    ),
    0.16: words_of(
        "dove butterfly honeybee lady-beetle bug ant spider snail beetle cricket worm fly mosquito "
        "mouse rat frog baby-chick front-facing-baby-chick hatching-chick bird crab "
        "scorpion shrimp blossom cherry-blossom hibiscus white-flower red-apple green-apple ring "
        "musical-note musical-notes snowflake star glowing-star bubbles hot-beverage lemon "
        "strawberry cherries egg chestnut heart-suit red-heart dumpling steaming-bowl pizza "
        "teacup-without-handle cooked-rice cookie doughnut cupcake croissant bread hamburger sushi "
        "bucket lotus grapes tangerine peach pear banana wine-glass beer-mug "
        "glass-of-milk hamster dragonfly starfish steamed-bun"
    ),
    0.2: words_of(
        "baby fox wolf raccoon boar tiger-face dog-face cat-face bench fence bush vase submarine "
        "monkey-face rabbit-face mouse-face pig-face cow-face horse-face koala "
        "cat dog rabbit duck hedgehog chipmunk turtle rooster chicken penguin fish "
        "tropical-fish rose tulip sunflower mushroom balloon kite soccer-ball basketball "
        "volleyball "
        "tennis birthday-cake owl parrot eagle bat black-cat poodle seedling sandcastle "
        "potted-plant crescent-moon full-moon sun sun-with-face cloud shooting-star watermelon"
    ),
}
"""How high things are where they are alone, as a share of the canvas."""
_USUAL = 0.28
_OPEN: frozenset[Ground] = frozenset(
    {"sky", "sea", "beach", "city", "street", "field", "mountains", "desert", "snow"}
)
PLACES: tuple[tuple[Ground, frozenset[str]], ...] = (
    ("underwater", HABITATS["water"] | words_of("coral")),
    ("sea", HABITATS["afloat"] - words_of("duck swan")),
    (
        "space",
        words_of(
            "rocket astronaut man-astronaut woman-astronaut ringed-planet satellite comet alien "
            "flying-saucer globe-showing-americas globe-showing-asia-australia alien-monster "
            "globe-showing-europe-africa"
        ),
    ),
    (
        "snow",
        words_of(
            "penguin polar-bear igloo snowman snowman-without-snow sled skier snowboarder seal"
        ),
    ),
    ("beach", words_of("lighthouse starfish sandcastle")),
    ("desert", words_of("camel two-hump-camel cactus scorpion pyramid")),
    (
        "forest",
        words_of(
            "bear fox owl deer wolf tiger gorilla monkey mushroom evergreen-tree sloth elf bamboo "
            "raccoon moose boar"
        ),
    ),
    (
        "street",
        words_of(
            "automobile taxi bus oncoming-bus police-car ambulance fire-engine bicycle motorcycle "
            "motor-scooter racing-car minibus delivery-truck articulated-lorry "
            "sport-utility-vehicle "
            "pickup-truck oncoming-automobile kick-scooter trolleybus tram street-lamp"
        ),
    ),
    ("sky", (HABITATS["air"] | HABITATS["far"]) - words_of("dragon red-heart heart-suit")),
    (
        "room",
        words_of(
            "chair bed couch-and-lamp television laptop desktop-computer teddy-bear candle books "
            "bathtub toilet shower teapot hot-beverage birthday-cake telephone window door table "
            "desk bookshelf vase refrigerator wardrobe floor-lamp"
        ),
    ),
    (
        "field",
        words_of(
            "cat dog horse cow ewe ram pig rabbit chicken rooster goat duck goose house hut "
            "house-with-garden sunflower tulip rose deciduous-tree tractor elephant giraffe lion "
            "zebra butterfly boy girl child man-standing woman-standing person-standing farmer "
            "kite "
            "black-cat kangaroo snail hedgehog t-rex sauropod frog turtle baby castle unicorn "
            "panda "
            "man-running woman-running person-running man-walking woman-walking koala dragon barn "
            "windmill bench fence bush pavilion swing bridge knight old-man old-woman"
        ),
    ),
)
"""Where things are seen, the more telling first."""


NIGHTLY = words_of(
    "full-moon full-moon-face crescent-moon first-quarter-moon last-quarter-moon new-moon "
    "waning-crescent-moon waxing-crescent-moon waxing-gibbous-moon waning-gibbous-moon fireworks "
    "first-quarter-moon-face last-quarter-moon-face new-moon-face shooting-star"
)
"""What is seen by night."""
BUST = "-bust"
"""How what is drawn from the waist up is called, where there is a whole one, too."""
RIDERS = words_of(
    "astronaut cook farmer police-officer firefighter superhero ninja health-worker artist pilot "
    "detective guard singer student prince princess mage construction-worker office-worker "
    "scientist mechanic"
)
"""Of whom there is an upper half; of others with that name there is the head alone."""
MOUNTS: Mapping[str, float] = {
    **{"horse": 0.52, "unicorn": 0.52, "zebra": 0.5, "donkey": 0.5, "cow": 0.45, "ox": 0.45},
    **{"camel": 0.3, "two-hump-camel": 0.3, "elephant": 0.25, "dragon": 0.5, "deer": 0.6},
    **{"lion": 0.5, "tiger": 0.35, "bear": 0.4, "polar-bear": 0.4, "llama": 0.6, "turtle": 0.4},
    **{"vase": 0.12, "bucket": 0.3, "basket": 0.4},
    **{
        "motorcycle": 0.5,
        "bicycle": 0.3,
        "motor-scooter": 0.5,
        "canoe": 0.45,
        "sled": 0.5,
        "tractor": 0.4,
    },
}
"""How far down a thing its back is, or its brim; who is on it is seen behind that."""
SUNK = 0.22
"""How much farther down the feet are of those who ride."""
SEATS: Mapping[str, float] = {
    **{"couch-and-lamp": 0.5, "chair": 0.52, "bed": 0.45, "seat": 0.5, "bench": 0.55, **MOUNTS}
}
"""How far down a thing its seat is, on which others are; they are on top of all else."""


def habitat(concept: str) -> Habitat:
    """Whether it stands, flies, hangs far away, swims below the water or floats on it."""
    for kind, known in HABITATS.items():
        if concept in known:
            return kind
    return "ground"


def height(concept: str) -> float:
    """How high it is where it is alone, as a share of the canvas."""
    return next((high for high, known in HEIGHTS.items() if concept in known), _USUAL)


def usual_place(concepts: Sequence[str]) -> Ground:
    """Where such things are seen, by the first that tells; those on land tell first."""
    flying = {"air", "far"}
    swims, floats = ({habitat(one) for one in concepts} & {kind} for kind in ("water", "afloat"))
    if swims and floats:
        return "sea"
    for concept in sorted(concepts, key=lambda one: habitat(one) in flying):
        for place, known in PLACES:
            if concept in known:
                return place
    return "studio" if concepts else "gradient"


def is_lamp(concept: str, ground: Ground, time: str, weather: str) -> bool:
    """Whether a backdrop of that kind shows it by itself: the sun by day, the moon by night."""
    if ground not in _OPEN or weather not in {"clear", "cloudy"}:
        return False
    return concept == ("full-moon" if time == "night" else "sun")

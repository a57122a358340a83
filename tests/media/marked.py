"""Pictures in which something is marked, drawn in code: a plan, a shelf, and odd ones."""

import math
import random
from collections.abc import Mapping
from pathlib import Path

from anyio.to_thread import run_sync
from PIL import Image, ImageDraw, ImageFont

from seedbed.media.studio.orders import Order
from seedbed.media.studio.process import run
from seedbed.media.studio.studio import Studio, Tell

PEN = ImageDraw.ImageDraw
RED, BLUE, GREEN = "#e02020", "#1650d0", "#12c020"


def plan(path: Path) -> Path:
    """A plan of four rooms: a circle drawn by hand, that does not close, and a crooked box."""
    image = Image.new("RGB", (900, 600), "#fbfaf5")
    pen = ImageDraw.Draw(image)
    for corners in [(40, 40, 360, 560), (360, 40, 860, 300), (360, 300, 860, 560)]:
        pen.rectangle(corners, outline="#333333", width=5)
    for words, place in [("Hall", (150, 280)), ("BOILER", (470, 150)), ("Exit 7", (600, 420))]:
        pen.text(place, words, fill="#222222", font=ImageFont.load_default(34))
    by_hand(pen, (530, 170), (130, 85))
    pen.text((480, 262), "DANGER", fill=RED, font=ImageFont.load_default(30))
    crooked = [(570, 382), (760, 380), (764, 500), (568, 503), (571, 379)]
    pen.line(crooked, fill=BLUE, width=7, joint="curve")
    image.save(path)
    return path


def by_hand(pen: PEN, middle: tuple[int, int], radii: tuple[int, int], colour: str = RED) -> None:
    """An ellipse that is a little wrong everywhere, and does not close."""
    chance, places = random.Random(4), list[tuple[float, float]]()
    for degrees in range(0, 352, 4):
        turn = math.radians(degrees - 80)
        by = 1 + 0.03 * math.sin(3 * turn) + chance.uniform(-0.006, 0.006)
        x = middle[0] + radii[0] * by * math.cos(turn)
        places.append((x, middle[1] + radii[1] * by * math.sin(turn)))
    pen.line(places, fill=colour, width=8, joint="curve")


def shelf(path: Path) -> Path:
    """A shelf with goods in many colours, of which one is boxed."""
    image = Image.new("RGB", (800, 400), "#efe6d8")
    pen, chance = ImageDraw.Draw(image), random.Random(1)
    for foot in (190, 370):
        for left in range(20, 760, 75):
            tall = chance.randint(90, 140)
            good = chance.choice(["#8d6e63", "#c8ad7f", "#c0392b", "#2255cc", "#e07b20"])
            pen.rectangle((left, foot - tall, left + 62, foot), fill=good)
        pen.rectangle((0, foot, 800, foot + 10), fill="#6b4a2f")
    pen.rectangle((312, 210, 400, 376), outline=GREEN, width=6)
    image.save(path)
    return path


class Beside(Studio):
    """The studio in a thread of the test's own process."""

    async def do(self, order: Order, tell: Tell) -> Mapping[str, object]:
        del tell
        return await run_sync(run, order)

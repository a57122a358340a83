"""Draws the how-to's picture anew: one sentence each, as `draft` draws it."""

# ruff: noqa: RUF001 - commas as Chinese has them

from pathlib import Path

from PIL import Image

from seedbed.engines.drafting.draftsman import Draftsman
from seedbed.engines.drafting.stage import Stage

OUT = Path(__file__).parents[1] / "docs" / "how-to" / "drawn.jpg"
SIDES, ACROSS = (416, 234), 3
PROMPTS = (
    'a lighthouse on a rocky coast at dusk, two gulls, title "Safe harbour"',
    "秋天的森林里一只狐狸和两只兔子，标题“秋日私语”",
    "an astronaut rides a horse on the moon",
    "三个红气球升在绿色的田野上，左边一只大猫",
    "a lion and an elephant on the savanna at sunset",
    "夜晚的城市街道下着雨，一辆黄色出租车",
    "a panda eats bamboo beside a pagoda in the morning mist",
    "桌上有苹果、面包和蛋糕",
    "a red barn in a snowy field, a girl and a dog",
    "海底的海龟和五条彩色的鱼",
    'poster: a rocket in space, title "To the stars", subtitle "第一课"',
    "公园里一个女孩在长椅旁边放风筝",
)


def main() -> None:
    """Write the picture, and say what of the sentences was not understood."""
    draftsman, (width, height) = Draftsman.ready(), SIDES
    whole = Image.new("RGB", (width * ACROSS, height * -(-len(PROMPTS) // ACROSS)))
    for place, prompt in enumerate(PROMPTS):
        plan = draftsman.planner.plan(prompt, film=False, size=(2 * width, 2 * height))
        stage = Stage(plan.scene, art=draftsman.art, lettering=draftsman.lettering, pictures={})
        drawn = (
            Image.fromarray(stage.frame(0)).convert("RGB").resize(SIDES, Image.Resampling.LANCZOS)
        )
        whole.paste(drawn, (place % ACROSS * width, place // ACROSS * height))
        for note in plan.notes:
            print(f"{prompt}: {note}")
    whole.save(OUT, quality=78)


if __name__ == "__main__":
    main()

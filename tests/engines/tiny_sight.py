"""A LLaVA with random weights in openvino-genai's own form, written in code: for conformance, never
for ability. Its language model is the tiny llama.

The library must not be imported beside the tests, since it counts its users: `tiny_sight_graphs.py`
writes the graphs in a process of its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SIDE, PATCH = 28, 14
PATCHES = (SIDE // PATCH) ** 2
"""The tokens of a picture, whatever its size; the library puts a newline behind them."""


def write_tiny_sight(folder: Path, *, template: str) -> Path:
    """Write a folder that the library loads in a moment; its tokens are bytes, and `hi`."""
    folder.mkdir(exist_ok=True)
    subprocess.run(
        (sys.executable, "-m", "tests.engines.tiny_sight_graphs", str(folder)),
        check=True,
        env={"PATH": os.defpath, "HOME": str(folder)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
    )
    sizes = {"crop_size": {"height": SIDE, "width": SIDE}, "size": {"shortest_edge": SIDE}}
    written = {
        "config": {"model_type": "llava", "vision_config": {"patch_size": PATCH}},
        "preprocessor_config": sizes | {"image_mean": [0.5] * 3, "image_std": [0.5] * 3},
        "generation_config": {"eos_token_id": 2},
    }
    for name, words in written.items():
        (folder / f"{name}.json").write_text(json.dumps(words))
    (folder / "chat_template.jinja").write_text(template)
    return folder / "openvino_language_model.xml"

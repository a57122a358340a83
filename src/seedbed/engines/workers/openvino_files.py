"""The library's own form of a model: a folder of graphs and weights. Whether it is whole.

Floor 3. The library ends the process over a file that is cut off, so the files are looked at first.
"""

import html
import re
from pathlib import Path

import msgspec

_GRAPHS = ("openvino_model", "openvino_tokenizer", "openvino_detokenizer")
_PLACES = re.compile(r'\boffset="(\d+)" size="(\d+)"')
_TEMPLATE = re.compile(r'<chat_template value="([^"]*)"')


def check_folder(folder: Path) -> None:
    """See that each graph is whole, and that its weights reach as far as it says.

    Raises:
        ValueError: a file is missing or cut off; the sentence names it.
    """
    for name in _GRAPHS:
        graph, weights = folder / f"{name}.xml", folder / f"{name}.bin"
        for path in (graph, weights):
            if not path.is_file():
                raise ValueError(f"{path.name} is missing in {folder}")
        text = graph.read_text(errors="replace")
        if not text.rstrip().endswith("</net>"):
            raise ValueError(f"{graph.name} is cut off: it has no </net> at its end")
        reach = max((int(offset) + int(size) for offset, size in _PLACES.findall(text)), default=0)
        size = weights.stat().st_size
        if size < reach:
            raise ValueError(f"{weights.name} has {size:,} bytes, and its graph needs {reach:,}")


def template_of(folder: Path) -> str:
    """The chat template, from where the library itself looks for it; empty where there is none."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(errors="replace")
    for name in ("tokenizer_config.json", "chat_template.json"):
        template = _field(folder / name)
        if template:
            return template
    found = _TEMPLATE.search((folder / "openvino_tokenizer.xml").read_text(errors="replace"))
    return html.unescape(found[1]) if found else ""


def _field(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        template = msgspec.json.decode(path.read_bytes(), type=dict[str, object]).get(
            "chat_template"
        )
    except msgspec.MsgspecError:
        return ""
    return template if isinstance(template, str) else ""

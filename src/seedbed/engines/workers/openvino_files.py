"""The library's own form of a model: a folder of graphs and weights. Whether it is whole.

Floor 3. The library ends the process over a file that is cut off, so the files are looked at first.
"""

import html
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

_CUTS = ("openvino_tokenizer", "openvino_detokenizer")
_GRAPHS = ("openvino_model", *_CUTS)
_PARTS = ("language_model", "text_embeddings_model", "vision_embeddings_model")
SEES = "openvino_language_model.xml"
"""By what file a folder is known whose model sees pictures."""
_SIGHTS = ("preprocessor_config.json", "processor_config.json")
_PLACES = re.compile(r'\boffset="(\d+)" size="(\d+)"')
_TEMPLATE = re.compile(r'<chat_template value="([^"]*)"')


def check_folder(folder: Path) -> None:
    """See that each graph is whole, and that its weights reach as far as it says.

    Raises:
        ValueError: a file is missing or cut off; the sentence names it.
    """
    if not (folder / SEES).is_file():
        _check_graphs(folder, _GRAPHS)
        return
    parts = [f"openvino_{part}" for part in _PARTS]
    others = sorted({path.stem for path in folder.glob("openvino_*.xml")} - {*parts, *_CUTS})
    _check_graphs(folder, (*parts, *_CUTS, *others))
    if not _field(folder / "config.json", "model_type"):
        raise ValueError(f"config.json in {folder} names no model_type")
    if not any((folder / name).is_file() for name in _SIGHTS):
        raise ValueError(f"{_SIGHTS[0]} is missing in {folder}: how pictures are to be shown")


def _check_graphs(folder: Path, names: Iterable[str]) -> None:
    for name in names:
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
        template = _field(folder / name, "chat_template")
        if template:
            return template
    found = _TEMPLATE.search((folder / "openvino_tokenizer.xml").read_text(errors="replace"))
    return html.unescape(found[1]) if found else ""


def _field(path: Path, name: str) -> str:
    if not path.is_file():
        return ""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, object]).get(name)
    except msgspec.MsgspecError:
        return ""
    return found if isinstance(found, str) else ""

"""Wheels made in code: small, and of whatever is put in."""

import zipfile
from collections.abc import Mapping
from pathlib import Path


def make_wheel(
    folder: Path, *, package: str = "tiny", version: str = "1.0", members: Mapping[str, bytes]
) -> Path:
    """Write a wheel that pip takes."""
    name = package.replace("-", "_")
    about = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    metadata += "Requires-Dist: a-package-that-is-nowhere\n"
    tag = "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    inside = {
        **members,
        f"{about}/METADATA": metadata.encode(),
        f"{about}/WHEEL": tag.encode(),
        f"{about}/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in inside.items():
            archive.writestr(member, content)
    return path

"""The devices that llama.cpp's library finds, in its server's own words, started with `python -m`.

Floor 3. The library has no command for this, and the server of ours does not load it.
"""

import sys
from collections.abc import Iterable, Mapping

import xllamacpp

_MEBI = 1 << 20


def lines(devices: Iterable[Mapping[str, object]]) -> list[str]:
    """What `llama-server --list-devices` prints of them; the processor itself is no device."""
    told = ["Available devices:"]
    for one in devices:
        if one["type"] != xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU:
            total, free = (int(str(one[f"memory_{which}"])) // _MEBI for which in ("total", "free"))
            told.append(f"  {one['name']}: {one['description']} ({total} MiB, {free} MiB free)")
    return told


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines(xllamacpp.get_device_info())) + "\n")

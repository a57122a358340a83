"""The library's devices are told as llama.cpp's server tells its own."""

import xllamacpp

from seedbed.engines.workers.llama_devices import lines

CPU = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU


def device(name: str, kind: object, mebibytes: int) -> dict[str, object]:
    size = mebibytes << 20
    told = {"name": name, "description": f"a {name}", "type": kind}
    return {**told, "memory_total": size, "memory_free": size // 2}


def test_every_device_but_the_processor_has_a_line_with_its_memory() -> None:
    assert lines([device("CPU", CPU, 1000), device("CUDA0", object(), 24_000)]) == [
        "Available devices:",
        "  CUDA0: a CUDA0 (24000 MiB, 12000 MiB free)",
    ]


def test_the_library_tells_of_this_machine_what_the_lines_are_made_of() -> None:
    assert lines(xllamacpp.get_device_info())[0] == "Available devices:"

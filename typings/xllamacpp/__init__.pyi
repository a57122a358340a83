"""What we use of xllamacpp 2026.10, which carries no types of its own."""

from enum import IntEnum

class llama_pooling_type(IntEnum):
    LLAMA_POOLING_TYPE_MEAN = 1
    LLAMA_POOLING_TYPE_RANK = 4

class ggml_backend_dev_type(IntEnum):
    GGML_BACKEND_DEVICE_TYPE_CPU = 0

def get_device_info() -> list[dict[str, object]]: ...

class _File:
    path: str

class _Threads:
    n_threads: int

class CommonAdapterLoraInfo:
    path: str
    scale: float

class CommonParams:
    model: _File
    mmproj: _File
    lora_adapters: list[CommonAdapterLoraInfo]
    hostnames: list[str]
    port: int
    api_keys: list[str]
    n_ctx: int
    n_parallel: int
    n_batch: int
    n_ubatch: int
    n_gpu_layers: int
    embedding: bool
    pooling_type: llama_pooling_type
    cpuparams: _Threads
    cpuparams_batch: _Threads
    n_threads_http: int
    endpoint_slots: bool
    prefill_assistant: bool
    offline: bool
    cache_ram_mib: int
    slot_save_path: str
    ui: bool

class Server:
    def __init__(self, params: CommonParams) -> None: ...
    @property
    def listening_address(self) -> str: ...
    def handle_chat_completions(self, body: dict[str, object]) -> object: ...

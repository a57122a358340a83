"""What we use of xllamacpp 2026.10, which carries no types of its own."""

class _Model:
    path: str

class _Threads:
    n_threads: int

class CommonParams:
    model: _Model
    hostnames: list[str]
    port: int
    api_keys: list[str]
    n_ctx: int
    n_parallel: int
    cpuparams: _Threads
    cpuparams_batch: _Threads
    n_threads_http: int
    endpoint_slots: bool
    offline: bool
    ui: bool

class Server:
    def __init__(self, params: CommonParams) -> None: ...
    @property
    def listening_address(self) -> str: ...

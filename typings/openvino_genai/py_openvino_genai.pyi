import enum
from collections.abc import Mapping, Sequence

class GenerationFinishReason(enum.Enum):
    NONE = 0
    STOP = 1
    LENGTH = 2

class GenerationStatus(enum.Enum):
    RUNNING = 0
    FINISHED = 1
    IGNORED = 2
    CANCEL = 3
    STOP = 4

class GenerationOutput:
    generated_ids: Sequence[int]
    generated_log_probs: Sequence[float]
    finish_reason: GenerationFinishReason

class PerfMetrics:
    def get_num_input_tokens(self) -> int: ...

class GenerationHandle:
    def can_read(self) -> bool: ...
    def read(self) -> Mapping[int, GenerationOutput]: ...
    def get_status(self) -> GenerationStatus: ...
    def cancel(self) -> None: ...
    def get_perf_metrics(self) -> PerfMetrics: ...

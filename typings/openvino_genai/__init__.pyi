"""What we use of openvino-genai 2026.4; its own types name classes that they do not define."""

from collections.abc import Mapping, Sequence
from typing import overload

from numpy import int64, uint8
from numpy.typing import NDArray

from .py_openvino_genai import (
    GenerationFinishReason as GenerationFinishReason,
)
from .py_openvino_genai import (
    GenerationHandle,
)
from .py_openvino_genai import (
    GenerationStatus as GenerationStatus,
)

class SchedulerConfig:
    num_kv_blocks: int
    max_num_batched_tokens: int
    max_num_seqs: int
    enable_prefix_caching: bool

class StructuredOutputConfig:
    grammar: str
    structural_tags_config: TriggeredTags | Union

    class EBNF:
        def __init__(self, grammar: str) -> None: ...

    class AnyText: ...

    class Concat:
        def __init__(
            self,
            elements: Sequence[StructuredOutputConfig.EBNF | StructuredOutputConfig.AnyText],
        ) -> None: ...

    class Union:
        def __init__(self, elements: Sequence[StructuredOutputConfig.Concat]) -> None: ...

    class Tag:
        def __init__(
            self, *, begin: str, content: StructuredOutputConfig.EBNF, end: str
        ) -> None: ...

    class TriggeredTags:
        def __init__(
            self,
            *,
            triggers: Sequence[str],
            tags: Sequence[StructuredOutputConfig.Tag],
            at_least_one: bool,
            stop_after_first: bool,
        ) -> None: ...

class GenerationConfig:
    max_new_tokens: int
    min_new_tokens: int
    do_sample: bool
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    rng_seed: int
    frequency_penalty: float
    presence_penalty: float
    logprobs: int
    stop_token_ids: set[int]
    structured_output_config: StructuredOutputConfig
    num_assistant_tokens: int
    max_ngram_size: int
    def set_eos_token_id(self, id: int) -> None: ...
    def validate(self) -> None: ...

class Tensor:
    data: NDArray[int64]
    def __init__(self, rows: NDArray[int64] | NDArray[uint8]) -> None: ...

class TokenizedInputs:
    input_ids: Tensor

class Tokenizer:
    chat_template: str
    def apply_chat_template(
        self,
        history: Sequence[Mapping[str, object]],
        add_generation_prompt: bool,
        *,
        chat_template: str = "",
        tools: Sequence[Mapping[str, object]] | None = None,
        extra_context: Mapping[str, object] | None = None,
    ) -> str: ...
    def encode(
        self, prompts: str, *, add_special_tokens: bool, max_length: int
    ) -> TokenizedInputs: ...
    @overload
    def decode(self, tokens: Sequence[int], skip_special_tokens: bool = True) -> str: ...
    @overload
    def decode(self, tokens: list[list[int]], skip_special_tokens: bool = True) -> list[str]: ...
    def get_original_chat_template(self) -> str: ...
    def set_chat_template(self, chat_template: str) -> None: ...
    def get_eos_token_id(self) -> int: ...
    def get_vocab(self) -> Mapping[bytes, int]: ...

class EncodedGenerationResult:
    m_generation_ids: Sequence[Sequence[int]]

class PipelineMetrics:
    cache_usage: float
    requests: int
    scheduled_requests: int

class ContinuousBatchingPipeline:
    def __init__(
        self,
        model: str,
        scheduler: SchedulerConfig,
        device: str,
        properties: Mapping[str, object] = ...,
    ) -> None: ...
    def get_tokenizer(self) -> Tokenizer: ...
    def get_metrics(self) -> PipelineMetrics: ...
    @overload
    def add_request(
        self, number: int, input_ids: Tensor, config: GenerationConfig
    ) -> GenerationHandle: ...
    @overload
    def add_request(
        self, number: int, prompt: str, images: Sequence[Tensor], config: GenerationConfig
    ) -> GenerationHandle: ...
    def generate(
        self, inputs: Sequence[Tensor], configs: Sequence[GenerationConfig]
    ) -> Sequence[EncodedGenerationResult]: ...
    def has_non_finished_requests(self) -> bool: ...
    def step(self) -> None: ...

"""What we use of openvino-genai 2026.4; its own types name classes that they do not define."""

from collections.abc import Mapping, Sequence

from .py_openvino_genai import (
    GenerationFinishReason as GenerationFinishReason,
    GenerationHandle,
    GenerationStatus as GenerationStatus,
)

class SchedulerConfig:
    num_kv_blocks: int
    max_num_batched_tokens: int
    max_num_seqs: int
    enable_prefix_caching: bool

class GenerationConfig:
    max_new_tokens: int
    do_sample: bool
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    rng_seed: int
    frequency_penalty: float
    presence_penalty: float
    def set_eos_token_id(self, id: int) -> None: ...
    def validate(self) -> None: ...

class Tensor:
    shape: Sequence[int]

class TokenizedInputs:
    input_ids: Tensor

class Tokenizer:
    def apply_chat_template(
        self, history: Sequence[Mapping[str, str]], add_generation_prompt: bool
    ) -> str: ...
    def encode(
        self, prompts: str, *, add_special_tokens: bool, max_length: int
    ) -> TokenizedInputs: ...
    def decode(self, tokens: Sequence[int]) -> str: ...
    def get_eos_token_id(self) -> int: ...

class ContinuousBatchingPipeline:
    def __init__(self, model: str, scheduler: SchedulerConfig, device: str) -> None: ...
    def get_tokenizer(self) -> Tokenizer: ...
    def add_request(
        self, number: int, input_ids: Tensor, config: GenerationConfig
    ) -> GenerationHandle: ...
    def has_non_finished_requests(self) -> bool: ...
    def step(self) -> None: ...

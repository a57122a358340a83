"""What is used here of c2pa-python, which has no types of its own."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, BinaryIO, Self

class C2paError(Exception): ...

class C2paSigningAlg:
    ES256: C2paSigningAlg

class C2paSignerInfo:
    def __init__(
        self, alg: C2paSigningAlg, sign_cert: bytes, private_key: bytes, ta_url: bytes | None
    ) -> None: ...

class _Held:
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class Context(_Held):
    @classmethod
    def from_dict(cls, config: Mapping[str, object]) -> Context: ...

class Signer(_Held):
    @classmethod
    def from_info(cls, signer_info: C2paSignerInfo) -> Signer: ...

class Builder(_Held):
    def __init__(self, manifest_json: str, context: Context) -> None: ...
    def sign(self, signer: Signer, format: str, source: BinaryIO, dest: BinaryIO) -> bytes: ...

class Reader(_Held):
    @classmethod
    def try_create(
        cls, format_or_path: str, stream: BinaryIO, *, context: Context
    ) -> Reader | None: ...
    def get_active_manifest(self) -> dict[str, Any] | None: ...
    def get_validation_results(self) -> dict[str, Any] | None: ...

"""The vendors' SDKs, which have no types that a checker reads."""

from importlib import import_module
from typing import Any

VOLCENGINE: Any = import_module("volcenginesdkarkruntime")
BYTEPLUS: Any = import_module("byteplussdkarkruntime")
RAISED: Any = import_module("volcenginesdkarkruntime._exceptions")
TYPES: Any = import_module("volcenginesdkarkruntime.types")
RESPONSES: Any = import_module("volcenginesdkarkruntime.types.responses")
BYTEPLUS_RESPONSES: Any = import_module("byteplussdkarkruntime.types.responses")

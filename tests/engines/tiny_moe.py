"""A mixture of experts with random weights: for conformance, never for ability."""

from pathlib import Path

from tests.engines.tiny import write_tiny_llama

EXPERTS = 4


def write_tiny_moe(path: Path) -> Path:
    """Write a GGUF whose layers have four experts each, of which two read a token."""
    return write_tiny_llama(path, experts=EXPERTS)

"""Fleets to simulate."""

from seedbed.bench.simulate.fleet import Group

MEASURED = Group(
    name="measured", prefill=1_150.0, step=0.0142, beside=0.0011, per_hour=0.05, cache=60_000
)
"""As a small model was measured on two cores, with openvino-genai."""
SLOW = Group(name="slow", count=2, places=2, prefill=1_000.0, step=0.02, per_hour=0.1)
FAST = Group(name="fast", places=2, prefill=10_000.0, step=0.002, per_hour=10.0)

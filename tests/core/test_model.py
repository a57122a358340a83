"""A model is written in the books under its own name, whatever it was asked for as."""

import pytest

from seedbed.core.model import Adapter, Deployment, Model


def a_deployment() -> Deployment:
    model = Model(
        "mine",
        "Mine",
        ("scripted",),
        window=8,
        parameters=0,
        licence="MIT",
        known_as=("doubao",),
        adapters=(Adapter("formal", "a.gguf"),),
    )
    return Deployment("mine@here", model, "scripted", own_hardware=False, places=1)


@pytest.mark.parametrize("asked", ["mine", "mine@here", "doubao", "doubao@here", "another"])
def test_each_of_its_names_is_told_as_its_own(asked: str) -> None:
    assert a_deployment().called(asked) == "mine"


@pytest.mark.parametrize("asked", ["mine:formal", "doubao:formal", "doubao:formal@here"])
def test_its_adapter_is_told_with_it(asked: str) -> None:
    assert a_deployment().called(asked) == "mine:formal"

"""What a request says of adapters."""

import json

import pytest

from seedbed.core.ask import Ask
from seedbed.core.errors import ModelUnknown
from seedbed.core.message import Message, Role, Text
from seedbed.engines.llama import request
from seedbed.engines.llama.nature import Nature

SAID = (Message(Role.USER, (Text("hi"),)),)


@pytest.mark.parametrize("raw", [False, True])
def test_each_request_names_every_adapter_of_the_server(raw: bool) -> None:
    def lora(model: str, *adapters: str) -> object:
        body = request.encoded(Ask(model, SAID, raw=raw), Nature(), adapters)
        return json.loads(body).get("lora")

    assert lora("m") is None
    assert lora("m", "a", "b") == [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 0.0}]
    assert lora("m:b", "a", "b") == [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 1.0}]


def test_an_adapter_that_the_server_does_not_have_is_refused() -> None:
    with pytest.raises(ModelUnknown, match="'m:c'") as caught:
        request.encoded(Ask("m:c", SAID), Nature(), ("a",))
    assert "m, m:a" in caught.value.hint
    with pytest.raises(ModelUnknown):
        request.encoded(Ask("m:c", SAID), Nature())

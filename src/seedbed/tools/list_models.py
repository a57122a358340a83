"""The tool `list_models`: which models can be asked, and for what.

Floor 5.
"""

import json
from collections.abc import Callable, Mapping

import msgspec

from seedbed.core.access import Principal
from seedbed.core.message import Text
from seedbed.serving.deployment import LiveDeployment
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.tool import Progress, Said


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    pass


class ListModels:
    """Tells each name; `named` gives the deployments by them."""

    name = "list_models"
    description = "List the models of this house with what each can do."
    schema = schema_of(_Arguments)

    def __init__(self, named: Callable[[], Mapping[str, LiveDeployment]]) -> None:
        self._named = named

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Tell.

        Raises:
            RequestMalformed: there is an argument.
        """
        del principal, progress
        read(arguments, _Arguments)
        told = [_told(name, live) for name, live in self._named().items()]
        return Said((Text(json.dumps(told)),))


def _told(name: str, live: LiveDeployment) -> dict[str, object]:
    return {
        "model": name,
        "features": sorted(live.engine.features),
        "window": live.deployment.model.window,
        "state": live.state,
    }

"""The tool `find_marks`: what somebody circled, boxed or outlined in a picture, as boxes.

Floor 5.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from seedbed.core.access import Principal
from seedbed.core.message import Text
from seedbed.kit.as_json import as_json
from seedbed.media.finding import Finding
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.tool import Progress, Said

_IMAGE = "A picture, by its address, as a data URI, or by the hash of an artifact."


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    image: Annotated[str, msgspec.Meta(min_length=1, description=_IMAGE)]


class FindMarks:
    """Finds them in a picture that the caller may see."""

    name = "find_marks"
    description = (
        "Find what is circled, boxed or outlined in a picture in a strong colour: the box of each "
        "area in shares of the picture, its form and colour, and the words in it and beside it."
    )
    schema = schema_of(_Arguments)

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Find.

        Raises:
            SeedbedError: the arguments cannot be read, or the picture cannot be had or read.
        """
        del progress
        wish = read(arguments, _Arguments)
        return Said((Text(as_json(await self._finding.find(wish.image, principal.project))),))

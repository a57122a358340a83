"""The tool `generate_image`: a picture by any model of the house that paints.

Floor 5. It is given as it is, for whoever looks at it now, and as a link that opens for a while.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, TypeAlias, cast

import msgspec

from seedbed.core.access import Principal
from seedbed.core.ask import ImageAsk
from seedbed.core.event import Painted
from seedbed.core.message import Media, MediaKind
from seedbed.kit import ids
from seedbed.serving.once import Generate
from seedbed.tools.arguments import SIZE, read, schema_of, size_in
from seedbed.tools.asking import ask
from seedbed.tools.tool import Progress, Said

Keep: TypeAlias = Callable[[Painted, str, str], Awaitable[str]]
"""Keeps a picture for a holder of a project; gives the path of a link to it."""


_CHANGED = (
    "A picture that is changed as the prompt says, by its address, as a data URI, or by the hash "
    "of an artifact."
)
_WHERE = "A picture, named alike, that is clear where `image` is to be changed."


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    model: Annotated[str, msgspec.Meta(description="A name from list_models, with `images`.")]
    prompt: Annotated[str, msgspec.Meta(description="What is to be seen.")]
    size: Annotated[str, SIZE] = ""
    image: Annotated[str, msgspec.Meta(description=_CHANGED)] = ""
    mask: Annotated[str, msgspec.Meta(description=_WHERE)] = ""


class GenerateImage:
    """Asks by the one road, and has the picture kept."""

    name = "generate_image"
    description = (
        "Have a picture made, or one changed. You get it, and a link to it that opens for a day."
    )
    schema = schema_of(_Arguments)

    def __init__(self, generate: Generate, keep: Keep) -> None:
        self._generate, self._keep = generate, keep

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Ask.

        Raises:
            SeedbedError: the arguments cannot be read, or no picture came about or can be kept.
        """
        del progress
        wish = read(arguments, _Arguments)
        given = (("base", wish.image), ("mask", wish.mask))
        refs = [Media(MediaKind.IMAGE, source, {"role": role}) for role, source in given if source]
        image = ImageAsk(wish.model, wish.prompt, tuple(refs), size=size_in(wish.size))
        painted = (await ask(self._generate, image, principal)).pictures
        picture = cast(Painted, painted[0])  # where none came about there is no whole answer
        link = await self._keep(picture, ids.fresh("picture"), principal.project)
        told = {"media": picture.media}
        return Said(tuple(Media(MediaKind.IMAGE, source, told) for source in (picture.data, link)))

"""The deployments of a model as the operator wants them, and how an ask finds the right one.

Floor 1.
"""

from dataclasses import dataclass, replace

from seedbed.core.errors import SettingRefused
from seedbed.core.model import ListPrice, Model, Upstream
from seedbed.core.policy import Policy

HERE = "here"
"""The name of the one deployment of a model for which nothing else is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One deployment: its name, and what differs from the model's card and the settings.

    `engine` is a kind, where not the first of the card's that the machine can run; `upstream` a
    service that serves the same model, and `price` what it takes. With `lookup` tokens are guessed
    from the prompt, where the engine can. `prefill` and `decode` name two others of the same fleet:
    this one has long prompts read by the first and answered by the other.
    """

    name: str
    engine: str | None = None
    places: int | None = None
    threads: int | None = None
    layers: int | None = None
    lookup: bool = False
    upstream: Upstream | None = None
    price: ListPrice | None = None
    prefill: str = ""
    decode: str = ""

    @property
    def is_split(self) -> bool:
        """Whether two others do its work."""
        return bool(self.prefill)

    def of(self, model: Model) -> Model:
        """The model as it is deployed here."""
        here = replace(model, engines=(self.engine,)) if self.engine else model
        if self.upstream is None:
            return here
        return replace(here, files=(), adapters=(), upstream=self.upstream, price=self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All deployments of a model.

    `pinned` is the one that alone is asked under the policy of that name. `fallbacks` are models
    that are asked where none of these can answer, `cascade` names of deployments, the cheapest
    first, that are tried in turn where the answer can be checked.
    """

    places: tuple[Place, ...] = (Place(name=HERE),)
    policy: Policy = Policy.BALANCED
    pinned: str = ""
    fallbacks: tuple[str, ...] = ()
    cascade: tuple[str, ...] = ()

    def check(self, where: str) -> None:
        """See that its parts go together. `where` is the file that they stand in.

        Raises:
            SettingRefused: they do not.
        """
        names = [place.name for place in self.places]
        wrong = (
            self._wrong_names(names)
            or self._wrong_policy()
            or next(filter(None, (_wrong_place(place, self.places) for place in self.places)), None)
        )
        if wrong:
            raise SettingRefused(
                f"The deployments in {where} do not go together: {wrong}.",
                hint="Mend the file, or take it away: the model then has one deployment, here.",
            )

    def _wrong_names(self, names: list[str]) -> str | None:
        if len(set(names)) < len(names):
            return f"two are called alike ({', '.join(names)})"
        for word in (*self.cascade, *([self.pinned] if self.pinned else [])):
            if word not in names:
                return f"{word!r} is none of {', '.join(names)}"
        return None

    def _wrong_policy(self) -> str | None:
        if (self.policy is Policy.PINNED) != bool(self.pinned):
            return "`pinned` names the deployment of the policy 'pinned', and of no other"
        if self.cascade and (len(self.cascade) == 1 or len(set(self.cascade)) < len(self.cascade)):
            return "a cascade needs two deployments, each of them once"
        return None


def _wrong_place(place: Place, places: tuple[Place, ...]) -> str | None:
    own = {other.name for other in places if not other.is_split and other.upstream is None}
    theirs = {other.name for other in places if other.upstream is not None}
    if place.upstream is not None and not place.engine:
        return f"{place.name!r} has an upstream, and wants the `engine` that asks it"
    if place.price is not None and place.upstream is None:
        return f"{place.name!r} has a price, which is for an upstream of its own"
    if bool(place.prefill) != bool(place.decode):
        return f"{place.name!r} wants both `prefill` and `decode`"
    if not place.is_split:
        return None
    bare = Place(name=place.name, prefill=place.prefill, decode=place.decode)
    if place != bare or place.prefill == place.decode:
        return f"{place.name!r} is two others, and has nothing of its own, no engine or places"
    both = {place.prefill, place.decode}
    if not (both <= own or both <= theirs):
        return f"{place.name!r} wants two deployments on engines here, or two upstreams"
    return None

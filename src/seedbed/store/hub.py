"""The Hugging Face hub, as far as files are had from it: where one lies, at which commit.

Floor 2. Anonymous but for a token of the operator's, which goes to that address and to no other.
"""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import quote

import httpx2
import msgspec

from seedbed.core.errors import PullFailed
from seedbed.core.model import HubSource
from seedbed.store import fetch

_HINT = (
    "Check the name and the network. A repository that is gated or private wants a token of yours: "
    "SEEDBED_HUB_TOKEN=env:NAME or file:PATH."
)


class _Info(msgspec.Struct):
    sha: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\Z")]


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub, or a mirror of it. `url` has no slash at its end."""

    url: str = "https://huggingface.co"
    token: str | None = field(default=None, repr=False)

    @property
    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def file(self, source: HubSource, member: str) -> fetch.Address:
        """Where one file is had."""
        url = f"{self.url}/{source.repository}/resolve/{source.revision}/{quote(member)}"
        return fetch.Address(url, self._headers, _HINT)

    def commit(self, repository: str, revision: str, client: httpx2.Client) -> HubSource:
        """The repository at the commit that a branch or tag stands for now.

        Raises:
            PullFailed: the hub does not say.
        """
        url = f"{self.url}/api/models/{repository}/revision/{quote(revision, safe='')}"
        what = f"The hub does not say which commit {revision!r} of {repository!r} is"
        try:
            if not fetch.is_guarded(url):
                raise unguarded(url)
            response = client.get(url, headers=self._headers)
            if not fetch.is_guarded(str(response.url)):
                raise unguarded(str(response.url))
            if response.status_code != 200:
                raise PullFailed(f"{what}: it answered {response.status_code}.", hint=_HINT)
            return HubSource(repository, msgspec.json.decode(response.content, type=_Info).sha)
        except (httpx2.HTTPError, msgspec.MsgspecError) as error:
            raise PullFailed(f"{what}: {error}.", hint=_HINT) from error


def unguarded(url: str) -> PullFailed:
    """An address is plain http, by which anybody on the way could put in another file."""
    return PullFailed(
        f"{url} is not https, and not on this machine.",
        hint="Give an address that begins with https://.",
    )

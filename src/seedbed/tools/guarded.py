"""HTTP to where a caller says: not inwards, and not without end.

Floor 5. Each request resolves the host once and goes to the address that was looked at; a redirect
is another request, and looked at as the first was.
"""

from collections.abc import AsyncIterator

import httpx2

from seedbed.kit.media.inward import is_inward
from seedbed.tools.remote import Bounds

_PORTS = {"http": 80, "https": 443}


class Guarded(httpx2.AsyncBaseTransport):
    """Lets requests through that go outside; `fault` is what the last refusal said."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, bounds: Bounds) -> None:
        self._inner, self._bounds = inner, bounds
        self.fault = ""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one on.

        Raises:
            httpx2.ConnectError: it may not go there, or nobody knows where that is.
        """
        url = request.url
        address = await self._address(url)
        extensions = dict(request.extensions)
        if url.scheme == "https" and url.host != address:
            extensions["sni_hostname"] = url.host  # by which the certificate is verified, too
        pinned = httpx2.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,  # whose `host` is that of the name
            stream=request.stream,
            extensions=extensions,
        )
        response = await self._inner.handle_async_request(pinned)
        stream = response.stream
        if isinstance(stream, httpx2.AsyncByteStream):  # pragma: no branch - always, from here
            response.stream = _Bounded(stream, self._bounds.most_bytes)
        return response

    async def aclose(self) -> None:
        """Close what is kept."""
        await self._inner.aclose()

    async def _address(self, url: httpx2.URL) -> str:
        if url.scheme not in _PORTS or not url.host:
            raise self._refused("is not an address that begins with https:// or http://", url)
        try:
            found = await self._bounds.resolve(url.host, url.port or _PORTS[url.scheme])
        except OSError as error:
            raise self._refused(f"cannot be found: {error.strerror}", url) from error
        if not self._bounds.inward and any(map(is_inward, found)):
            raise self._refused("lies in this network, where callers do not lead us", url)
        return found[0]

    def _refused(self, why: str, url: httpx2.URL) -> httpx2.ConnectError:
        self.fault = f"{url.host or 'the server'} {why}"
        return httpx2.ConnectError(self.fault)


class _Bounded(httpx2.AsyncByteStream):
    """A body that breaks off where it is too long."""

    def __init__(self, inner: httpx2.AsyncByteStream, most: int) -> None:
        self._inner, self._most = inner, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for piece in self._inner:
            left -= len(piece)
            if left < 0:
                raise httpx2.ReadError(f"the response has more than {self._most:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()

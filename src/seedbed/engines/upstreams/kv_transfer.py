"""A vLLM server that reads prompts for another, by the `kv_transfer_params` of its connectors.

Floor 3. It is asked for one token, and answers with where the other finds what it computed; that
goes into the request to the other, word for word. Which connector the two were started with is
theirs to know.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from seedbed.core.ask import Ask, Limits
from seedbed.core.errors import EngineFailed, EngineUnreachable, SeedbedError
from seedbed.core.model import Upstream
from seedbed.engines.base import Read, Spec
from seedbed.engines.upstreams import faults, line
from seedbed.engines.upstreams.base import Request, Served
from seedbed.engines.upstreams.counted import Counted
from seedbed.engines.upstreams.openai import BESIDE, OpenAi
from seedbed.kit.http.errors import HttpFault, Unreachable

_FIELD = "kv_transfer_params"
_WANTED: Mapping[str, object] = {
    "do_remote_decode": True,
    "do_remote_prefill": False,
    "remote_engine_id": None,
    "remote_block_ids": None,
    "remote_host": None,
    "remote_port": None,
}


class _Answer(msgspec.Struct):
    usage: Counted = msgspec.field(default_factory=Counted)
    kv_transfer_params: dict[str, object] | None = None


class Prefill:
    """A server that reads. `spec` is made as for the one that answers, with this one's upstream."""

    def __init__(self, spec: Spec, upstream: Upstream) -> None:
        window, salts = spec.model.window, upstream.cache_salt
        served = Served(spec.model.name, upstream.model, window, upstream.serves, salts)
        self._model, self._secret = spec.model.name, spec.secret
        self._dialect = OpenAi(served)
        self._line = line.Line(
            self._dialect.root(line.check_url(upstream.url)),
            self._dialect.headers(spec.secret),
            places=spec.places,
            silence=math.inf,  # nothing comes until all is read
            proxies=spec.proxies,
        )

    async def read(self, ask: Ask) -> Read:
        """Have a prompt read, and learn what the server that answers must be told.

        Raises:
            SeedbedError: it was refused, or nothing was handed over.
        """
        try:
            with await self._line.ask(self._request(ask)) as response:
                if response.status_code != 200:
                    said = await line.beginning(response)
                    status = response.status_code
                    raise faults.refusal(self._model, status, said, secret=self._secret)
                body = await line.body(response, most=line.LONGEST_BODY)
            answer = msgspec.json.decode(body, type=_Answer)
        except (HttpFault, msgspec.MsgspecError) as fault:
            raise self._broken(fault) from fault
        if not answer.kv_transfer_params:
            raise EngineFailed(self._model, why=f"its reader handed over no {_FIELD}", begun=True)
        usage = replace(answer.usage.counts, output_visible=0, output_reasoning=0)
        return Read(usage, {BESIDE: {_FIELD: answer.kv_transfer_params}})

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()

    def _request(self, ask: Ask) -> Request:
        """The same ask for one token. A form holds the answer, of which nothing is wanted."""
        asked = self._dialect.ask(replace(ask, whole=True, limits=Limits(output=1)))
        return Request(asked.path, {**asked.body, _FIELD: _WANTED})

    def _broken(self, fault: Exception) -> SeedbedError:
        said = faults.words(str(fault), secret=self._secret)
        if isinstance(fault, Unreachable):
            return EngineUnreachable(self._model, why=f"no connection to its reader ({said})")
        return EngineFailed(self._model, why=f"its reader failed ({said})", begun=True)

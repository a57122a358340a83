"""How tokens are sampled and where they end: what chats and completions are asked alike.

Floor 6.
"""

from seedbed.api.openai import wire
from seedbed.api.openai.body import Refused
from seedbed.core.ask import Sampling
from seedbed.core.errors import RequestMalformed

_MOST_STOPS = 16
_REPLACED = "it was replaced by `structured_outputs`"


UNSERVED: Refused = {
    "logit_bias": (({},), "token numbers differ from model to model"),
    "guided_json": ((), _REPLACED),
    "guided_regex": ((), _REPLACED),
    "guided_choice": ((), _REPLACED),
    "guided_grammar": ((), _REPLACED),
}
"""What no call that draws tokens is served."""


def read_stops(stop: str | list[str] | None) -> tuple[str, ...]:
    """The texts that end the answer.

    Raises:
        RequestMalformed: they are too many, or one is empty.
    """
    if stop is None:
        return ()
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    if len(stops) > _MOST_STOPS or not all(stops):
        raise RequestMalformed(
            f"Field 'stop' has {len(stops)} texts, of which {sum(not s for s in stops)} are empty.",
            hint=f"Send at most {_MOST_STOPS}, none of them empty.",
            field="stop",
        )
    return stops


def read_sampling(body: wire.SampledBody, *, logprobs: int | None) -> Sampling:
    """How to sample; with `logprobs`, how many of the likeliest tokens to tell beside each."""
    return Sampling(
        body.temperature,
        body.top_p,
        body.top_k,
        body.min_p,
        body.frequency_penalty,
        body.presence_penalty,
        body.seed,
        body.n or 1,
        logprobs,
    )


def wants_usage(body: wire.SampledBody) -> bool:
    """Whether a stream shall tell its usage at its end."""
    return bool(body.stream_options and body.stream_options.include_usage)

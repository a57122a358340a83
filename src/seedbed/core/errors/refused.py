"""The caller must change the request: a value, a field, or when it is sent.

Floor 1.
"""

from seedbed.core.errors.base import SeedbedError


class RequestRefused(SeedbedError):
    """The request cannot be served as written."""

    code = "request_refused"


class RequestMalformed(RequestRefused):
    """The request cannot be read, or one of its values is out of range."""

    code = "request_malformed"

    def __init__(self, what: str, *, hint: str, field: str | None = None) -> None:
        super().__init__(what, hint=hint, field=field)


class FieldUnserved(RequestRefused):
    """A field would change what the answer means, and is not served."""

    code = "field_unserved"

    def __init__(self, field: str, *, value: str, because: str) -> None:
        super().__init__(
            f"Field {field!r} with value {value} is not served: {because}",
            hint=f"Leave {field!r} out.",
            field=field,
        )


class FeatureUnserved(RequestRefused):
    """The model that was named lacks something without which the answer would mean another."""

    code = "feature_unserved"

    def __init__(self, model: str, feature: str) -> None:
        super().__init__(
            f"Model {model!r} does not serve {feature}, which this request needs.",
            hint="Ask without it, or choose a model that serves it: GET /v1/models tells.",
            field="model",
            model=model,
            feature=feature,
        )


class PromptTooLong(RequestRefused):
    """The prompt alone fills the context window."""

    code = "prompt_too_long"

    def __init__(self, model: str, *, tokens: int, window: int, ordinal: int | None = None) -> None:
        what = "The prompt" if ordinal is None else f"Text {ordinal}, counted from 0,"
        super().__init__(
            f"{what} is {tokens:,} tokens; {model!r} reads at most {window:,}.",
            hint=f"Shorten it by {tokens - window + 1:,} tokens or more, "
            "or choose a model with a longer window.",
            field="messages",
            model=model,
            tokens=tokens,
            window=window,
        )
        self.tokens, self.window = tokens, window


class MediumRefused(RequestRefused):
    """A picture, film or document cannot be had from where it is, or not be read."""

    code = "medium_refused"

    def __init__(self, kind: str, where: str, *, why: str, field: str = "messages") -> None:
        super().__init__(
            f"The {kind} {where} cannot be used: {why}.",
            hint="Check that it is whole, of a kind that is read here and not too large, and that "
            "its address can be reached by everybody; or send it as a data URI.",
            field=field,
            kind=kind,
            why=why,
        )


class ToolsUnreachable(RequestRefused):
    """A server of tools that the request names cannot be had, so no model was asked."""

    code = "tools_unreachable"

    def __init__(self, server: str, *, why: str) -> None:
        super().__init__(
            f"The server of tools {server!r} cannot be had: {why}.",
            hint="See that its address and what opens it are right, or leave it out.",
            server=server,
        )


class RangeOutside(RequestRefused):
    """The bytes that are asked for lie behind the end of the artifact."""

    code = "range_outside"

    def __init__(self, asked: str, *, size: int) -> None:
        super().__init__(
            f"The range {asked[:60]!r} lies outside of these {size:,} bytes.",
            hint="Ask for bytes that are there, or for all of them without `Range`.",
            size=size,
        )
        self.size = size


class JobRefused(RequestRefused):
    """A job cannot be submitted like that, or not be changed as it stands."""

    code = "job_refused"


class ObjectBusy(RequestRefused):
    """Another request is about to change the object."""

    code = "object_busy"

    def __init__(self, kind: str, id_: str) -> None:
        super().__init__(
            f"Another request is at work on the {kind} {id_!r}.",
            hint="Send the request again when that one is answered.",
            kind=kind,
            id=id_,
        )


class OnceDiffers(RequestRefused):
    """Another ask was sent under the same idempotency key."""

    code = "once_differs"

    def __init__(self, once: str) -> None:
        super().__init__(
            f"Another request was answered under the idempotency key {once!r}.",
            hint="Send each request under a key of its own.",
            once=once,
        )

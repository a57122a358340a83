"""Our side broke, or that of a provider; the request was sound.

Floor 1.
"""

from seedbed.core.errors.base import SeedbedError


class EngineFailed(SeedbedError):
    """Our side broke while it worked on a sound request.

    With `begun` it had taken the request, and may have used what it did not tell. `retry_after` is
    in seconds, where an upstream told for how long it will not answer.
    """

    code = "engine_failed"

    def __init__(
        self, model: str, *, why: str, begun: bool = False, retry_after: int | None = None
    ) -> None:
        super().__init__(
            f"The engine of {model!r} failed: {why}.",
            hint="Send the request again; a stopped engine is restarted by itself.",
            model=model,
            begun=begun,
            **_if_told(retry_after),
        )


def _if_told(retry_after: int | None) -> dict[str, int]:
    return {} if retry_after is None else {"retry_after": retry_after}


class EngineUnreachable(EngineFailed):
    """The engine could not take the request, so nothing of it was begun."""

    code = "engine_unreachable"


class AnswerMalformed(EngineFailed):
    """The answer ended by itself and has not the form that was asked for."""

    code = "answer_malformed"

    def __init__(self, model: str, *, form: str, why: str) -> None:
        SeedbedError.__init__(
            self,
            f"The answer of {model!r} is not of the {form} that was asked for: {why.rstrip('.')}.",
            hint="Send the request again, or ask for a form that is easier to keep.",
            model=model,
        )


class AnswerUnverified(AnswerMalformed):
    """The answer ended by itself and did not pass a check that was asked for."""

    code = "answer_unverified"

    def __init__(self, model: str, *, check: str, why: str) -> None:
        SeedbedError.__init__(
            self,
            f"The answer of {model!r} did not pass the check {check}: {why.rstrip('.')}.",
            hint="Do not rely on its words. Send the request again, or to a more able model.",
            model=model,
            check=check,
        )


class UpstreamRefused(EngineFailed):
    """The provider behind the model refused our key, our account or our pace.

    `retry_after` is in seconds, where it told for how long it will go on refusing.
    """

    code = "upstream_refused"

    def __init__(
        self, model: str, *, status: int, said: str, retry_after: int | None = None
    ) -> None:
        SeedbedError.__init__(
            self,
            f"The provider of {model!r} answered {status}: {said.rstrip('.')}.",
            hint="Its operator should look at the secret on the model's card, and at the account "
            "and the limits behind it.",
            model=model,
            status=status,
            **_if_told(retry_after),
        )


class UpstreamDiffers(EngineFailed):
    """The provider behind the model answered with another model, and may charge for it."""

    code = "upstream_differs"

    def __init__(self, model: str, *, wanted: str, told: str) -> None:
        SeedbedError.__init__(
            self,
            f"The provider of {model!r} was asked for {wanted!r} and answered as {told!r}.",
            hint="If that is the same model, its operator adds the name to `aliases` in the card's "
            "`[upstream]`.",
            model=model,
            begun=True,
            told=told,
        )

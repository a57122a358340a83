"""The caller named what is not here, or is not theirs, which is told in the same words.

Floor 1.
"""

from seedbed.core.errors.refused import RequestRefused


class ModelUnknown(RequestRefused):
    """No model of that name is here."""

    code = "model_unknown"

    def __init__(self, model: str, *, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no model {model!r} here.",
            hint=f"Models here: {', '.join(known) or 'none'}. "
            "`seedbed models ls` lists what can be had; `seedbed models name` has one answer to "
            "another name.",
            field="model",
            model=model,
            known=known,
        )


class PathUnknown(RequestRefused):
    """No door answers at that path with that method."""

    code = "path_unknown"

    def __init__(self, method: str, path: str, *, allowed: tuple[str, ...] = ()) -> None:
        what = f"{method} {path} is not served here."
        hint = (
            f"This path takes {', '.join(allowed)}."
            if allowed
            else "docs/reference/http.md lists every path; an OpenAI client's base URL ends in /v1."
        )
        super().__init__(what, hint=hint, allowed=allowed)
        self.allowed = allowed


class PathUnserved(RequestRefused):
    """The vendor has that path, and nothing here answers it."""

    code = "path_unserved"

    def __init__(self, path: str, *, because: str) -> None:
        super().__init__(
            f"{path} is not served here: {because}",
            hint="docs/reference/http.md lists every path that is.",
            path=path,
        )


class RouteUnknown(RequestRefused):
    """Nothing is known of a request of that id."""

    code = "route_unknown"

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"Nothing is known of a request {request_id!r}.",
            hint="Take the `x-request-id` of its answer. Nothing is kept of one that had no valid "
            "key, could not be read, or was given an answer again under its idempotency key; of "
            "those that were refused the newest 1,000 of each project are kept, and all for 30 "
            "days.",
            request_id=request_id,
        )


class JobUnknown(RequestRefused):
    """No job of that id is there for the caller."""

    code = "job_unknown"

    def __init__(self, job: str) -> None:
        super().__init__(
            f"There is no job {job!r}.",
            hint="`seedbed jobs ls` lists those that there are.",
            job=job,
        )


class ObjectUnknown(RequestRefused):
    """No object of that kind and id is there for the caller."""

    code = "object_unknown"

    def __init__(self, kind: str, id_: str) -> None:
        super().__init__(
            f"There is no {kind} {id_!r}.",
            hint="It was deleted, or is over, or is another project's, or never was.",
            kind=kind,
            id=id_,
        )


class CheckUnknown(RequestRefused):
    """No program of that name checks answers here."""

    code = "check_unknown"

    def __init__(self, check: str, *, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no program {check[:64]!r} here that checks answers.",
            hint=f"Programs here: {', '.join(known) or 'none'}. The operator puts them into the "
            "home's `checks` folder.",
            field="checks",
            check=check[:64],
        )


class ArtifactUnknown(RequestRefused):
    """No artifact of that hash is the asker's; whether it is another's is not told."""

    code = "artifact_unknown"

    def __init__(self, hash_: str) -> None:
        super().__init__(
            f"There is no artifact {hash_[:64]!r} here that is yours.",
            hint="Check the hash: 64 digits of SHA-256, as its upload or its job told it. What "
            "nobody holds any more is deleted.",
            hash=hash_[:64],
        )

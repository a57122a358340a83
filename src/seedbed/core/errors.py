"""Everything that can go wrong, as one tree.

    SeedbedError
    ├── RequestRefused          the caller must change the request
    │   ├── RequestMalformed      it cannot be read, or a value is out of range
    │   ├── FieldUnserved         a field would change the meaning and no model serves it yet
    │   ├── FeatureUnserved       the model that was named lacks what the ask needs
    │   ├── RequestTooLarge       the body is longer than the door accepts
    │   ├── RequestTooSlow        its body did not come in time
    │   ├── HeadTooLarge          what comes before the body is longer than the door accepts
    │   ├── UrlTooLong            its address is
    │   ├── CodingUnserved        the body is compressed
    │   ├── PromptTooLong         the prompt alone fills the context window
    │   ├── ModelUnknown          no model of that name is here
    │   ├── PathUnknown           no door answers at that path with that method
    │   ├── PathUnserved          the vendor has that path, and nothing here answers it
    │   ├── RouteUnknown          nothing is known of a request of that id
    │   ├── JobUnknown            no job of that id is there for the caller
    │   ├── ObjectUnknown         no object of that kind and id is there for the caller
    │   ├── JobRefused            a job cannot be submitted or changed like that
    │   ├── ObjectBusy            another request is about to change the object
    │   ├── OnceDiffers           another ask was sent under the same idempotency key
    │   ├── CheckUnknown          no program of that name checks answers here
    │   ├── MediumRefused         a picture, film or document cannot be had or read
    │   ├── ToolsUnreachable      a server of tools that the request names cannot be had
    │   ├── ArtifactUnknown       no artifact of that hash is the asker's
    │   └── RangeOutside          the bytes that are asked for lie behind its end
    ├── AccessDenied            the caller must bring another key
    │   ├── KeyMissing            no key was sent
    │   ├── KeyUnknown            the key is not one of ours
    │   ├── ScopeMissing          the key does not carry the right
    │   ├── LinkForged            the signature of a link is not ours
    │   └── LinkExpired           the link was given for a time that is over
    ├── BudgetSpent             a budget has less left than the request may cost
    ├── Unavailable             nobody is at fault; try again later
    │   ├── CapacityExceeded      every place of the model is taken
    │   ├── BudgetReserved        what a budget has left is promised to requests under way
    │   ├── EngineStarting        the model is being loaded
    │   ├── EngineResting         a deployment failed so often that it is left alone for a while
    │   ├── MemoryExceeded        the model is larger than the memory that all may hold
    │   ├── ServerFull            as many connections are open as may be
    │   ├── ServerStopping        the server ends, and waits no longer for answers
    │   ├── DeadlineExceeded      the answer took longer than it may
    │   ├── LedgerUnavailable     what is spent cannot be written down, so nothing is spent
    │   ├── StoreAway             what a caller is told of a store that cannot be used
    │   └── ModelUnpriced         no price of the model is in force, so it is not used
    ├── JobBroken               a job ended, and not well
    │   ├── JobDiverged           its steps are not those that were recorded
    │   ├── JobOverdue            it took longer than it may
    │   ├── JobKeyless            the key that it runs for was revoked
    │   ├── JobFatal              its worker died under it, again and again
    │   └── JobUnfinished         a command waited for it, and it ended without success
    ├── WorkerFenced            this worker was taken for dead; its jobs are with others
    ├── EngineFailed            our side broke; the request was sound
    │   ├── EngineUnreachable     before it could take the request
    │   ├── AnswerMalformed       the answer has not the form that was asked for
    │   │   └── AnswerUnverified    it did not pass a check that was asked for
    │   ├── UpstreamRefused       the provider behind the model refused us, not the caller
    │   └── UpstreamDiffers       the provider answered with another model
    ├── ArtifactDamaged         its bytes are not those that were put there
    └── SetupIncomplete         the operator must act on the machine
        ├── SettingRefused        a setting cannot be understood
        ├── ModelAbsent           a model's weights have not been pulled
        │   └── ModelDamaged        they are not what they were when they were
        ├── PullFailed            the weights could not be brought
        ├── DiskFull              there is no room for them
        ├── PortTaken             another program listens there
        ├── ServerUnreachable     no server of ours answers
        ├── ServerRefused         our server answered a command with an error
        ├── StoreUnusable         the database, or where artifacts lie, cannot be used
        ├── BackupRefused         a backup cannot be taken or put back as things stand
        └── BackupDamaged         a backup is not what it was when it was taken

Floor 1. A caller may rely on three things: the class, `code` (never changes once released) and
`facts` (the values behind the sentence). The sentence itself is for people and may change. HTTP
status codes are not known here; `seedbed.api.problems` maps each branch to one.
"""

from datetime import date
from math import ceil
from typing import ClassVar


class SeedbedError(Exception):
    """Base of every error that this house raises on purpose.

    `what` says what happened, with the value; `hint` what the reader can do about it.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, what: str, *, hint: str, **facts: object) -> None:
        super().__init__(f"{what} {hint}")
        self.what, self.hint, self.facts = what, hint, facts


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


class RequestTooLarge(RequestRefused):
    """The body is longer than the door accepts."""

    code = "request_too_large"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"The request body is longer than {limit:,} bytes.",
            hint="Send a shorter one.",
            limit=limit,
        )


class RequestTooSlow(RequestRefused):
    """The body did not come in time."""

    code = "request_too_slow"

    def __init__(self, *, seconds: float) -> None:
        super().__init__(
            f"The request body had not come after {seconds:g} s.",
            hint="Send it in one go.",
            seconds=seconds,
        )


class HeadTooLarge(RequestRefused):
    """What comes before the body is longer than the door accepts, or has more headers."""

    code = "head_too_large"

    def __init__(self, *, limit: int, headers: int) -> None:
        super().__init__(
            f"The head of the request is longer than {limit:,} bytes, "
            f"or has more than {headers} headers.",
            hint="Send fewer and shorter headers.",
            limit=limit,
            headers=headers,
        )


class UrlTooLong(RequestRefused):
    """The address of the request is longer than the door accepts."""

    code = "url_too_long"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"The URL is longer than {limit:,} bytes.",
            hint="No path of this house needs so many.",
            limit=limit,
        )


class CodingUnserved(RequestRefused):
    """The body is compressed, and what it would unfold to cannot be known before."""

    code = "coding_unserved"

    def __init__(self, coding: str) -> None:
        super().__init__(
            f"The request body is compressed as {coding[:40]!r}, which is not taken.",
            hint="Send it as it is, without a Content-Encoding.",
            coding=coding,
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


class ModelUnknown(RequestRefused):
    """No model of that name is here."""

    code = "model_unknown"

    def __init__(self, model: str, *, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no model {model!r} here.",
            hint=f"Models here: {', '.join(known) or 'none'}. "
            "`seedbed models ls` lists what can be had.",
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


class MediumRefused(RequestRefused):
    """A picture, film or document cannot be had from where it is, or not be read."""

    code = "medium_refused"

    def __init__(self, kind: str, where: str, *, why: str) -> None:
        super().__init__(
            f"The {kind} {where} cannot be used: {why}.",
            hint="Check that it is whole, of a kind that is read here and not too large, and that "
            "its address can be reached by everybody; or send it as a data URI.",
            field="messages",
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


class AccessDenied(SeedbedError):
    """The caller lacks a right."""

    code = "access_denied"


class KeyMissing(AccessDenied):
    """No key was sent."""

    code = "key_missing"

    def __init__(self) -> None:
        super().__init__(
            "No API key was sent.",
            hint="Send it as `Authorization: Bearer KEY`; "
            "`seedbed keys create --name NAME` makes one.",
        )


class KeyUnknown(AccessDenied):
    """The key that was sent is not one of this house."""

    code = "key_unknown"

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"The API key {shown} is not known here.",
            hint="Check for a cut or an old key; `seedbed keys ls` lists the living ones, "
            "`seedbed keys create --name NAME` makes a new one.",
        )


class ScopeMissing(AccessDenied):
    """The key is known and does not carry the right that the call needs."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This key may not do that: it lacks the scope {scope!r}.",
            hint=f"Use a key made with `seedbed keys create --scope {scope}`.",
            scope=scope,
        )


class LinkForged(AccessDenied):
    """The signature of a link is not ours, or the link was changed."""

    code = "link_forged"

    def __init__(self) -> None:
        super().__init__(
            "This link is not one of this house, or was changed on its way.",
            hint="Take it over whole, with all that stands behind the question mark.",
        )


class LinkExpired(AccessDenied):
    """The link was given for a time that is over."""

    code = "link_expired"

    def __init__(self, *, until: str) -> None:
        super().__init__(
            f"This link was good until {until}.",
            hint="Ask whoever gave it to you for a new one.",
            until=until,
        )


class BudgetSpent(SeedbedError):
    """A budget has less left than the request may cost.

    `budget` says which, as in "budget of 5.00 USD a day of project 'web'"; `left`, `spent` and
    `needed` are amounts as text, `until` is when it begins anew, if ever.
    """

    code = "budget_spent"

    def __init__(
        self, budget: str, *, spent: str, left: str, needed: str, until: str | None
    ) -> None:
        wait = f"wait until {until}, " if until else ""
        super().__init__(
            f"The {budget} has too little left: {spent} are used, {left} are left, "
            f"and this request may need up to {needed}.",
            hint=f"Ask for fewer tokens with `max_tokens`, {wait}"
            "or have it raised: with `seedbed keys budget`, and that of a job with `seedbed jobs "
            "resume JOB --cap SUM`.",
            budget=budget,
            spent=spent,
            left=left,
            needed=needed,
            until=until,
        )


class Unavailable(SeedbedError):
    """Nobody is at fault; the same request may be answered after `retry_after` seconds."""

    code = "unavailable"

    def __init__(self, what: str, *, hint: str, retry_after: int, **facts: object) -> None:
        super().__init__(what, hint=hint, retry_after=retry_after, **facts)
        self.retry_after = retry_after


class CapacityExceeded(Unavailable):
    """Every place of the model is taken.

    In `seconds` those who wait are expected to have had theirs.
    """

    code = "capacity_exceeded"

    def __init__(self, model: str, *, places: int, waiting: int = 0, seconds: float = 1.0) -> None:
        retry_after = max(1, ceil(seconds))
        super().__init__(
            f"All {places} places of {model!r} are taken, and {waiting} asks wait for one.",
            hint=f"Try again in {retry_after:,} s, with fewer requests at once.",
            retry_after=retry_after,
            model=model,
            places=places,
            waiting=waiting,
        )


class BudgetReserved(Unavailable):
    """What a budget has left is promised to requests under way, which may not use it all."""

    code = "budget_reserved"

    def __init__(self, budget: str, *, left: str, needed: str) -> None:
        super().__init__(
            f"The {budget} has {left} left that are not promised to requests under way, "
            f"and this request may need up to {needed}.",
            hint="Try again when others are finished, or ask for fewer tokens with `max_tokens`.",
            retry_after=2,
            budget=budget,
            left=left,
            needed=needed,
        )


class EngineStarting(Unavailable):
    """The model's engine is being started or restarted."""

    code = "engine_starting"

    def __init__(
        self, model: str, *, state: str, retry_after: int, progress: float | None = None
    ) -> None:
        super().__init__(
            f"The engine of {model!r} is not ready: {state}.",
            hint=f"Try again in {retry_after} s. Its log is in the home's `logs` folder.",
            retry_after=retry_after,
            model=model,
            progress=progress,
        )


class EngineResting(Unavailable):
    """A deployment failed so often that it is left alone for a while."""

    code = "engine_resting"

    def __init__(self, model: str, *, why: str, retry_after: int) -> None:
        super().__init__(
            f"{model!r} is not asked at the moment: {why}.",
            hint="Send the request again later.",
            retry_after=retry_after,
            model=model,
        )


class MemoryExceeded(Unavailable):
    """The model alone is larger than the memory that all models together may hold."""

    code = "memory_exceeded"

    def __init__(self, model: str, *, needs: int, may: int, kind: str = "memory") -> None:
        super().__init__(
            f"Model {model!r} needs {needs / 1e6:,.0f} MB of {kind}, and all models together may "
            f"hold {may / 1e6:,.0f} MB.",
            hint="Its operator gives models more memory, or this one a shorter window or fewer "
            "places.",
            retry_after=3600,
            model=model,
            needs=needs,
            may=may,
        )


class ServerFull(Unavailable):
    """As many connections are open as may be."""

    code = "server_full"

    def __init__(self, *, connections: int) -> None:
        super().__init__(
            f"The server has {connections:,} connections open, which is as many as it takes.",
            hint="Try again shortly, and use one connection for many requests.",
            retry_after=1,
            connections=connections,
        )


class ServerStopping(Unavailable):
    """The server ends, and waits no longer for answers."""

    code = "server_stopping"

    def __init__(self) -> None:
        super().__init__(
            "The server ends, and this answer was cut off.",
            hint="Send the request again; what was made until then is charged.",
            retry_after=5,
        )


class DeadlineExceeded(Unavailable):
    """The answer took longer than it may.

    One that is only `expected` to was not begun.
    """

    code = "deadline_exceeded"

    def __init__(self, *, seconds: float, expected: float | None = None) -> None:
        what = f"The answer was not finished after {seconds:g} s and was stopped."
        hint = "Ask for fewer tokens, or allow it more time: by the `deadline` of the request, if "
        hint += "it has one, or by the setting `longest_answer_seconds`."
        if expected is not None:
            what = f"The answer is due in {seconds:.3g} s and expected in {expected:.3g} s."
            hint = "It was not begun. Try again when fewer ask at once, or allow it more time."
        begun = expected is None
        super().__init__(what, hint=hint, retry_after=1, seconds=seconds, begun=begun)


class LedgerUnavailable(Unavailable):
    """What is spent cannot be written down, so nothing may be spent."""

    code = "ledger_unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The ledger cannot be written: {why}.",
            hint="Nothing is answered unpriced; the operator must make room or repair the store. "
            "What was used so far is kept and written as soon as it can be.",
            retry_after=5,
        )


class StoreAway(Unavailable):
    """What the house keeps cannot be read or written; why is in its log."""

    code = "store_away"

    def __init__(self) -> None:
        super().__init__(
            "What this house keeps cannot be read or written at the moment.",
            hint="Send the request again in a while. The server's log tells more under this "
            "response's x-request-id.",
            retry_after=5,
        )


class ModelUnpriced(Unavailable):
    """No price of the model is in force, and nothing is used unpriced."""

    code = "model_unpriced"

    def __init__(self, model: str, *, on: date, why: str) -> None:
        super().__init__(
            f"Model {model!r} has no price on {on}: {why}.",
            hint="Nothing is used unpriced; the operator puts a price into the home's `prices` "
            "folder or into the model's card.",
            retry_after=3600,
            model=model,
            on=str(on),
            why=why,
        )


class JobBroken(SeedbedError):
    """A job ended, and not well; another run may fare better."""

    code = "job_broken"


class JobDiverged(JobBroken):
    """A job that was begun again met other steps than those that were recorded."""

    code = "job_diverged"

    def __init__(self, job: str, number: int, *, recorded: str, met: str) -> None:
        super().__init__(
            f"Step {number} of {job} was {recorded!r} when it was recorded, and is {met!r} now.",
            hint="Its code or its input has changed: `seedbed jobs retry` runs it from the start.",
            job=job,
            number=number,
            recorded=recorded,
            met=met,
        )


class JobOverdue(JobBroken):
    """A job took longer than it may."""

    code = "job_overdue"

    def __init__(self, job: str, *, seconds: float) -> None:
        super().__init__(
            f"{job} was not done {seconds:g} s after it began.",
            hint="`seedbed jobs resume` goes on from its last step with as much time again.",
            job=job,
            seconds=seconds,
        )


class JobKeyless(JobBroken):
    """The key that a job runs for was revoked."""

    code = "job_keyless"

    def __init__(self, job: str) -> None:
        super().__init__(
            f"The key that {job} was submitted with has been revoked.",
            hint="Submit it with another.",
            job=job,
        )


class JobFatal(JobBroken):
    """A job's worker died while it ran, again and again."""

    code = "job_fatal"

    def __init__(self, job: str, *, deaths: int) -> None:
        super().__init__(
            f"{deaths} workers have died while they ran {job}.",
            hint="See the worker's log; `seedbed jobs resume` tries it again.",
            job=job,
            deaths=deaths,
        )


class JobUnfinished(JobBroken):
    """A command waited for a job, and it ended without success."""

    code = "job_unfinished"

    def __init__(self, job: str, state: str, *, fault: str) -> None:
        super().__init__(
            f"{job} {'was' if state == 'cancelled' else 'has'} {state}."
            + (f" {fault}" if fault else ""),
            hint=f"`seedbed jobs resume {job}` goes on from where it stopped; with `--cap SUM` it "
            "may spend that much in all.",
            job=job,
            state=state,
        )


class WorkerFenced(SeedbedError):
    """A worker was silent for so long that it was taken for dead: others have its jobs."""

    code = "worker_fenced"

    def __init__(self, worker: str) -> None:
        super().__init__(
            f"The worker {worker} was taken for dead, and its jobs are with others.",
            hint="It ends; `seedbed worker` starts another.",
            worker=worker,
        )


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


class ArtifactDamaged(SeedbedError):
    """The bytes of an artifact are not those that were put there, or are gone."""

    code = "artifact_damaged"

    def __init__(self, hash_: str, *, why: str) -> None:
        super().__init__(
            f"The artifact {hash_} is damaged: {why}.",
            hint="Put the same content once more, which mends it; the disk or the bucket that it "
            "lies in should be looked at.",
            hash=hash_,
        )


class SetupIncomplete(SeedbedError):
    """The operator must act on the machine before this can work."""

    code = "setup_incomplete"


class SettingRefused(SetupIncomplete):
    """A setting is unknown or cannot be understood."""

    code = "setting_refused"


class ModelAbsent(SetupIncomplete):
    """A model's weights have not been pulled."""

    code = "model_absent"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"The weights of {model!r} are not on this machine.",
            hint=f"Bring them with `seedbed models pull {model}`.",
            model=model,
        )


class ModelDamaged(ModelAbsent):
    """A model's weights are not what they were when they were put in place."""

    code = "model_damaged"

    def __init__(self, model: str, path: str) -> None:
        SetupIncomplete.__init__(
            self,
            f"The weights of {model!r} in {path} have been changed: their SHA-256 is another.",
            hint=f"Bring them anew with `seedbed models pull {model}`; if the file is your own and "
            "you changed it, with `seedbed models add --replace`.",
            model=model,
        )


class PullFailed(SetupIncomplete):
    """The weights could not be brought, or are not what they should be."""

    code = "pull_failed"


class DiskFull(SetupIncomplete):
    """There is no room for what should be written."""

    code = "disk_full"

    def __init__(self, where: str, *, needed: int, free: int) -> None:
        super().__init__(
            f"No room in {where}: {needed / 1e6:,.0f} MB are needed, "
            f"{free / 1e6:,.0f} MB are free.",
            hint="Make room, or set SEEDBED_HOME to a larger disk, and run the same command again: "
            "what is already there is kept.",
            needed=needed,
            free=free,
        )


class PortTaken(SetupIncomplete):
    """Another program listens where the server should."""

    code = "port_taken"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken by another program.",
            hint="Stop that program, or choose another port with `--port` or SEEDBED_PORT.",
            host=host,
            port=port,
        )


class ServerUnreachable(SetupIncomplete):
    """No server of ours answers."""

    code = "server_unreachable"

    def __init__(self, url: str, *, why: str) -> None:
        super().__init__(
            f"No Seedbed server answers at {url}: {why}.",
            hint="Start it with `seedbed up`.",
            url=url,
        )


class ServerRefused(SetupIncomplete):
    """Our server answered a command with an error; the sentence is the server's."""

    code = "server_refused"

    def __init__(self, said: str, *, code: str | None, hint: str) -> None:
        super().__init__(said, hint=hint, said=code)


class StoreUnusable(SetupIncomplete):
    """The database, or where artifacts lie, cannot be used; `reason` says why in a few words."""

    code = "store_unusable"

    def __init__(self, what: str, *, hint: str, reason: str, **facts: object) -> None:
        super().__init__(what, hint=hint, reason=reason, **facts)
        self.reason = reason


class BackupRefused(SetupIncomplete):
    """A backup cannot be taken, or put back, as things stand."""

    code = "backup_refused"


class BackupDamaged(SetupIncomplete):
    """A backup is not what it was when it was taken."""

    code = "backup_damaged"

    def __init__(self, backup: str, *, why: str) -> None:
        super().__init__(
            f"The backup {backup} is damaged: {why}.",
            hint="Nothing was changed. Use another backup.",
            backup=backup,
        )

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
    │   ├── SceneMalformed        a Scene cannot be read
    │   ├── SceneUndrawable       a Scene asks for what cannot be drawn
    │   ├── ConsentMissing        no consent holds for a face or voice that is used
    │   ├── ContentRefused        what is asked for is not made here
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
    │   ├── QueueFull             as many jobs of a kind wait for the key as may
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
    │   ├── CallbackUndelivered   nobody takes what is to be told of its end
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

Floor 1; a file for each family. A caller may rely on three things: the class, `code` (never
changes once released) and `facts` (the values behind the sentence). The sentence itself is for
people and may change. HTTP status codes are not known here; `seedbed.api.problems` maps each branch
to one.
"""

from seedbed.core.errors.base import (
    SeedbedError,
)
from seedbed.core.errors.denied import (
    AccessDenied,
    BudgetSpent,
    KeyMissing,
    KeyUnknown,
    LinkExpired,
    LinkForged,
    ScopeMissing,
)
from seedbed.core.errors.engine import (
    AnswerMalformed,
    AnswerUnverified,
    EngineFailed,
    EngineUnreachable,
    UpstreamDiffers,
    UpstreamRefused,
)
from seedbed.core.errors.job import (
    CallbackUndelivered,
    JobBroken,
    JobDiverged,
    JobFatal,
    JobKeyless,
    JobOverdue,
    JobUnfinished,
    WorkerFenced,
)
from seedbed.core.errors.refused import (
    FeatureUnserved,
    FieldUnserved,
    JobRefused,
    MediumRefused,
    ObjectBusy,
    OnceDiffers,
    PromptTooLong,
    RangeOutside,
    RequestMalformed,
    RequestRefused,
    ToolsUnreachable,
)
from seedbed.core.errors.scene import (
    ConsentMissing,
    ContentRefused,
    SceneMalformed,
    SceneUndrawable,
)
from seedbed.core.errors.setup import (
    ArtifactDamaged,
    BackupDamaged,
    BackupRefused,
    DiskFull,
    ModelAbsent,
    ModelDamaged,
    PortTaken,
    PullFailed,
    ServerRefused,
    ServerUnreachable,
    SettingRefused,
    SetupIncomplete,
    StoreUnusable,
)
from seedbed.core.errors.unavailable import (
    BudgetReserved,
    CapacityExceeded,
    DeadlineExceeded,
    EngineResting,
    EngineStarting,
    LedgerUnavailable,
    MemoryExceeded,
    ModelUnpriced,
    QueueFull,
    ServerFull,
    ServerStopping,
    StoreAway,
    Unavailable,
)
from seedbed.core.errors.unknown import (
    ArtifactUnknown,
    CheckUnknown,
    JobUnknown,
    ModelUnknown,
    ObjectUnknown,
    PathUnknown,
    PathUnserved,
    RouteUnknown,
)
from seedbed.core.errors.wire import (
    CodingUnserved,
    HeadTooLarge,
    RequestTooLarge,
    RequestTooSlow,
    UrlTooLong,
)

__all__ = [
    "AccessDenied",
    "AnswerMalformed",
    "AnswerUnverified",
    "ArtifactDamaged",
    "ArtifactUnknown",
    "BackupDamaged",
    "BackupRefused",
    "BudgetReserved",
    "BudgetSpent",
    "CallbackUndelivered",
    "CapacityExceeded",
    "CheckUnknown",
    "CodingUnserved",
    "ConsentMissing",
    "ContentRefused",
    "DeadlineExceeded",
    "DiskFull",
    "EngineFailed",
    "EngineResting",
    "EngineStarting",
    "EngineUnreachable",
    "FeatureUnserved",
    "FieldUnserved",
    "HeadTooLarge",
    "JobBroken",
    "JobDiverged",
    "JobFatal",
    "JobKeyless",
    "JobOverdue",
    "JobRefused",
    "JobUnfinished",
    "JobUnknown",
    "KeyMissing",
    "KeyUnknown",
    "LedgerUnavailable",
    "LinkExpired",
    "LinkForged",
    "MediumRefused",
    "MemoryExceeded",
    "ModelAbsent",
    "ModelDamaged",
    "ModelUnknown",
    "ModelUnpriced",
    "ObjectBusy",
    "ObjectUnknown",
    "OnceDiffers",
    "PathUnknown",
    "PathUnserved",
    "PortTaken",
    "PromptTooLong",
    "PullFailed",
    "QueueFull",
    "RangeOutside",
    "RequestMalformed",
    "RequestRefused",
    "RequestTooLarge",
    "RequestTooSlow",
    "RouteUnknown",
    "SceneMalformed",
    "SceneUndrawable",
    "ScopeMissing",
    "SeedbedError",
    "ServerFull",
    "ServerRefused",
    "ServerStopping",
    "ServerUnreachable",
    "SettingRefused",
    "SetupIncomplete",
    "StoreAway",
    "StoreUnusable",
    "ToolsUnreachable",
    "Unavailable",
    "UpstreamDiffers",
    "UpstreamRefused",
    "UrlTooLong",
    "WorkerFenced",
]

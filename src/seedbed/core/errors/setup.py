"""The operator must act on the machine, or on what is kept there.

Floor 1.
"""

from seedbed.core.errors.base import SeedbedError


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

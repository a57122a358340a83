"""Every setting, read once: from `$SEEDBED_HOME/settings.toml`, and over it from `SEEDBED_*`.

Floor 6. The only reader of the environment. Nothing else takes `Settings`; `app/` hands plain
values on. A setting has a place here only if someone would really change it.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, cast

import msgspec

from seedbed.core.errors import SettingRefused
from seedbed.core.hardware import Hardware

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1024)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86400)]
Address = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(postgresql://([^\s:/?@]+@)?[^\s/?@]*/[^\s/?@]+(\?(?!.*password)\S+)?)?\Z"
    ),
]
"""Of a database, without a password."""
_DRAWING = ("draft",) if find_spec("skia") and find_spec("av") else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator may choose."""

    home: Path
    """Where everything of yours is kept (`SEEDBED_HOME` only)."""
    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    """The address that the server listens on."""
    port: Port = 8790
    """The port that the server listens on."""
    database: Address = ""
    """Where keys, money, jobs and the rest are kept: `postgresql://USER@HOST/NAME`, for several
    machines. Without it they are in `seedbed.db`, in the home."""
    database_password: str = ""
    """A secret, the password to it: `env:NAME` or `file:PATH`. Without it `~/.pgpass` is asked."""
    certificate: str = ""
    """A file with the certificate, and those between it and its authority, in PEM: with it the
    server speaks TLS, and only that."""
    certificate_key: str = ""
    """The file with the certificate's private key, without a password."""
    in_the_clear: bool = False
    """Whether others may be served without TLS, on a `host` that is not this machine's loopback:
    their keys and prompts can then be read on the way."""
    connections: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10_000
    """Connections that the server holds at once; fewer where the system allows fewer open files."""
    grace_seconds: Annotated[float, msgspec.Meta(ge=0, le=86400)] = 30.0
    """How long a server that is told to end lets answers that are under way finish."""
    models: tuple[str, ...] = ("smollm2-135m", "multilingual-e5-small", *_DRAWING)
    """The models that the server loads, by name; in the environment, with commas between. `draft`,
    which draws, is among them where `seedbed[films]` is installed."""
    search_model: str = ""
    """The model that makes the vectors by which new vector stores are searched; without it, the
    first of `models` that makes vectors."""
    default_model: str = ""
    """The model that is asked where a request names none, as OpenAI's clients may; without it, the
    only one that can serve the request."""
    moderation_model: str = ""
    """The model, one for chats, that judges what is sent to `/v1/moderations`."""
    planner: str = ""
    """The model, one for chats, that plans what `draft` draws of a prompt; without it, pictures and
    films are planned by rule."""
    threads: Annotated[int, msgspec.Meta(ge=0, le=1024)] = 0
    """Threads of each engine; 0 is one for each core. On a machine that does other work leave one
    core out: an engine that competes for all of them loses far more than one."""
    places: Count = 4
    """Answers that an engine makes side by side."""
    layers: Annotated[int, msgspec.Meta(ge=0, le=1024)] = 0
    """Layers of each model that go to a graphics processor, on engines that can do so (llama.cpp);
    one that was not built for a processor that is here refuses to start."""
    memory_megabytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] = 0
    """The most that all engines of this machine may hold together, in megabytes; what each holds is
    measured, and who is not asked makes room. 0 is without bound."""
    graphics_megabytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] = 0
    """The same for the memory of NVIDIA's graphics processors, all of the machine together, where
    layers go there. 0 is as much as they have."""
    prefix_megabytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] = 4_000
    """How much of the disk, in megabytes, engines may fill with what they read of long prompts, so
    that it need not be read again, after a restart neither (llama.cpp). 0 keeps nothing."""
    prefix_store: Annotated[str, msgspec.Meta(pattern=r"^(s3://[^\s/]+(/\S*)?)?\Z")] = ""
    """Where servers of one database share that, such as `s3://bucket/prefix`, with access by
    `AWS_ACCESS_KEY_ID` and its kin: up to ten times as much as each may keep itself."""
    llama_server: str = ""
    """A `llama-server` of your own to use in place of ours: its path, or its name on the PATH."""
    engine_within_seconds: Seconds = 60.0
    """How long a request waits for an engine that is being started."""
    longest_answer_seconds: Seconds = 600.0
    """How long one answer may take."""
    hub: Annotated[str, msgspec.Meta(pattern=r"^https://\S+[^/\s]\Z")] = "https://huggingface.co"
    """Where models of `hf:` are had: the hub, or a mirror of it."""
    hub_token: str = ""
    """A secret for repositories that want one: `env:NAME` or `file:PATH`."""
    workers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1
    """Workers that `seedbed up` has run jobs on this machine; with 0, those of others run them."""
    server: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s/?#]+)?\Z")] = ""
    """Where workers find the server, such as `https://ai.example.org:8790`; without it, the one of
    this home on this machine."""
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")] = "USD"
    """The currency of the ledger, three letters."""
    hardware_per_hour: str = "0.05"
    """What an hour of this machine costs you. The default is an assumption, about what a rented
    server of two cores costs; put in what you pay."""
    hardware_watts: str = "0"
    """What this machine draws while it works, in watts."""
    hardware_idle_watts: str = "0"
    """What it draws while it waits, in watts."""
    energy_per_kwh: str = "0"
    """What a kilowatt-hour costs you; with the watts it is a part of what hardware costs."""
    job_budget: str = "1.00"
    """What a job may spend that was submitted without a budget of its own."""
    films_waiting: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 100
    """How many films of one key may wait to be begun; more are refused until some have."""
    fetch_private: bool = False
    """Whether pictures, films and documents that callers name by their address are fetched from
    private networks and this machine, too, and from any port; and servers of tools asked, and ends
    of jobs told, there."""
    safety_program: str = ""
    """A program that allows or refuses what pictures and films are asked for, and what came of it:
    its path, which may begin at the home. Where it gives no verdict, that is a refusal."""
    log_requests: bool = True
    """Whether the log has a line for each request."""
    otlp: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s?#]*[^\s?#/])?\Z")] = ""
    """Where spans are sent, by OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/traces` is
    added. Without it none are made."""
    otlp_headers: str = ""
    """A secret with the headers that are sent along, `name=value,name=value`: `env:NAME` or
    `file:PATH`."""

    artifacts: Annotated[str, msgspec.Meta(pattern=r"^(s3://[^\s/]+(/\S*)?)?\Z")] = ""
    """Where files are kept, such as `s3://bucket/prefix`, with access by `AWS_ACCESS_KEY_ID` and
    its kin. Without it they lie in the home's folder `artifacts`."""
    artifact_bytes: Annotated[int, msgspec.Meta(ge=1, le=5 << 30)] = 2 << 30
    """The most bytes that one uploaded file may have."""

    @property
    def hardware(self) -> Hardware:
        """What this machine costs."""
        return Hardware(
            self.currency,
            per_hour=Decimal(self.hardware_per_hour),
            watts=Decimal(self.hardware_watts),
            idle_watts=Decimal(self.hardware_idle_watts),
            energy_per_kwh=Decimal(self.energy_per_kwh),
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting as it stands, and where it came from."""

    name: str
    value: object
    origin: str

    @property
    def shown(self) -> str:
        """The value as text, as `SEEDBED_*` would take it."""
        if isinstance(self.value, tuple):
            return ",".join(str(word) for word in cast(tuple[object, ...], self.value))
        return str(self.value)


def read_settings(environment: Mapping[str, str]) -> tuple[Settings, tuple[Origin, ...]]:
    """Read every setting.

    Raises:
        SettingRefused: one is unknown or cannot be understood; the sentence names it.
    """
    home = read_home(environment)
    origins = {f.name: (f.default, "default") for f in fields(Settings) if f.default is not MISSING}
    origins["home"] = (home, "SEEDBED_HOME" if environment.get("SEEDBED_HOME") else "default")
    file = home / "settings.toml"
    for name, value in _file(file).items():
        if name in TABLES:
            continue
        if name not in origins or name == "home":
            raise _unknown(f"{name!r} in {file}", origins.keys() - {"home"})
        origins[name] = (_checked(name, value, str(file)), str(file))
    for variable, text in sorted(environment.items()):
        name = variable.removeprefix("SEEDBED_").lower()
        if not variable.startswith("SEEDBED_") or variable in NOT_SETTINGS:
            continue
        if name not in origins:
            raise _unknown(variable, origins)
        if name != "home":
            origins[name] = (_checked(name, _from_text(name, text), variable), variable)
    settings = Settings(**{name: value for name, (value, _) in origins.items()})
    return settings, tuple(Origin(name, *origins[name]) for name in origins)


def read_table(home: Path, name: str) -> Mapping[str, object]:
    """A table of the settings' file that is no setting.

    Raises:
        SettingRefused: it is no table.
    """
    found = _file(home / "settings.toml").get(name, {})
    if not isinstance(found, dict):
        raise SettingRefused(
            f"{name!r} in {home / 'settings.toml'} is no table.", hint=f"Write [{name}.LABEL]."
        )
    return cast("Mapping[str, object]", found)


def read_home(environment: Mapping[str, str]) -> Path:
    """Where everything of yours is kept."""
    return Path(environment.get("SEEDBED_HOME") or "~/.seedbed").expanduser().absolute()


def read_secret(reference: str, environment: Mapping[str, str]) -> str:
    """What `env:NAME` or `file:PATH` stands for.

    Raises:
        SettingRefused: it is neither, stands for nothing, or others may read the file.
    """
    kind, _, place = reference.partition(":")
    if kind == "env" and place:
        if secret := environment.get(place, "").strip():
            return secret
        raise _no_secret(reference, "the variable is not set", f"Set {place}, and start again.")
    if kind != "file" or not place:
        raise _no_secret("...", "it is no reference", "Write `env:NAME` or `file:PATH`.")
    path = Path(place).expanduser()
    try:
        if path.stat().st_mode & 0o077:
            raise _no_secret(reference, "others may read the file", f"Run `chmod 600 {path}`.")
        if secret := path.read_text("utf-8").strip():
            return secret
    except (OSError, UnicodeDecodeError) as error:
        raise _no_secret(reference, str(error), "Mend the file.") from error
    raise _no_secret(reference, "the file is empty", "Put the secret into it.")


def read_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that name the machine's proxies, such as `https_proxy` and `NO_PROXY`."""
    return {name: value for name, value in environment.items() if name.lower().endswith("_proxy")}


def read_bucket(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that give access to a bucket, by the names that Amazon gave them."""
    return {name: environment[name] for name in _OF_BUCKETS if environment.get(name)}


def _no_secret(reference: str, why: str, hint: str) -> SettingRefused:
    return SettingRefused(f"The secret {reference} cannot be had: {why}.", hint=hint)


_OF_BUCKETS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
)
TABLES = frozenset({"mcp_servers"})
"""Tables of the settings' file that are no settings."""
NOT_SETTINGS = frozenset({"SEEDBED_KEY"})
"""Variables of ours that are no settings: the key that `seedbed chat` sends."""


_DECIMAL = re.compile(r"\d{1,6}(\.\d{1,12})?")
_DECIMALS = {
    "hardware_per_hour": "a sum of money, such as 0.05",
    "hardware_watts": "a number of watts, such as 65",
    "hardware_idle_watts": "a number of watts, such as 8.5",
    "energy_per_kwh": "a sum of money, such as 0.30",
    "job_budget": "a sum of money, such as 1.00",
}


def _file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingRefused(
            f"{path} cannot be read: {error}.", hint="Mend the file, or take it away."
        ) from error


def _from_text(name: str, text: str) -> object:
    if name == "models":
        return tuple(word.strip() for word in text.split(",") if word.strip())
    return text


def _checked(name: str, value: object, where: str) -> object:
    kind = Settings.__annotations__[name]
    try:
        checked = msgspec.convert(value, kind, strict=where.endswith(".toml"))
        if name in _DECIMALS and not _DECIMAL.fullmatch(str(checked)):
            raise msgspec.ValidationError(f"Expected {_DECIMALS[name]}")
    except msgspec.ValidationError as error:
        raise SettingRefused(
            f"Setting {name!r} is {_without_password(value)} in {where}: {error}.",
            hint="`seedbed settings` shows every setting with its default.",
        ) from error
    return checked


def _without_password(value: object) -> str:
    """The value as it was written, but for what stands where an address has its password."""
    return re.sub(r"(?<=:)(?!//).*(?=@)|(?<=password=)[^&']*", "***", repr(value))


def _unknown(what: str, known: Iterable[str]) -> SettingRefused:
    return SettingRefused(
        f"There is no setting {what}.", hint=f"The settings are {', '.join(sorted(known))}."
    )

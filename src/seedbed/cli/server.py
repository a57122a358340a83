"""`seedbed up | down | serve`.

Floor 6.
"""

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

import click
import httpx2
import msgspec

from seedbed.cli import show
from seedbed.cli.adding import setting
from seedbed.cli.house import House, pass_house
from seedbed.cli.memory import standings
from seedbed.cli.models import pull_shown
from seedbed.core.access import Scope
from seedbed.core.errors import ServerUnreachable, SettingRefused
from seedbed.core.faults import check, strangers, unpriced
from seedbed.kit import atomic
from seedbed.kit.clock import today
from seedbed.serving.daemon import Running
from seedbed.serving.worker_processes import number
from seedbed.store.premises import locked

_LOOK_SECONDS = 0.05
_PORT = click.option(
    "--port", type=click.IntRange(1, 65535), help="Another port than the setting's."
)


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


@click.command()
@_PORT
@show.json_option
@pass_house
def up(house: House, port: int | None, *, as_json: bool) -> None:
    """Bring the models and start server and worker in the background. Then say how to use it."""
    click.get_current_context().with_resource(_alone(house))
    for name in house.serves:
        model = house.catalogue.find(name)
        if not house.weights.present(model):
            pull_shown(house, model, quiet=as_json)
    daemon = house.daemon(port)
    running = daemon.find()
    if running is None:
        argv = [sys.executable, "-m", "seedbed", "serve", "--json"]
        argv += ["--port", str(port)] if port else []
        with show.ERR.status("Starting the server"):
            running = daemon.start(argv, house.environment, wait=_look)
    with show.ERR.status("Loading") as status:

        def waiting(what: str) -> None:
            status.update(f"Waiting for {what}")
            _look()

        daemon.until_ready(wait=waiting)
    secret, is_new = _admin_key(house)
    workers = _manned(house, port)
    loaded = _loaded(house, running, secret)
    _tell_others(house, loaded)
    _tell_prices(house)
    _tell_memory(house, running, secret)
    if as_json:
        show.as_json(
            {
                "url": running.url,
                "base_url": f"{running.url}/v1",
                "pid": running.pid,
                "models": list(loaded),
                "workers": workers,
                "key": secret,
                "key_is_new": is_new,
            }
        )
        return
    _print_welcome(house, running, secret, loaded, workers)


@click.command()
@_PORT
@show.json_option
@pass_house
def down(house: House, port: int | None, *, as_json: bool) -> None:
    """Stop the server and the workers in the background. Answers under way are finished first.

    What the workers have not finished goes on once a worker runs again.
    """
    daemon = house.daemon(port)
    with show.ERR.status("Stopping the server"):
        stopped = daemon.stop(wait=_look)
    with show.ERR.status("Stopping the workers"):
        workers = house.worker_processes().stop(wait=_look)
    if as_json:
        pids = [number(one) for one in workers]
        show.as_json({"stopped": stopped is not None, "url": daemon.url, "workers": pids})
        return
    if stopped:
        show.OUT.print(f"Stopped the server at {stopped.url}.")
    else:
        show.OUT.print(f"No server of this home runs at {daemon.url}.")
    for one in workers:
        show.OUT.print(f"Stopped the worker in process {number(one)}.")


@click.command()
@_PORT
@click.option("--json", "as_json", is_flag=True, help="Log JSON lines even to a terminal.")
@pass_house
def serve(house: House, port: int | None, *, as_json: bool) -> None:
    """Serve here, in the foreground, until interrupted. The log goes to standard error."""
    for name in house.serves:
        house.weights.path(house.catalogue.find(name))
    with suppress(KeyboardInterrupt):  # by which people end it
        house.serve(port, as_json)


@contextmanager
def _alone(house: House) -> Generator[None]:
    """One `up` of a home after another: side by side they would make two of everything."""
    folder = house.home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        with locked(folder) as is_ours:
            if is_ours:
                yield
                return
        with show.ERR.status("Waiting for another `seedbed up`"):
            _look()


def _look() -> None:
    time.sleep(_LOOK_SECONDS)


def _admin_key(house: House) -> tuple[str, bool]:
    """The key in the owner's file, made where there is none that works. Told whether it is new."""
    keys = house.keys()
    if house.key_file.exists():
        secret = house.key_file.read_text().strip()
        if keys.find_now(secret) is not None:
            return secret, False
    taken = {key.name for key in keys.all()}
    name = next(n for n in ("admin", *(f"admin-{k}" for k in range(2, 1000))) if n not in taken)
    now = round(house.clock.wall() * 1e6)
    _, secret = keys.create(
        name, user="admin", project="default", scopes=frozenset({Scope.ADMIN}), now=now
    )
    atomic.write(house.key_file, f"{secret}\n".encode(), mode=0o600)
    return secret, True


def _manned(house: House, port: int | None) -> list[int]:
    """See that as many workers run on this machine as the settings say; their processes."""
    workers = house.worker_processes()
    living = workers.living()
    argv = [sys.executable, "-m", "seedbed", "worker", "--json"]
    environment = {**house.environment, **({"SEEDBED_PORT": str(port)} if port else {})}
    for _ in range(len(living), int(setting(house, "workers"))):
        with show.ERR.status("Starting a worker"):
            living.append(workers.start(argv, environment, wait=_look))
    return [number(one) for one in living]


def _loaded(house: House, running: Running, secret: str) -> Sequence[str]:
    """The models of the server that runs, as it lists them; those of the settings if it does not.

    Raises:
        ServerUnreachable: it does not answer, or not as one of ours.
    """
    headers = {"authorization": f"Bearer {secret}"}
    try:
        response = house.neighbour.get(f"{running.url}/v1/models", headers=headers)
        if response.status_code != 200:
            return house.serves
        return [model.id for model in msgspec.json.decode(response.content, type=_Models).data]
    except (httpx2.HTTPError, msgspec.MsgspecError) as error:
        raise ServerUnreachable(running.url, why=str(error)) from error


def _tell_others(house: House, loaded: Sequence[str]) -> None:
    """Say so where the server has other models than it would be started with now."""
    wants = (name for model in house.serves for name in house.catalogue.find(model).names)
    if set(loaded) != set(wants):
        wanted = ", ".join(house.serves) or "none"
        show.ERR.print(
            f"The server that runs was started with other models than the settings name now "
            f"({wanted}), or before one was given another name. Run `{show.program()} down`, then "
            "`up` again, to change that.",
            markup=False,
        )


def _tell_prices(house: House) -> None:
    """Say which models are refused because they have no price, and which prices nobody has."""
    on, cards = today(house.clock), house.catalogue.all()
    try:
        book = house.prices()
        check(book, cards, today=on)
    except SettingRefused as error:  # the files were changed since the server was started
        show.ERR.print(f"{error.what} {error.hint}", markup=False, soft_wrap=True)
        return
    for name, fault in unpriced(book, cards, today=on).items():
        if name in house.serves:
            said = f"{fault.what}: it is refused until it has one. {fault.mend}"
            show.ERR.print(said, markup=False, soft_wrap=True)
    for fault in strangers(book, cards).values():
        show.ERR.print(f"{fault.what}. {fault.mend}", markup=False, soft_wrap=True)


def _tell_memory(house: House, running: Running, secret: str) -> None:
    """Say which models are larger than the memory that they may hold."""
    for one in standings(house, running.url, secret):
        if one.mend:
            said = f"Of {one.kind} {one.told}. To change that, {one.mend}."
            show.ERR.print(said, markup=False, soft_wrap=True)


def _print_welcome(
    house: House, running: Running, secret: str, loaded: Sequence[str], workers: Sequence[int]
) -> None:
    also = {name for model in house.serves for name in house.catalogue.find(model).known_as}
    own = [name for name in loaded if name not in also]
    show.OUT.print(f"\n[bold green]Seedbed is up[/] at [bold]{running.url}[/]\n")
    show.table(
        ("", ""),
        [
            ("base URL", f"{running.url}/v1"),
            ("key", secret),
            ("kept in", f"{house.key_file} (readable by you alone)"),
            ("models", ", ".join(own) or "none; name some in SEEDBED_MODELS"),
            ("workers", _workers_told(workers)),
        ],
    )
    if loaded:
        _print_trial(loaded[0], running, secret)


def _workers_told(pids: Sequence[int]) -> str:
    if not pids:
        return "none here; jobs wait until one runs"
    return f"{len(pids)}, for jobs (process {', '.join(map(str, pids))})"


def _print_trial(model: str, running: Running, secret: str) -> None:
    curl = (
        f"curl {running.url}/v1/chat/completions \\\n"
        f"  -H 'Authorization: Bearer {secret}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f'  -d \'{{"model": "{model}",\n'
        f'       "messages": [{{"role": "user", "content": "Say hello."}}]}}\''
    )
    show.OUT.print("\nTry it:\n")
    show.OUT.print(curl, soft_wrap=True, markup=False)
    program = show.program()
    show.OUT.print("\nor\n")
    show.table(
        ("", ""),
        [
            (f'{program} chat "Say hello."', "ask from here"),
            (f"{program} usage", "what it cost"),
            (f"{program} down", "stop it all"),
        ],
    )

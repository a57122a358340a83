"""`seedbed doctor` on homes that lack something, and on one that lacks nothing."""

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from seedbed.cli.house import House
from seedbed.kit.machine import Machine
from seedbed.serving.trial import TEN, Verdict
from tests.cli.conftest import Seedbed, priced
from tests.cli.works import works_of
from tests.engines.tiny import write_tiny_llama


def found(seedbed: Seedbed, part: str, *, models: str = "scripted") -> dict[str, str]:
    said = seedbed("doctor", "--json", SEEDBED_MODELS=models)
    return next(finding for finding in said.json if finding["part"] == part)


def test_a_new_home_lacks_its_server_and_says_how_to_have_one(seedbed: Seedbed) -> None:
    said = seedbed("doctor", "--json")
    parts = {finding["part"]: finding for finding in said.json}
    assert said.status == 1
    assert parts["server"]["state"] == "lacks"
    assert parts["server"]["mend"].endswith("up")
    assert parts["key"]["mend"].endswith("up")
    assert parts["model scripted"]["state"] == "has"
    assert parts["engine scripted"]["state"] == "has"


def test_what_runs_lacks_nothing(seedbed: Seedbed, server: str, home: Path) -> None:
    (home / "admin.key").chmod(0o600)
    said = seedbed("doctor")
    assert said.status == 0
    assert f"runs at {server}" in said.out
    assert "✗" not in said.out


def test_a_key_that_others_may_read_is_told_with_the_command_that_mends_it(
    seedbed: Seedbed, home: Path
) -> None:
    home.mkdir(exist_ok=True)
    (home / "admin.key").write_text("sb-secret")
    (home / "admin.key").chmod(0o644)
    assert found(seedbed, "key")["mend"] == f"chmod 600 {home / 'admin.key'}"


def test_a_model_that_is_not_here_or_not_known_is_told(seedbed: Seedbed) -> None:
    absent = found(seedbed, "model smollm2-135m", models="smollm2-135m")
    assert absent["mend"].endswith("models pull smollm2-135m")
    unknown = found(seedbed, "model nope", models="nope")
    assert (unknown["state"], unknown["found"]) == ("lacks", "There is no model 'nope' here.")


def test_a_model_whose_file_was_changed_is_told_with_the_file(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    tiny = write_tiny_llama(tmp_path / "tiny.gguf")
    assert seedbed("models", "add", "mine", str(tiny)).status == 0
    assert found(seedbed, "model mine", models="mine")["found"] == "is here"
    tiny.write_bytes(tiny.read_bytes() + b"x")
    told = found(seedbed, "model mine", models="mine")
    assert told["state"] == "lacks"
    assert f"in {tiny} have been changed" in told["found"]


@pytest.mark.usefixtures("far")
def test_a_model_that_others_serve_is_told_with_its_address(seedbed: Seedbed) -> None:
    told = found(seedbed, "model far", models="far")
    assert (told["state"], told["found"]) == ("has", "served at https://a.example/v1")


def test_prices_that_go_together_are_counted(seedbed: Seedbed, home: Path) -> None:
    assert found(seedbed, "prices")["found"] == "1, which go together"
    (home / "prices").mkdir(parents=True)
    (home / "prices" / "a.toml").write_text("price = 1")
    told = found(seedbed, "prices")
    assert (told["state"], "cannot be understood" in told["found"]) == ("lacks", True)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize(
    ("lines", "currency", "what", "mend"),
    [
        (["2026-01-01 2026-06-30"], "USD", "ended with 2026-06-30", "\nsince = 2026-07-01\n"),
        (["2026-01-01 2099-06-30"], "EUR", "there is no rate from EUR to USD", "\n[[rate]]\n"),
        (
            ["2026-01-01 2026-06-30", "2026-06-30 2099-12-31"],
            *("USD", "has two prices from 2026-06-30", "Write `until = 2026-06-29`"),
        ),
        (
            ["2026-01-01 2026-06-30", "2026-07-02 2099-12-31"],
            *("USD", "has no price from 2026-07-01", "Take away the `until`"),
        ),
        ([], "USD", "'far' has no price, neither in its card", "\n[[price]]\n"),
    ],
)
def test_what_is_wrong_with_the_prices_is_told_with_what_mends_it(
    seedbed: Seedbed, home: Path, lines: list[str], currency: str, what: str, mend: str
) -> None:
    priced(home, *lines, currency=currency)
    told = found(seedbed, "prices", models="far")
    assert (told["state"], what in told["found"], mend in told["mend"]) == ("lacks", True, True)


def test_a_file_of_deployments_that_nobody_reads_is_told_with_what_mends_it(
    seedbed: Seedbed, home: Path
) -> None:
    (home / "deployments").mkdir(parents=True)
    (home / "deployments" / "scriptd.toml").write_text('policy = "fastest"\n')
    told = found(seedbed, "deployments")
    assert told["state"] == "lacks"
    assert "no card has that name" in told["found"]
    assert told["mend"].startswith("Write 'scripted' if you mean that")


def test_a_file_of_deployments_that_cannot_be_understood_is_told(
    seedbed: Seedbed, home: Path
) -> None:
    (home / "deployments").mkdir(parents=True)
    (home / "deployments" / "scripted.toml").write_text("policy = 7\n")
    assert "cannot be understood" in found(seedbed, "deployments")["found"]
    assert found(seedbed, "prices")["state"] == "has"


@pytest.mark.usefixtures("far")
def test_a_price_that_nobody_needs_now_is_told_and_nothing_is_lacking(
    seedbed: Seedbed, home: Path
) -> None:
    priced(home, "2026-01-01 2026-06-30")
    told = found(seedbed, "prices", models="scripted")
    assert (told["state"], "ended with 2026-06-30" in told["found"]) == ("without", True)
    priced(home, "2026-01-01 2099-06-30", model="fra")
    said = seedbed("doctor", "--json").json
    strange = [one for one in said if one["part"] == "prices"][-1]
    assert strange["state"] == "without"
    assert "has a price of 'fra', and no card has that name" in strange["found"]
    assert strange["mend"].startswith("Write 'far' if you mean that")


def test_the_command_that_mends_has_a_line_of_its_own(seedbed: Seedbed) -> None:
    lines = [line.strip() for line in seedbed("doctor").out.splitlines()]
    at = next(n for n, line in enumerate(lines) if line.startswith("✗  server"))
    assert lines[at].endswith("does not run")
    assert lines[at + 1].endswith("seedbed up") or lines[at + 1] == "seedbed up"


def test_a_port_that_another_program_has_is_told(seedbed: Seedbed, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        assert "another program listens" in found(seedbed, "server")["found"]


def test_who_runs_jobs_is_told_and_lacking_only_where_some_wait(
    seedbed: Seedbed, home: Path
) -> None:
    assert found(seedbed, "workers") == {
        "part": "workers",
        "state": "without",
        "found": "none lives, and no job waits",
        "mend": "",
    }
    home.mkdir(exist_ok=True)
    with works_of(home) as works:
        works.submit()
        told = found(seedbed, "workers")
        assert (told["state"], told["found"]) == ("lacks", "none lives, and 1 job waits")
        assert told["mend"].endswith("worker")
        works.submit()
        works.join()
        told = found(seedbed, "workers")
        assert (told["state"], told["found"]) == ("has", "1 alive, and 2 jobs wait")


def test_a_database_that_cannot_be_read_is_told(seedbed: Seedbed, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "seedbed.db").write_bytes(b"no database at all" * 100)
    told = found(seedbed, "workers")
    assert (told["state"], "seedbed.db" in told["found"]) == ("lacks", True)


def test_a_machine_that_cannot_run_an_engine_is_told_what_to_install(seedbed: Seedbed) -> None:
    def bare(house: House) -> House:
        lacking = [("fast", "the package fastest"), ("wide", "a processor with AVX2")]
        tiny = Machine("linux", "x86_64", frozenset(), cores=1)
        return replace(house, engines=lambda: lacking, machine=tiny)

    said = seedbed("doctor", "--json", change=bare)
    parts = {finding["part"]: finding for finding in said.json}
    assert parts["engine fast"]["mend"].endswith("-m pip install fastest")
    assert (parts["engine wide"]["state"], parts["engine wide"]["mend"]) == ("without", "")
    assert parts["machine"]["found"] == "linux on x86_64, 1 cores"


def test_a_disk_that_is_nearly_full_is_told(
    seedbed: Seedbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nearly_full(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=1 << 20)

    monkeypatch.setattr("shutil.disk_usage", nearly_full)
    assert found(seedbed, "home")["state"] == "lacks"


def tried(*verdicts: Verdict) -> Callable[[House], House]:
    def change(house: House) -> House:
        def try_engines(told: Callable[[str, Verdict], None]) -> None:
            for verdict in verdicts:
                told("fast", verdict)

        return replace(house, try_engines=try_engines)

    return change


def test_the_ten_requests_stand_in_a_table(seedbed: Seedbed) -> None:
    refused = Verdict("thinking", "refused", "It does not think.")
    long = Verdict("JSON", "failed", "word " * 100)
    answered = Verdict("chat", "answered", "Hi")
    said = seedbed("doctor", "--engines", change=tried(answered, long, refused))
    assert all(name in said.out for name in TEN)
    assert f"✗ {'word ' * 31}…" in said.out
    assert "✓ Hi" in said.out
    assert "· It does not think." in said.out


def test_a_failed_request_fails_the_command(seedbed: Seedbed) -> None:
    failed = Verdict("chat", "failed", "It broke.")
    said = seedbed("doctor", "--engines", "--json", change=tried(failed))
    assert said.status == 1
    assert said.json == {"fast": [{"request": "chat", "end": "failed", "said": "It broke."}]}


def test_ten_requests_pass_the_real_house(seedbed: Seedbed) -> None:
    said = seedbed("doctor", "--engines", "--json")
    (verdicts,) = said.json.values()
    assert [verdict["request"] for verdict in verdicts] == list(TEN)
    assert next(v for v in verdicts if v["request"] == "chat")["said"] == "Say hello."


def test_without_a_model_there_is_nothing_to_try(seedbed: Seedbed) -> None:
    for words in (("doctor", "--engines"), ("bench", "engines")):
        said = seedbed(*words, SEEDBED_MODELS="")
        assert said.status == 1
        assert "names no model" in said.err

"""Where a setting comes from, and what is refused before anything starts."""

from pathlib import Path

import pytest

from seedbed.core.errors import SettingRefused
from seedbed.settings import Settings, read_bucket, read_proxies, read_secret, read_settings

DEFAULTS = {
    "host": "127.0.0.1",
    "port": 8790,
    "database": "",
    "database_password": "",
    "certificate": "",
    "certificate_key": "",
    "in_the_clear": False,
    "connections": 10_000,
    "grace_seconds": 30.0,
    "models": ("smollm2-135m", "multilingual-e5-small", "draft"),
    "search_model": "",
    "moderation_model": "",
    "planner": "",
    "default_model": "",
    "threads": 0,
    "places": 4,
    "layers": 0,
    "memory_megabytes": 0,
    "graphics_megabytes": 0,
    "prefix_megabytes": 4_000,
    "prefix_store": "",
    "llama_server": "",
    "hub": "https://huggingface.co",
    "hub_token": "",
    "engine_within_seconds": 60.0,
    "longest_answer_seconds": 600.0,
    "currency": "USD",
    "hardware_per_hour": "0.05",
    "hardware_watts": "0",
    "hardware_idle_watts": "0",
    "energy_per_kwh": "0",
    "workers": 1,
    "server": "",
    "job_budget": "1.00",
    "films_waiting": 100,
    "fetch_private": False,
    "safety_program": "",
    "log_requests": True,
    "otlp": "",
    "otlp_headers": "",
    "artifacts": "",
    "artifact_bytes": 2 << 30,
}


def read(home: Path, file: str | bytes | None = None, **variables: str) -> Settings:
    return read_settings(environment(home, file, **variables))[0]


def environment(home: Path, file: str | bytes | None = None, **variables: str) -> dict[str, str]:
    if file is not None:
        home.mkdir(exist_ok=True)
        (home / "settings.toml").write_bytes(file.encode() if isinstance(file, str) else file)
    return {"SEEDBED_HOME": str(home), **variables}


def refusal(home: Path, file: str | bytes | None = None, **variables: str) -> SettingRefused:
    with pytest.raises(SettingRefused) as refused:
        read(home, file, **variables)
    return refused.value


def test_without_a_word_every_setting_has_its_default(home: Path) -> None:
    settings, origins = read_settings(environment(home))
    assert {name: getattr(settings, name) for name in DEFAULTS} == DEFAULTS
    assert {o.name: o.origin for o in origins} == dict.fromkeys(DEFAULTS, "default") | {
        "home": "SEEDBED_HOME"
    }


def test_the_home_is_in_the_users_own_unless_it_is_put_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for unset in ({}, {"SEEDBED_HOME": ""}):
        settings, origins = read_settings(unset)
        assert settings.home == tmp_path / ".seedbed"
        assert next(o for o in origins if o.name == "home").origin == "default"
    assert read_settings({"SEEDBED_HOME": "~/s"})[0].home == tmp_path / "s"


def test_a_home_is_told_in_full_however_it_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"SEEDBED_HOME": "s"})[0].home == tmp_path / "s"


def test_the_file_is_over_the_defaults_and_the_environment_over_the_file(home: Path) -> None:
    given = environment(home, 'port = 1000\nplaces = 2\nmodels = ["a", "b"]\n', SEEDBED_PORT="2000")
    settings, origins = read_settings(given)
    assert (settings.port, settings.places, settings.models) == (2000, 2, ("a", "b"))
    told = {o.name: (o.shown, o.origin) for o in origins}
    assert told["port"] == ("2000", "SEEDBED_PORT")
    assert told["places"] == ("2", str(home / "settings.toml"))
    assert told["models"] == ("a,b", str(home / "settings.toml"))
    assert told["threads"] == ("0", "default")


def test_every_setting_can_be_given_as_it_is_shown(home: Path) -> None:
    _, origins = read_settings(environment(home))
    shown = {f"SEEDBED_{o.name.upper()}": o.shown for o in origins}
    assert read_settings(shown)[0] == read(home)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("SEEDBED_HOST", "0.0.0.0", "0.0.0.0"),
        ("SEEDBED_PORT", "65535", 65535),
        ("SEEDBED_MODELS", " a, ,b ", ("a", "b")),
        ("SEEDBED_MODELS", "", ()),
        ("SEEDBED_THREADS", "0", 0),
        ("SEEDBED_PLACES", "1024", 1024),
        ("SEEDBED_ENGINE_WITHIN_SECONDS", "0.5", 0.5),
        ("SEEDBED_LONGEST_ANSWER_SECONDS", "86400", 86400.0),
        ("SEEDBED_CURRENCY", "EUR", "EUR"),
        ("SEEDBED_HARDWARE_PER_HOUR", "0", "0"),
    ],
)
def test_a_variable_is_understood_as_what_the_setting_is(
    home: Path, variable: str, text: str, value: object
) -> None:
    settings = read(home, **{variable: text})
    assert getattr(settings, variable.removeprefix("SEEDBED_").lower()) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("SEEDBED_HOST", ""),
        ("SEEDBED_PORT", "x"),
        ("SEEDBED_PORT", ""),
        ("SEEDBED_PORT", "0"),
        ("SEEDBED_PORT", "65536"),
        ("SEEDBED_PLACES", "0"),
        ("SEEDBED_PLACES", "1025"),
        ("SEEDBED_THREADS", "-1"),
        ("SEEDBED_ENGINE_WITHIN_SECONDS", "0"),
        ("SEEDBED_ENGINE_WITHIN_SECONDS", "nan"),
        ("SEEDBED_LONGEST_ANSWER_SECONDS", "inf"),
        ("SEEDBED_CURRENCY", "eur"),
        ("SEEDBED_CURRENCY", "EUR\n"),
        ("SEEDBED_HARDWARE_PER_HOUR", ""),
        ("SEEDBED_HARDWARE_PER_HOUR", "-0.01"),
        ("SEEDBED_HARDWARE_PER_HOUR", "NaN"),
        ("SEEDBED_HARDWARE_PER_HOUR", "1000000"),
        ("SEEDBED_HARDWARE_PER_HOUR", "0.05 USD"),
        ("SEEDBED_HARDWARE_PER_HOUR", "0,05"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_the_variable_that_holds_it(
    home: Path, variable: str, text: str
) -> None:
    error = refusal(home, **{variable: text})
    name = variable.removeprefix("SEEDBED_").lower()
    assert error.what.startswith(f"Setting '{name}' is {text!r} in {variable}: Expected ")
    assert "seedbed settings" in error.hint


@pytest.mark.parametrize(
    "line",
    [
        'port = "8790"',
        "port = true",
        "port = 0",
        'models = "smollm2-135m"',
        "models = [1]",
        "hardware_per_hour = 0.05",
        'hardware_per_hour = "much"',
        'hardware_per_hour = "-1"',
        'hardware_per_hour = "NaN"',
        'hardware_watts = "1e9"',
        'hardware_idle_watts = "1000000"',
        'energy_per_kwh = "0,30"',
        "host = 1",
        "engine_within_seconds = nan",
        "places = {}",
    ],
)
def test_a_wrong_value_in_the_file_is_refused_with_the_file_that_holds_it(
    home: Path, line: str
) -> None:
    error = refusal(home, line)
    assert f"Setting {line.split(maxsplit=1)[0]!r} is" in error.what
    assert f"in {home / 'settings.toml'}: Expected " in error.what


def test_a_whole_number_is_a_number_of_seconds(home: Path) -> None:
    assert read(home, "engine_within_seconds = 3").engine_within_seconds == 3.0


@pytest.mark.parametrize(
    ("hardware_per_hour", "thousand_hours"),
    [("0.05", 50_000_000), ("2", 2_000_000_000), ("0.0000019", 1_900), ("999999.999999", 10**15)],
)
def test_what_hardware_costs_is_exact(
    home: Path, hardware_per_hour: str, thousand_hours: int
) -> None:
    hardware = read(home, SEEDBED_HARDWARE_PER_HOUR=hardware_per_hour).hardware
    cost = hardware.working(1000 * 3_600_000_000).micros
    assert cost == min(thousand_hours, 999_999_999_999_000)


def test_an_unknown_name_in_the_file_is_refused_with_those_that_there_are(home: Path) -> None:
    error = refusal(home, "prot = 8790")
    assert error.what == f"There is no setting 'prot' in {home / 'settings.toml'}."
    assert error.hint == f"The settings are {', '.join(sorted(DEFAULTS))}."


def test_an_unknown_variable_is_refused_with_those_that_there_are(home: Path) -> None:
    error = refusal(home, SEEDBED_PROT="8790")
    assert error.what == "There is no setting SEEDBED_PROT."
    assert "home" in error.hint


def test_the_home_cannot_be_set_in_the_file_that_lies_in_it(home: Path) -> None:
    error = refusal(home, 'home = "/elsewhere"')
    assert "There is no setting 'home'" in error.what
    assert "home" not in error.hint


def test_the_callers_key_and_other_programs_variables_are_no_settings(home: Path) -> None:
    assert read(home, SEEDBED_KEY="sb-secret", PORT="1", PATH="/bin") == read(home)


@pytest.mark.parametrize("file", ["port = ", "port 8790", b"\xff", "port = 1\nport = 2", "[[["])
def test_a_file_that_is_no_toml_is_refused_with_its_place(home: Path, file: str | bytes) -> None:
    error = refusal(home, file)
    assert error.what.startswith(f"{home / 'settings.toml'} cannot be read: ")
    assert error.hint == "Mend the file, or take it away."


def test_a_folder_in_the_files_place_is_refused(home: Path) -> None:
    (home / "settings.toml").mkdir(parents=True)
    assert "cannot be read" in refusal(home).what


def test_a_secret_is_read_from_a_variable_or_from_a_file_that_others_cannot_read(
    tmp_path: Path,
) -> None:
    assert read_secret("env:BIG_KEY", {"BIG_KEY": " s3cret\n"}) == "s3cret"
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    assert read_secret(f"file:{file}", {}) == "s3cret"


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("env:BIG_KEY", "env:BIG_KEY cannot be had: the variable is not set"),
        ("env:", "it is no reference"),
        ("file:", "it is no reference"),
        ("s3cret-put-here-by-mistake", "secret ... cannot be had: it is no reference"),
        ("file:/nowhere/key", "No such file"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_by_its_reference_and_never_shown(
    reference: str, why: str
) -> None:
    with pytest.raises(SettingRefused) as caught:
        read_secret(reference, {})
    assert why in str(caught.value)
    assert "s3cret-put" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [
        (b"s3cret", 0o644, "chmod 600"),
        (b" \n", 0o600, "is empty"),
        (b"\xff", 0o600, "can't decode"),
    ],
)
def test_a_file_that_is_no_safe_secret_is_refused(
    content: bytes, mode: int, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(SettingRefused) as caught:
        read_secret(f"file:{file}", {})
    assert why in str(caught.value)


@pytest.mark.parametrize(("text", "is_on"), [("false", False), ("0", False), ("true", True)])
def test_a_setting_is_turned_off_by_a_word(home: Path, text: str, *, is_on: bool) -> None:
    assert read(home, SEEDBED_LOG_REQUESTS=text).log_requests is is_on


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1:4318", "https://traces.example.com/api/public/otel"]
)
def test_spans_are_sent_where_one_says(home: Path, address: str) -> None:
    assert read(home, SEEDBED_OTLP=address).otlp == address


@pytest.mark.parametrize(
    "address", ["127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://", "http://a/", "http://a?b=c"]
)
def test_an_address_for_spans_that_is_none_is_refused(home: Path, address: str) -> None:
    assert "'otlp'" in str(refusal(home, SEEDBED_OTLP=address))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada@db.internal/house",
        "postgresql://db.internal:5433/house",
        "postgresql:///house",
        "postgresql://ada@/house?host=/run/postgresql&sslmode=disable",
    ],
)
def test_the_database_is_where_one_says(home: Path, address: str) -> None:
    assert read(home, SEEDBED_DATABASE=address).database == address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mysql://db/house", "mysql://db/house"),
        ("postgresql://db.internal", "postgresql://db.internal"),
        ("postgresql://ada:s3cret@db/house", "postgresql://ada:***@db/house"),
        ("postgresql://ada:/s3cret@s3cret@db/house", "postgresql://ada:***@db/house"),
        ("postgresql://db/house?password=s3cret&a=b", "postgresql://db/house?password=***&a=b"),
    ],
)
def test_an_address_of_a_database_that_is_none_is_refused_and_its_password_never_shown(
    home: Path, address: str, shown: str
) -> None:
    refused = refusal(home, SEEDBED_DATABASE=address)
    assert f"Setting 'database' is '{shown}'" in str(refused)
    assert "s3cret" not in f"{refused} {refused.facts}"


def test_the_proxies_are_those_of_the_usual_variables_and_nothing_else_goes_along() -> None:
    proxies = {"https_proxy": "http://p:1", "NO_PROXY": "localhost"}
    assert read_proxies(proxies | {"BIG_KEY": "s3cret"}) == proxies


@pytest.mark.parametrize("place", ["", "s3://bucket", "s3://bucket/a/prefix"])
def test_files_are_kept_where_one_says(home: Path, place: str) -> None:
    assert read(home, SEEDBED_ARTIFACTS=place).artifacts == place


@pytest.mark.parametrize("place", ["/data", "gs://bucket", "s3://", "s3:///a", "s3://a b"])
def test_a_place_for_files_that_is_none_is_refused(home: Path, place: str) -> None:
    assert "'artifacts'" in str(refusal(home, SEEDBED_ARTIFACTS=place))


def test_access_to_a_bucket_is_by_its_own_variables_and_nothing_else_goes_along() -> None:
    access = {"AWS_ACCESS_KEY_ID": "a", "AWS_REGION": "r"}
    others = {"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "p", "BIG_KEY": "s3cret"}
    assert read_bucket(access | others) == access

"""How tables are printed: nothing that stands in them is lost, however narrow the terminal."""

import pytest
from rich.console import Console

from seedbed.cli import show
from seedbed.core.errors import SeedbedError

ROWS = [("a-name-of-some-length", "1,234,567", "0.001234 USD"), ("b", "1", "x" * 90)]


def test_in_a_pipe_a_row_is_a_line_as_long_as_it_must_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show.table(("name", "tokens", "cost"), ROWS, right=("tokens", "cost"))
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "tokens", "cost"]
    assert first.split() == ["a-name-of-some-length", "1,234,567", "0.001234", "USD"]
    assert second.split() == ["b", "1", "x" * 90]


def test_numbers_stand_below_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("name", "tokens"), [("a", "10"), ("b", "1,000")], right=("tokens",))
    assert capsys.readouterr().out.splitlines() == ["name  tokens", "a         10", "b      1,000"]


@pytest.mark.parametrize("width", [20, 40, 80])
def test_on_a_narrow_terminal_words_fold_and_none_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setattr(show, "OUT", Console(force_terminal=True, color_system=None, width=width))
    show.table(("name", "tokens", "cost"), ROWS, right=("tokens", "cost"))
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    for letter in "x0123456789":
        assert out.count(letter) == str(ROWS).count(letter)


@pytest.mark.parametrize("text", ["[red]x[/]", "[/]", "a[x]", ":smile:", "\\"])
def test_what_stands_in_a_table_is_printed_as_it_is(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    show.table(("name", "x"), [(text, "y")])
    assert capsys.readouterr().out.splitlines()[1].split() == [text, "y"]


def test_a_table_without_names_has_no_head(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("", ""), [("key", "value")])
    assert capsys.readouterr().out == "key  value\n"


@pytest.mark.parametrize("text", ["[red]x[/]", "[/]", "a[x]", ":smile:", "\\"])
def test_an_error_is_printed_as_it_is(capsys: pytest.CaptureFixture[str], text: str) -> None:
    show.error(SeedbedError(f"What {text}", hint=f"Hint {text}"), json_wanted=False)
    assert capsys.readouterr().err == f"✗ What {text}\n  Hint {text}\n"


def test_on_a_terminal_an_error_folds_at_words_and_stays_behind_its_sign(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    err = Console(force_terminal=True, color_system=None, width=16, stderr=True)
    monkeypatch.setattr(show, "ERR", err)
    show.error(SeedbedError("It broke in two places.", hint="Mend " + "x" * 20), json_wanted=False)
    assert capsys.readouterr().err.splitlines() == [
        "✗ It broke in",
        "  two places.",
        "  Mend",
        f"  {'x' * 14}",
        f"  {'x' * 6}",
    ]


def test_an_error_without_a_hint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show.error(SeedbedError("It broke.", hint=""), json_wanted=False)
    assert capsys.readouterr().err == "✗ It broke.\n"

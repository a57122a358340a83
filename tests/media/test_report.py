"""Reports: what fails one, and how it is told."""

from seedbed.media.report import Finding, Report

RIGHT = Finding("canvas", "size", "2x2", "2x2", ok=True)
WRONG = Finding("shots[0].layers[1].text", "text", "Hello", "Hallo", ok=False)
UNSURE = Finding("shots[0].layers", "count", "2 cat", "1 cat", ok=False, sure=False)


def test_only_what_is_wrong_for_sure_fails_a_report() -> None:
    assert Report((RIGHT, UNSURE)).ok
    assert Report((RIGHT, WRONG, UNSURE)).wrong == (WRONG,)


def test_a_report_is_told_as_json_and_as_rows() -> None:
    report = Report((RIGHT, WRONG, UNSURE), ("a note",))
    told = report.written()
    assert told["ok"] is False
    assert told["notes"] == ["a note"]
    assert told["findings"][1] == {  # type: ignore[index]
        "at": "shots[0].layers[1].text",
        "rule": "text",
        "expected": "Hello",
        "found": "Hallo",
        "ok": False,
    }
    assert [row[-1] for row in report.rows()] == ["ok", "wrong", "not sure"]
    probable = Finding("shots[0].layers", "count", "1 cat", "1 cat", ok=True, sure=False)
    assert Report((probable,)).rows()[0][-1] == "ok, it seems"

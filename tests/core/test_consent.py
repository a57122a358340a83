"""A consent holds for what it was given for, until it ends or is withdrawn."""

from dataclasses import replace

import pytest

from seedbed.core.consent import Consent, Kind, Use

DAY = 86_400 * 10**6
GIVEN = Consent("consent_1", "web", "Ada", Kind.FACE, "a jubilee", (Use.FILMS,), "a" * 64, at=0)


def test_it_holds_for_what_it_was_given_for() -> None:
    assert GIVEN.why_not(Use.FILMS, "face", 10 * DAY) is None


def test_it_ends_at_its_moment() -> None:
    ending = replace(GIVEN, until=3 * DAY)
    assert ending.why_not(Use.FILMS, "face", 3 * DAY - 1) is None
    why = ending.why_not(Use.FILMS, "face", 3 * DAY)
    assert why == "the consent consent_1 was good until 1970-01-04 00:00:00Z"


def test_one_that_is_withdrawn_holds_no_more() -> None:
    why = replace(GIVEN, withdrawn=DAY).why_not(Use.FILMS, "face", 0)
    assert why == "the consent consent_1 was withdrawn on 1970-01-02 00:00:00Z"


def test_another_use_is_not_covered() -> None:
    both = replace(GIVEN, uses=(Use.FILMS, Use.SPEECH))
    why = both.why_not(Use.PICTURES, "face", 0)
    assert why == "the consent consent_1 is for films and speech, and not for pictures"


@pytest.mark.parametrize(
    ("kind", "role", "is_covered"),
    [
        (Kind.FACE, "face", True),
        (Kind.FACE, "voice", False),
        (Kind.VOICE, "voice", True),
        (Kind.VOICE, "face", False),
        (Kind.LIKENESS, "face", True),
        (Kind.LIKENESS, "voice", True),
        (Kind.VOICE, "picture", True),
    ],
)
def test_a_face_is_no_voice_and_a_likeness_is_both(kind: Kind, role: str, is_covered: bool) -> None:
    why = replace(GIVEN, kind=kind).why_not(Use.FILMS, role, 0)
    assert (why is None) == is_covered
    assert is_covered or why == f"the consent consent_1 is for a {kind}, and not for a {role}"

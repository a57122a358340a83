"""What a refusal means, and that no secret is in its words."""

import json

import pytest

from seedbed.core import errors
from seedbed.engines.upstreams import faults
from tests.engines.upstreams.fake import SECRET


def refused(status: int, body: object) -> errors.SeedbedError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return faults.refusal("mine", status, data, secret=SECRET)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Out of luck.", "Out of luck"),
        ("a\r\nb\x00\x1b[31mc", "a b [31mc"),
        (f"key {SECRET} is bad", "key [key] is bad"),
        ("x" * 400, "x" * 300 + "\N{HORIZONTAL ELLIPSIS}"),
    ],
)
def test_foreign_words_are_one_short_line(said: str, words: str) -> None:
    assert faults.words(said, secret=SECRET) == words


def test_words_without_a_secret_to_strike_out() -> None:
    assert faults.words("as it is", secret=None) == "as it is"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "a bug", "type": "server_error"}},
        {"error": "a bug"},
        {"type": "error", "error": {"type": "api_error", "message": "a bug"}},
        {"object": "error", "message": "a bug"},
        {"detail": "a bug"},
        {"detail": [{"loc": ["body"], "msg": "a bug"}]},
        b"a bug",
    ],
)
def test_the_sentence_is_found_in_every_usual_shape(body: object) -> None:
    error = refused(500, body)
    assert type(error) is errors.EngineFailed
    assert "its provider answered 500: a bug." in error.what


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>Bad gateway", "a page for people"),
        (b"", "no reason"),
        (b"[]", "no reason"),
        (b"7", "no reason"),
        (b'{"error":' * 50 + b'"deep"' + b"}" * 50, "no reason"),
        (b"[" * 60_000, "[["),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_refusal_without_a_sentence(body: bytes, words: str) -> None:
    assert f"answered 502: {words}" in refused(502, body).what


@pytest.mark.parametrize("status", [402, 403, 429])
def test_what_is_about_our_account_is_told_in_the_providers_words(status: int) -> None:
    error = refused(status, {"error": {"message": f"no money for {SECRET}"}})
    assert type(error) is errors.UpstreamRefused
    assert f"answered {status}: no money for [key]." in error.what


def test_a_refused_key_is_told_in_ours_since_providers_repeat_parts_of_it() -> None:
    error = refused(401, {"error": {"message": f"Incorrect API key: {SECRET[:8]}***"}})
    assert type(error) is errors.UpstreamRefused
    assert error.what.endswith("answered 401: it does not accept the key.")


def test_a_pace_without_words() -> None:
    assert "429: too much was asked of it at once" in refused(429, b"").what


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_about_the_request_is_the_callers_to_change(status: int) -> None:
    error = refused(status, {"error": {"message": "roles must alternate"}})
    assert type(error) is errors.RequestMalformed
    assert "roles must alternate" in error.what
    assert f"status {status}" in refused(status, b"").what


@pytest.mark.parametrize("status", [404, 405, 408, 500, 503, 529])
def test_the_rest_is_ours(status: int) -> None:
    assert type(refused(status, b"oops")) is errors.EngineFailed


def test_nobody_is_followed() -> None:
    error = refused(307, b"")
    assert type(error) is errors.EngineFailed
    assert "sends elsewhere and is not followed" in error.what


@pytest.mark.parametrize(
    "sentence",
    [
        "This model's maximum context length is 4096 tokens. However, your messages resulted in "
        "5000 tokens.",
        "This model's maximum context length is 4096 tokens. However, you requested 5100 tokens "
        "(5000 in the messages, 100 in the completion).",
        "You asked for 5100 tokens (5000 in the messages), but the maximum context length is 4096.",
        "prompt is too long: 5000 tokens > 4096 maximum",
        "The input (5,000 tokens) is longer than the model's context length (4,096 tokens).",
    ],
)
def test_a_prompt_too_long_is_told_with_both_numbers(sentence: str) -> None:
    error = refused(400, {"error": {"message": sentence}})
    assert isinstance(error, errors.PromptTooLong)
    assert (error.facts["tokens"], error.facts["window"]) == (5000, 4096)


def test_the_numbers_may_come_by_themselves() -> None:
    told = {"message": "request exceeds", "n_prompt_tokens": 900, "n_ctx": 512}
    error = refused(400, {"error": told})
    assert isinstance(error, errors.PromptTooLong)
    assert (error.facts["tokens"], error.facts["window"]) == (900, 512)


@pytest.mark.parametrize(
    "sentence",
    [
        "maximum context length is 4096 tokens. However, you requested 5000 tokens "
        "(4000 in the messages, 1000 in the completion).",
        "The context window is exceeded.",
    ],
)
def test_a_prompt_that_fits_by_itself_is_not_called_too_long(sentence: str) -> None:
    assert type(refused(400, {"error": {"message": sentence}})) is errors.RequestMalformed


@pytest.mark.parametrize("status", [429, 503, 529])
def test_for_how_long_it_refuses_is_a_fact(status: int) -> None:
    error = faults.refusal("mine", status, b"", secret=None, retry_after=3600)
    assert error.facts["retry_after"] == 3600
    assert "retry_after" not in refused(status, b"").facts

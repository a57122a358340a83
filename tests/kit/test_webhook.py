"""Messages are signed as the specification has them, so that its libraries know them."""

import base64
import hashlib
import hmac

from seedbed.kit import webhook


def test_the_headers_sign_id_moment_and_body() -> None:
    body = b'{"type": "job.succeeded"}'
    headers = dict(webhook.signed(b"secret", "job_1", 1_800_000_000, body))
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("job_1", "1800000000")
    version, mac = headers["webhook-signature"].split(",")
    content = b"job_1.1800000000." + body
    assert version == "v1"
    assert base64.b64decode(mac) == hmac.new(b"secret", content, hashlib.sha256).digest()


def test_a_key_is_written_so_that_the_libraries_read_it() -> None:
    assert (
        base64.b64decode(webhook.written(b"\x00\xffkey").removeprefix("whsec_")) == b"\x00\xffkey"
    )

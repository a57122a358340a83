"""The vendors' own tests against this house: run from their source, and counted by resource."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from anthropic import Anthropic
from openai import OpenAI

from conformance.house import House
from conformance.making import (
    batch,
    bundle,
    completion,
    file,
    film,
    message_batch,
    response,
    said,
    shelved,
    upload,
)
from conformance.seeding import Likeness

_ROOT = Path(__file__).parent.parent.parent
RESOURCES: Mapping[str, tuple[str, ...]] = {
    "openai": (
        *("audio", "chat", "conversations", "responses", "uploads", "vector_stores"),
        *("test_batches.py", "test_moderations.py", "test_vector_stores.py", "test_videos.py"),
        *("test_completions.py", "test_conversations.py", "test_embeddings.py", "test_files.py"),
        *("test_images.py", "test_models.py", "test_responses.py", "test_uploads.py"),
    ),
    "anthropic": (
        *("messages", "test_files.py", "test_messages.py", "test_models.py"),
        *("beta/messages", "beta/test_files.py", "beta/test_messages.py", "beta/test_models.py"),
    ),
}
"""What of a suite is about branches that are served; the rest would count refusals."""
_PLUGINS: Mapping[str, tuple[str, ...]] = {
    "openai": (),
    "anthropic": ("-p", "tests._alias_httpx"),
}
"""What a suite's own options load, all of which ours take the place of."""
_LONGEST_SECONDS = 1200
_RAN = (0, 1)
"""What pytest ends with when all tests were run, passed or not."""
_LAST = 2000
_SHORT = 250
_FRESH = re.compile(r"\b([a-z]+)_[0-9a-f]{24}\b")
"""An id that was made for this run."""
_DRESS = re.compile(r"\{'type': 'error'.*?'message': ")
"""What stands around a sentence in Anthropic's words."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What came of one vendor's tests, by resource and outcome, and why some failed, by reason."""

    counts: Mapping[str, Mapping[str, int]]
    failures: Mapping[str, int]


def run(sdk: str, checkout: Path, at: House) -> Suite:
    """Run them, with each fixed id that they name in place.

    Raises:
        SystemExit: they did not run at all; what they printed last says why.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-o", "xfail_strict=0"),
                *("-W", "default", "-p", "no:cacheprovider", "-p", "conformance.seeding"),
                *_PLUGINS[sdk],
                *("--house-home", str(at.home), "--house-key", at.key, "--house-likenesses"),
                *(json.dumps(_likenesses(at)), f"--junitxml={report}"),
                *(f"tests/api_resources/{one}" for one in RESOURCES[sdk]),
            ],
            cwd=checkout,
            env=_environment(sdk, checkout, at),
            stdout=subprocess.PIPE,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
        if ran.returncode not in _RAN:
            raise SystemExit(f"The tests of {sdk} did not run.\n{ran.stdout[-_LAST:]}")
        return _read(ElementTree.parse(report))  # noqa: S314 - of pytest's own making


def _environment(sdk: str, checkout: Path, at: House) -> dict[str, str]:
    """All that the tests are told: whose they are, and where the house is."""
    kit = _ROOT / ".venv" / "kit"
    paths = (checkout / "src", kit, _ROOT / "tools", _ROOT / "src")
    base = "/v1" if sdk == "openai" else ""
    return {
        "PYTHONPATH": ":".join(map(str, paths)),
        "TEST_API_BASE_URL": at.url + base,
        "PATH": str(Path(sys.executable).parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _likenesses(at: House) -> list[Likeness]:
    """What each fixed id is to be like; what has parts stands before them.

    What a worker is needed for is made first, since what is to wait must meet none.
    """
    with OpenAI(base_url=f"{at.url}/v1", api_key=at.key) as client:
        worked = list(_worked(client, at))
        spoken, kept, answer = said(client), file(client), response(client, background=True)
        alike = {
            ("file", kept): "file-abc123 file-id file_id input_file_id",
            ("response", answer): "resp_677efb5139a88190b512bc3fef8e535d resp_123 response_id",
            ("msgbatch", _message_batch(at)): "message_batch_id before_id after_id",
            ("conversation", spoken["conversation_id"]): "conv_123",
            ("upload", upload(client, len(b"Example data"))): "upload_abc123",
            ("batch", batch(client)): "batch_id",
            ("chat.completion", completion(client)): "completion_id",
        }
        return [
            *(Likeness(id_, *like) for like, ids in alike.items() for id_ in ids.split()),
            Likeness("msg_abc", "conversation_item", spoken["item_id"], "conv_123"),
            *worked,
        ]


def _message_batch(at: House) -> str:
    with Anthropic(base_url=at.url, api_key=at.key) as client:
        return message_batch(client)["message_batch_id"]


def _worked(client: OpenAI, at: House) -> Iterator[Likeness]:
    """A film that is done, vector stores, and what is in them."""
    with at.worker():
        shelf, done = shelved(client), film(client)["video_id"]
    yield Likeness("film_123", "film", done.replace("video", "film"))
    store, inside = shelf["vector_store_id"], f"{shelf['vector_store_id']}.{shelf['file_id']}"
    for name in ("vs_abc123", "vector_store_id"):
        yield Likeness(name, "vector_store", store)
        for kept in ("file-abc123", "file_id"):
            yield Likeness(f"{name}.{kept}", "vector_store.file", inside, name, {"file": kept})
    many = bundle(client)["batch_id"]
    yield Likeness("vsfb_abc123", "vector_store.files_batch", many, "vs_abc123")


def _read(report: "ElementTree.ElementTree[ElementTree.Element]") -> Suite:
    counts: dict[str, Counter[str]] = {}
    failures: Counter[str] = Counter()
    for case in report.iter("testcase"):
        where = case.get("classname", "").removeprefix("tests.api_resources.")
        resource = where.rpartition(".")[0].replace("test_", "")
        failed = case.find("failure") if case.find("failure") is not None else case.find("error")
        outcome = "skipped" if case.find("skipped") is not None else "passed"
        if failed is not None:
            outcome = "failed"
            failures[f"{resource}: {_reason(failed)}"] += 1
        counts.setdefault(resource, Counter())[outcome] += 1
    return Suite(counts, dict(failures.most_common()))


def _reason(failed: ElementTree.Element) -> str:
    """The first words of why a test failed, without what differs from run to run."""
    raised = " ".join(failed.get("message", "").split()).replace("Error code: ", "")
    return _FRESH.sub(r"\1_...", _DRESS.sub("", raised))[:_SHORT]

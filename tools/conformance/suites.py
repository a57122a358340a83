"""The vendors' own tests against this house: run from a checkout, and counted by resource."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from anthropic import Anthropic
from openai import OpenAI

from conformance.calls import batch, file, message_batch, response, talk, upload
from conformance.house import House

_ROOT = Path(__file__).parent.parent.parent
_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "openai": (
        *("chat", "conversations", "responses", "uploads", "test_batches.py"),
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
    """Run them, with each fixed id that they name in place."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-o", "xfail_strict=0"),
                *("-W", "default", "-p", "no:cacheprovider", "-p", "conformance.seeding"),
                *_PLUGINS[sdk],
                *("--house-home", str(at.home), "--house-key", at.key, "--house-likenesses"),
                *(json.dumps(_likenesses(at)), f"--junitxml={report}"),
                *(f"tests/api_resources/{one}" for one in _RESOURCES[sdk]),
            ],
            cwd=checkout,
            env=_environment(sdk, checkout, at),
            stdout=subprocess.DEVNULL,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
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


def _likenesses(at: House) -> dict[str, tuple[str, str]]:
    """For each fixed id its kind, and the id of something real that it is to be like."""
    with Anthropic(base_url=at.url, api_key=at.key) as client:
        messages = message_batch(client)["message_batch_id"]
    with OpenAI(base_url=f"{at.url}/v1", api_key=at.key) as client:
        conversation = talk(client)
        item = client.conversations.items.list(conversation).data[0].id
        kept, answer = file(client), response(client, background=True)
        return {
            **dict.fromkeys(("file-abc123", "file-id"), ("file", kept)),
            **dict.fromkeys(("file_id", "input_file_id"), ("file", kept)),
            **dict.fromkeys(
                ("resp_677efb5139a88190b512bc3fef8e535d", "resp_123", "response_id"),
                ("response", answer),
            ),
            **dict.fromkeys(("message_batch_id", "before_id", "after_id"), ("msgbatch", messages)),
            "conv_123": ("conversation", conversation),
            "msg_abc": ("conversation_item", str(item)),
            "upload_abc123": ("upload", upload(client, len(b"Example data"))),
            "batch_id": ("batch", batch(client)),
        }


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
    said = " ".join(failed.get("message", "").split()).replace("Error code: ", "")
    said = _DRESS.sub("", said)
    return _FRESH.sub(r"\1_...", said)[:_SHORT]

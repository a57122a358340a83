"""The vendors' own example programs against this house: run as they are, but for address and key.

OpenAI's and Anthropic's find both in the environment. Ark's and BytePlus's find the key there, and
have the address, and whatever their authors left to be filled in, written into a copy.
"""

import re
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from anthropic import Anthropic

from conformance.house import FILMMAKER, PAINTER, WORDS, House
from conformance.making import message_batch, png

PASSED, FAILED, NOT_TRIED = "passed", "failed", "not tried"
FOLDERS: Mapping[str, str] = {
    "openai": "examples",
    "anthropic": "examples",
    "byteplus": "byteplussdkexamples/byteplussdkarkruntime",
    "volcengine": "volcenginesdkexamples/volcenginesdkarkruntime",
}
"""Where a vendor's examples lie in its source."""
_CLOUD = "Signs in to another cloud, or by a certificate, where a house has keys."
_AGENTS = "Has the vendor run an agent, and none runs here."
_APPLICATION = "A whole application, with a browser or a desktop of its own."
_SOCKET = "Speaks over a WebSocket, and no door here does."
_ELSEWHERE = "Names a file that lies with the vendor, or that is yours to bring."
_SKIPPED: Mapping[str, Mapping[str, str]] = {
    "openai": {
        **dict.fromkeys(("azure*", "bedrock*", "mtls_*", "x509_*"), _CLOUD),
        **dict.fromkeys(("browser*/*", "computer-desktop/*"), _APPLICATION),
        **dict.fromkeys(("*websocket.py", "realtime/*", "live/*"), _SOCKET),
        **dict.fromkeys(("speech_to_text.py", "text_to_speech.py"), "Needs what records or plays."),
    },
    "anthropic": {
        **dict.fromkeys(("azure*", "bedrock*", "google_*", "vertex*", "workload_*"), _CLOUD),
        **dict.fromkeys(("agents*", "managed-agents-*"), _AGENTS),
        "memory/*": "Asks for a tool that the vendor describes, and hangs when that is refused.",
        "mcp_tool_runner.py": "Fetches a server of tools from another registry as it runs.",
    },
    "byteplus": dict.fromkeys(("*multimodal*", "*_video.py"), _ELSEWHERE),
    "volcengine": {
        **dict.fromkeys(("*multimodal*", "*_video.py", "audio_*", "vision_*"), _ELSEWHERE),
        "file_upload_from_url.py": _ELSEWHERE,
        "get_api_key.py": "Asks the vendor's own control plane, which has another address.",
    },
}
"""What is not tried, by a pattern in its name, and why."""
_TYPED = "y\n"
"""What is typed into a program that asks."""
_TOLD = re.compile(r"^.*Error code: \d{3}.*$", re.MULTILINE)
"""What a refusal is printed as, by programs that go on after it, too."""
_DRESS = re.compile(r"^[\w.]+: |\{'(type|error)': .*?['\"]message['\"]: ")
"""What stands around its sentence."""
_LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Example:
    """One program, what came of it, and why."""

    vendor: str
    file: str
    outcome: str
    why: str = ""


def examples(vendor: str, source: Path, at: House) -> Iterator[Example]:
    """What comes of each of a vendor's examples, against a house with a worker."""
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(source / FOLDERS[vendor], Path(folder) / "copy"))
        for path in sorted(path for path in copy.rglob("*.py") if path.stat().st_size):
            file = path.relative_to(copy).as_posix()
            skipped = _SKIPPED[vendor].items()
            why = next((why for pattern, why in skipped if fnmatch(file, pattern)), None)
            if why is None:
                path.write_text(_filled(path.read_text(), at))
                why = _why(_run(file, copy, at))
                yield Example(vendor, file, FAILED if why else PASSED, why)
            else:
                yield Example(vendor, file, NOT_TRIED, why)


def _filled(program: str, at: House) -> str:
    """A program with what its author left to be filled in; of most that is nothing."""
    picture = f"data:image/png;base64,{b64encode(png()).decode()}"
    for left, given in (
        ("Ark(", f'Ark(base_url="{at.url}/api/v3", '),
        ('base_url = "https://..."', f'base_url = "{at.url}/v1/"'),
        ('api_key = "..."', f'api_key = "{at.key}"'),
        ("${YOUR_API_KEY}", at.key),
        ("${YOUR_ENDPOINT_ID}", WORDS),
        ('model=""', f'model="{WORDS}"'),
        ("${YOUR_SEEDREAM_ENDPOINT_ID}", PAINTER),
        ("${YOUR_SEEDEDIT_ENDPOINT_ID}", PAINTER),
        ("${YOUR_MODEL_EP}", FILMMAKER),
        ("${YOUR_IMAGE_URL}", picture),
    ):
        program = program.replace(left, given)
    return program


def _run(file: str, folder: Path, at: House) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            [sys.executable, file, *_ARGUMENTS.get(file, lambda _: ())(at)],
            cwd=folder,
            env={
                **dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ARK_API_KEY"), at.key),
                "OPENAI_BASE_URL": f"{at.url}/v1",
                "ANTHROPIC_BASE_URL": at.url,
                "PYTHONUTF8": "1",
            },
            input=_TYPED,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stderr or b"").decode(errors="replace")
        return subprocess.CompletedProcess(file, 1, "", f"{said}\nIt did not end.")


def _why(ran: "subprocess.CompletedProcess[str]") -> str:
    """Why it failed, in its own words, where it did."""
    told = _TOLD.search(ran.stdout + ran.stderr)
    if told:
        return _DRESS.sub("", told[0]).strip()
    if not ran.returncode:
        return ""
    lines = ran.stderr.strip().splitlines()
    return lines[-1] if lines else f"It ended with {ran.returncode}."


def _batch(at: House) -> Sequence[str]:
    """The id of a batch that was answered."""
    with Anthropic(base_url=at.url, api_key=at.key) as client:
        made = message_batch(client)["message_batch_id"]
        while client.messages.batches.retrieve(made).processing_status != "ended":
            time.sleep(0.1)
        return (made,)


_ARGUMENTS: Mapping[str, Callable[[House], Sequence[str]]] = {
    "uploads.py": lambda _: ("uploads.py",),
    "batch_results.py": _batch,
}
"""What a program is called with."""

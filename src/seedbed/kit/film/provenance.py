"""What made a picture or a film, signed into the file, as C2PA has it.

Floor 1. It is signed with a certificate of this house's own, by `certificate`: who does not know it
is told that nobody vouches for it, and still that nothing was changed since.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import c2pa

from seedbed.kit import atomic
from seedbed.kit.clock import Clock, SystemClock
from seedbed.kit.film.certificate import certificate
from seedbed.kit.film.claims import Claims
from seedbed.kit.film.errors import FilmFault

_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
}
_UNTRUSTED = "signingCredential.untrusted"
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of itself: `actions` in C2PA's words, who signed it, and whether it is as
    it was then.
    """

    title: str
    made_by: str
    actions: tuple[str, ...]
    origin: str
    signed_by: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs files."""

    chain: str
    key: str

    @classmethod
    def local(cls, folder: Path, clock: Clock | None = None) -> "Signer":
        """One with this house's own certificate, which is made the first time, and anew before it
        ends.
        """
        return cls(*certificate(folder, clock or SystemClock()))

    def sign(self, path: Path, claims: Claims) -> None:
        """Put what is claimed into the file.

        Raises:
            FilmFault: files of its kind hold no claims, or it is damaged.
        """
        kind = _kind(path)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with (
                _builder(claims) as builder,
                self._signer() as signer,
                path.open("rb") as given,
                beside.open("w+b") as signed,
            ):
                builder.sign(signer, kind, given, signed)
            atomic.move(beside, path)
        except c2pa.C2paError as error:
            raise FilmFault(f"it cannot be signed ({str(error)[:200]})") from error
        finally:
            beside.unlink(missing_ok=True)

    def _signer(self) -> c2pa.Signer:
        told = c2pa.C2paSignerInfo(
            c2pa.C2paSigningAlg.ES256, self.chain.encode(), self.key.encode(), None
        )
        return c2pa.Signer.from_info(told)


def read(path: Path) -> Told | None:
    """What a file says of itself, if it says anything.

    Raises:
        FilmFault: files of its kind hold no claims, or it is damaged.
    """
    kind = _kind(path)
    try:
        with _context() as context, path.open("rb") as file:
            reader = c2pa.Reader.try_create(kind, file, context=context)
            if reader is None:
                return None
            with reader:
                return _told(reader.get_active_manifest() or {}, reader)
    except c2pa.C2paError as error:
        raise FilmFault(f"what it says of itself is damaged ({str(error)[:200]})") from error


def _kind(path: Path) -> str:
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        kept = ", ".join(sorted(_TYPES))
        raise FilmFault(f"a file of {path.suffix or 'no kind'} holds no claims; {kept} do")
    return kind


def _context() -> c2pa.Context:
    """Without pictures of pictures, and without a look at the network."""
    return c2pa.Context.from_dict(_SETTINGS)


def _builder(claims: Claims) -> c2pa.Builder:
    manifest = {
        "title": claims.title,
        "claim_generator_info": [{"name": claims.made_by}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": claims.deeds()}}],
    }
    return c2pa.Builder(json.dumps(manifest), context=_context())


def _told(manifest: Mapping[str, Any], reader: c2pa.Reader) -> Told:
    found = (
        cast(list[Mapping[str, Any]], one["data"]["actions"])
        for one in manifest.get("assertions", ())
        if str(one.get("label")).startswith("c2pa.actions")
    )
    deeds = [deed for actions in found for deed in actions]
    origins = [str(deed["digitalSourceType"]) for deed in deeds if "digitalSourceType" in deed]
    makers = [str(maker.get("name")) for maker in manifest.get("claim_generator_info") or ()]
    return Told(
        title=str(manifest.get("title") or ""),
        made_by=", ".join(makers[:1]),
        actions=tuple(str(deed["action"]) for deed in deeds),
        origin=origins[0].rpartition("/")[2] if origins else "",
        signed_by=str(
            cast(Mapping[str, Any], manifest.get("signature_info") or {}).get("issuer") or ""
        ),
        is_whole=_is_whole(reader),
    )


def _is_whole(reader: c2pa.Reader) -> bool:
    """Whether nothing is wrong with it but that nobody vouches for the certificate."""
    results = cast(Mapping[str, Any], reader.get_validation_results() or {})
    failures = cast(Mapping[str, Any], results.get("activeManifest") or {}).get("failure", ())
    return all(failure.get("code") == _UNTRUSTED for failure in failures)

"""The installation's own signature under evidence: Ed25519, made once, kept in the data folder or given by setting."""

import hashlib
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from app.core.settings import Settings
from app.seals import files

FILE = "evidence_key.pem"


class NoKey(RuntimeError):
    """The file that should hold the key holds something else."""


def sign(data: bytes, settings: Settings) -> bytes:
    """The detached signature of `data`: 64 raw bytes, as `openssl pkeyutl -verify -rawin` takes them."""
    return _key(_path(settings)).sign(data)


def public_key(settings: Settings) -> bytes:
    """The public key as PEM; whoever checks evidence gets it from here, not from the evidence."""
    return _key(_path(settings)).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(settings: Settings) -> str:
    """The first 128 bits of the SHA-256 of the public key (DER), in groups of four digits for eyes and telephones."""
    key = _key(_path(settings)).public_key()
    found = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()[:32]
    return " ".join(found[place : place + 4].upper() for place in range(0, 32, 4))


def _path(settings: Settings) -> Path:
    return Path(settings.evidence_key) if settings.evidence_key else settings.data_dir / FILE


@lru_cache(maxsize=8)
def _key(path: Path) -> Ed25519PrivateKey:
    """Read the key, or make it: whoever comes second, another process too, finds the first one's."""
    if not path.exists():
        _make(path)
    found = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(found, Ed25519PrivateKey):
        raise NoKey(f"{path.name} holds no Ed25519 key")
    return found


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.make_once(path, pem)

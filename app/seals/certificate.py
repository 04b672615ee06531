"""The organisation's certificate and key: a PKCS#12 file by setting, outside production one made by ourselves.

Papers never wait for it. Without a certificate that is valid now they are made unsigned, the log says so, and the
administrator's pages show it.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from app.core.settings import Settings
from app.seals import files
from app.seals.rules import Grade, Standing, standing

log = logging.getLogger("xuncha.error")
FILE = "demonstration_seal.p12"
DEMONSTRATION = "演示用，非正式印章 demonstration, not an official seal"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key."""

    key: Key
    own: x509.Certificate
    above: tuple[x509.Certificate, ...]  # who vouches for it, up to the root
    demonstration: bool = False

    @property
    def name(self) -> str:
        """Whose it is, as it is shown: the common name, else the organisation, else the whole subject."""
        for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            found = self.own.subject.get_attributes_for_oid(kind)
            if found:
                return str(found[0].value)
        return self.own.subject.rfc4514_string()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 hexadecimal digits."""
        return self.own.fingerprint(SHA256()).hex()

    @property
    def pem(self) -> bytes:
        """The certificate and those above it, for whoever checks a signature."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in (self.own, *self.above))


@dataclass(frozen=True)
class Seal:
    """What papers are signed with at one moment; without a certificate, why not."""

    standing: Standing
    certificate: Certificate | None = None

    @property
    def grade(self) -> Grade:
        return self.standing.grade

    @property
    def signs(self) -> bool:
        return self.grade > Grade.UNSIGNED


UNSIGNED = Seal(Standing.MISSING)


def present(settings: Settings, now: datetime) -> Seal:
    """The seal as it stands at `now`. Never raises: what cannot be read cannot sign."""
    try:
        found = _certificate(settings)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        log.warning('"the certificate that signs papers cannot be read: %s"', type(error).__name__)
        return Seal(Standing.UNREADABLE)
    if found is None:
        return UNSIGNED
    own = found.own
    state = standing(
        own.not_valid_before_utc, own.not_valid_after_utc, now, demonstration=found.demonstration
    )
    return Seal(state, found)


def _certificate(settings: Settings) -> Certificate | None:
    if settings.seal_file:
        path = Path(settings.seal_file)
        return _read(path, settings.seal_passphrase, _mark(path), demonstration=False)
    if settings.production:
        return None
    path = settings.data_dir / FILE
    if not path.exists():
        files.make_once(path, _demonstration())
    return _read(path, "", _mark(path), demonstration=True)


def _mark(path: Path) -> tuple[int, int, int]:
    """Another one for another file, also for one put in its place with the old one's time."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


@lru_cache(maxsize=8)
def _read(path: Path, passphrase: str, _file: tuple[int, int, int], *, demonstration: bool) -> Certificate:
    """A renewed file is read without a restart: which file it is, and of when, is part of what is asked for."""
    key, own, chain = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode() or None)
    if own is None or not isinstance(key, Key):
        raise ValueError("no certificate with an RSA or elliptic curve key")
    if key.public_key().public_numbers() != _numbers(own):
        raise ValueError("the key is not the certificate's")
    return Certificate(key, own, tuple(chain), demonstration)


def _numbers(own: x509.Certificate) -> object:
    public = own.public_key()
    return (
        public.public_numbers() if isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None
    )


def _demonstration() -> bytes:
    """A certificate that nobody takes for a real one. Its dates are wide: it is never what stops a trial."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Xuncha 巡查 (demonstration 演示)"),
            x509.NameAttribute(NameOID.COMMON_NAME, DEMONSTRATION),
        ]
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
    ) | {"encipher_only": False, "decipher_only": False}
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 12, 31, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"seal", key, made, None, NoEncryption())

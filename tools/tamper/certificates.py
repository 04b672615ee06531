"""A certificate that has ended."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID


def expired(path: Path) -> None:
    """Write one to `path` (PKCS#12, passphrase "seal"); it ended with the year 2024."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "演示印章 (demonstration)")])
    own = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2024, 12, 31, tzinfo=UTC))
        .sign(key, SHA256())
    )
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"seal", key, own, None, BestAvailableEncryption(b"seal"))
    )

"""An invented certification authority: seals for an organisation, a time stamp server that really answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
PASSPHRASE = "演示 passphrase"
ORGANISATION = "北山镇卫生院(演示)"


@cache
def key_of(_whose: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def issue(
    common: str,
    *,
    valid: tuple[datetime, datetime] = (FROM, UNTIL),
    ca: bool = False,
    stamps: bool = False,
) -> x509.Certificate:
    key = key_of(common)
    usage = {"data_encipherment": False, "key_agreement": False, "key_encipherment": False}
    usage |= {"encipher_only": False, "decipher_only": False}
    usage |= {"key_cert_sign": ca, "crl_sign": ca, "digital_signature": not ca, "content_commitment": not ca}
    built = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name("演示 CA"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if stamps:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return built.sign(key_of("演示 CA"), SHA256())


@cache
def root() -> x509.Certificate:
    return issue("演示 CA", valid=(FROM - timedelta(days=1), UNTIL + timedelta(days=3650)), ca=True)


def seal_file(folder: Path, valid: tuple[datetime, datetime] = (FROM, UNTIL)) -> Path:
    """The organisation's certificate as the operator gets it: PKCS#12 with a passphrase."""
    own = issue(ORGANISATION, valid=valid)
    path = folder / "seal.p12"
    locked = BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"seal", key_of(ORGANISATION), own, [root()], locked)
    )
    return path


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


@dataclass
class Server:
    """`at`: what it stamps with; `broken`: answers something else."""

    url: str
    at: datetime
    broken: bool = False
    asked: int = 0


@contextmanager
def time_stamp_server(at: datetime) -> Iterator[Server]:
    """An RFC 3161 server on the loopback interface."""
    plain = key_of("演示 TSA").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own = as_asn1(issue("演示 TSA", stamps=True))
    stamper = DummyTimeStamper(own, keys.PrivateKeyInfo.load(plain), fixed_dt=at)
    server = Server("", at)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked += 1
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b"no" if server.broken else stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_said: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}/tsa"
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield server
        http.shutdown()

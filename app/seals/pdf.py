"""A PAdES signature on a finished PDF, invisible and in an appended part: what the typesetter wrote stays byte by byte.

pyHanko is loaded with the first signature of a process: it takes 0.4 seconds and 20 MB that a worker which never
signs need not have.
"""

import asyncio
import io
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from app.seals import stamping
from app.seals.certificate import Certificate

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko.sign.timestamps import TimeStamper

log = logging.getLogger("xuncha.error")
FIELD, ALGORITHM = "Seal", "sha256"
ROOM, ROOM_FOR_STAMP = 3 * 1024, 12 * 1024  # bytes of a signature besides its certificates; of a time stamp

NO_STAMP = (OSError, ValueError, KeyError, TypeError, AttributeError)  # no answer, or one that is none


class CannotSign(Exception):
    """This PDF or this certificate cannot be signed with."""


@dataclass(frozen=True)
class Signed:
    """`stamped`: with the time of an RFC 3161 server."""

    pdf: bytes
    stamped: bool = False


def sign(
    pdf: bytes, certificate: Certificate, *, now: datetime, about: str, timestamp_url: str = ""
) -> Signed:
    """The PDF with a signature (PAdES B-B; B-T where a time stamp is to be had). `about`: the paper's number.

    A time stamp server that fails costs the stamp, not the paper: that is logged. Raises CannotSign.
    """
    from pyhanko.pdf_utils.misc import PdfError

    try:
        stamper = stamping.stamper(timestamp_url)
        if stamper is not None:
            try:
                return Signed(_signed(pdf, certificate, now, about, stamper), stamped=True)
            except NO_STAMP as error:
                stamping.pause(timestamp_url)
                log.warning('"no time stamp for a paper: %s"', type(error).__name__)
        return Signed(_signed(pdf, certificate, now, about, None))
    except (PdfError, OSError, ValueError, KeyError, TypeError) as error:
        raise CannotSign(type(error).__name__) from error


def _signed(
    pdf: bytes, certificate: Certificate, now: datetime, about: str, stamper: "TimeStamper | None"
) -> bytes:
    from pyhanko.sign import fields, signers
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm=ALGORITHM, subfilter=fields.SigSeedSubFilter.PADES, reason=about
    )
    with_field = fields.SigFieldSpec(FIELD)
    signer = signers.PdfSigner(meta, _signer(certificate), timestamper=stamper, new_field_spec=with_field)
    session = signer.init_signing_session(_untouched(pdf))
    session.system_time = now
    certificates = sum(len(one.public_bytes(Encoding.DER)) for one in (certificate.own, *certificate.above))
    room = certificates + ROOM + (ROOM_FOR_STAMP if stamper else 0)
    document = session.prepare_tbs_document(None, bytes_reserved=2 * room)  # written as hexadecimal digits
    output = io.BytesIO()
    digest, _output = document.digest_tbs_document(output=output)
    attributes = PdfCMSSignedAttributes(signing_time=now)
    _finish(document.perform_signature(digest.document_digest, attributes))
    return output.getvalue()


def _finish(work: Coroutine[Any, Any, Any]) -> None:
    """In a thread of its own: where a paper is made there may be an event loop already."""
    with ThreadPoolExecutor(max_workers=1) as own:
        own.submit(asyncio.run, work).result()


def _untouched(pdf: bytes) -> Any:
    """Writes behind the file. The metadata stay as they are, so that what they promise (PDF/A) stays promised."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Behind(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """Nothing: a rewritten XMP packet would lack what PDF/A wants described."""

    return Behind(io.BytesIO(pdf))


@lru_cache(maxsize=8)
def _signer(certificate: Certificate) -> "Signer":
    """The library's own signer reads an RSA key anew, and checks its primes, for each signature: 100 ms."""
    from asn1crypto import x509
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class HeldKey(Signer):
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - as the library calls it
            return _raw(certificate, data)

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for above in certificate.above:
        store.register(x509.Certificate.load(above.public_bytes(Encoding.DER)))
    own = x509.Certificate.load(certificate.own.public_bytes(Encoding.DER))
    return HeldKey(signing_cert=own, cert_registry=store)


def _raw(certificate: Certificate, data: bytes) -> bytes:
    key = certificate.key
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(data, ec.ECDSA(hashes.SHA256()))

"""Two independent looks at a signed PDF: pyHanko's validator, and pdfsig of poppler."""

import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from tests.seals.authority import as_asn1


def look(pdf: bytes, trusted: x509.Certificate) -> PdfSignatureStatus:
    """What pyHanko says about the one signature."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=[as_asn1(trusted)], allow_fetching=False)
    with ThreadPoolExecutor(max_workers=1) as own:  # it starts an event loop, and a browser test has one already
        return own.submit(validate_pdf_signature, signature, context, ts_validation_context=context).result()


def signatures(pdf: bytes) -> int:
    return len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)


def pdfsig(pdf: bytes, folder: Path) -> str:
    """What poppler says; skips where it is not installed."""
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("pdfsig is missing: install poppler (Debian: poppler-utils, macOS: brew install poppler)")
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    return subprocess.run([program, "-nocert", str(path)], capture_output=True, text=True, check=False).stdout

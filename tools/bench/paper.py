"""The notice as PDF: with four photos whose print views are there, from the request to the last byte; its signature."""

import statistics
import time

from flask import Flask

from app.core import clock
from app.core.database import db
from app.core.settings import settings
from app.notices.models import Notice
from app.notices.paper import Layout
from app.notices.printing import render_paper
from app.seals import certificate, pdf
from tools.bench.report import Figure
from tools.bench.visits import notice_with_four_photos


def measure(app: Flask, *, quick: bool) -> list[Figure]:
    """The A4 paper typeset again and again; the kept file is left aside."""
    notice_id = notice_with_four_photos(app)
    times = []
    with app.app_context(), app.test_request_context():
        for _turn in range(3 if quick else 25):
            db.session.rollback()
            begun = time.perf_counter()
            made = render_paper(db.session.get_one(Notice, notice_id), Layout.A4)
            times.append(time.perf_counter() - begun)
        signing = _sign(made.pdf, 3 if quick else 25)
    note = f"the first in a new process {times[0] * 1000:.0f} ms, with its photos' views made"
    return [
        Figure.at_most(
            "notice as PDF (A4) with four derived photos",
            statistics.median(times[1:]) * 1000,
            120,
            "ms",
            note,
        ),
        Figure.at_most(
            "signature under it (PAdES)",
            statistics.median(signing[1:]) * 1000,
            30,
            "ms",
            f"the first in a new process {signing[0] * 1000:.0f} ms",
        ),
    ]


def _sign(paper: bytes, turns: int) -> list[float]:
    """How long each signature takes, in seconds; the first one loads the library."""
    own = certificate.present(settings(), clock.now()).certificate
    assert own is not None, "outside production there is one"
    times = []
    for _turn in range(turns):
        begun = time.perf_counter()
        pdf.sign(paper, own, now=clock.now(), about="bench")
        times.append(time.perf_counter() - begun)
    return times

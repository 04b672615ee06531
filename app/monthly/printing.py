"""An issued report as a signed file, made from its frozen content and from what became of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.settings import settings
from app.monthly import words
from app.monthly.models import MonthlyReport
from app.monthly.pages import meaning_of, month_text, value_of
from app.monthly.paper import Both, MonthPaper, PaperDomain, PaperRow, PaperSection, render_report
from app.monthly.rules import GROUPS, PARTS, Line, share
from app.notices.print_fonts import FontSet
from app.notices.rules import short_digest
from app.seals import chain, papers
from app.seals.certificate import Seal
from app.seals.checking import address_of_checks
from app.seals.papers import Slot
from app.web.filters import date_full
from app.web.i18n import CHINESE, ENGLISH, translate

DESIGN = "1"  # counts up when the layout changes, so that kept files are made anew


def report_pdf(report: MonthlyReport) -> bytes:
    """The signed PDF: made once for each state of the report, then the same bytes again."""
    name = f"monthly/{report.digest}-{_state(report)}"

    def typeset(seal: Seal) -> bytes:
        with force_locale(CHINESE):
            paper = replace(paper_of(report), seal_text=papers.words(seal))
        return render_report(paper, fonts=FontSet.of(settings())).pdf

    return papers.kept_or_made(Slot(name, MonthlyReport.__tablename__, report.id, report.number), typeset)


def address_of_check(report: MonthlyReport) -> str:
    """What the code on the paper opens: number and check code, compared at once."""
    code = short_digest(report.digest).replace(" ", "")
    return f"{address_of_checks()}?{urlencode({'number': report.number, 'code': code})}"


def paper_of(report: MonthlyReport) -> MonthPaper:
    """The paper's plain data; to be asked for in Chinese."""
    said = report.content
    issued = datetime.fromisoformat(said["issued_at"])
    person = said["by"]
    return MonthPaper(
        title=Both(**said["title"]),
        sender=Both(**said["issuer"]["name"]),
        phone=said["issuer"]["phone"],
        area=Both(said["region"]["zh"], said["region"]["en"]),
        month=Both(month_text(report.of_month), _english_month(report)),
        number=said["number"],
        issued_on=date_full(issued),
        issued_iso=said["issued_at"],
        by=f"{person['name']}（{person['certificate']}）" if person["certificate"] else person["name"],
        sections=tuple(_sections(said["figures"])),
        domains=tuple(_domain(line) for line in said["domains"]),
        domain_heads=tuple(_both(text) for text in words.DOMAIN_HEADS),
        domain_title=_both(words.BY_DOMAIN),
        domain_note=_both(words.DOMAIN_NOTE),
        meanings=tuple(
            PaperRow(_both(words.LABELS[line]), meaning_of(line, said["every_days"])) for line in _lines()
        ),
        footer=Both(**said["footer"]),
        seal=Both(**said["seal"]),
        check_code=short_digest(report.digest),
        check_url=address_of_checks(),
        qr_url=address_of_check(report),
        chain_text=chain.printed(said.get("chain")),
        note=_note(said),
        mark=_("CORRECTED") if report.replaced_by is not None else "",
    )


def _lines() -> Iterable[Line]:
    return (line for lines in GROUPS.values() for line in lines)


def _both(message: str) -> Both:
    return Both(translate(message), message)


def _english_month(report: MonthlyReport) -> str:
    with force_locale(ENGLISH):
        return month_text(report.of_month)


def _sections(figures: dict[str, int]) -> Iterable[PaperSection]:
    for group, lines in GROUPS.items():
        rows = (PaperRow(_both(words.LABELS[line]), value_of(line, figures), line in PARTS) for line in lines)
        yield PaperSection(_both(words.TITLES[group]), tuple(rows))


def _domain(line: dict[str, Any]) -> PaperDomain:
    places = f"{line['visited']} / {line['premises']}"
    coverage = share(line["visited"], line["premises"]) or "—"
    return PaperDomain(
        Both(line["zh"], line["en"]), (places, coverage, str(line["visits"]), str(line["findings"]))
    )


def _note(said: dict[str, Any]) -> str:
    if said["replaces"] is None:
        return ""
    return _(
        "Version %(edition)s. It takes the place of %(number)s. Reason: %(reason)s",
        edition=said["edition"], number=said["replaces"]["number"], reason=said["reason"],
    )  # fmt: skip


def _state(report: MonthlyReport) -> str:
    """What stands on the paper besides its frozen content, as a short name."""
    successor = report.replaced_by.number if report.replaced_by is not None else ""
    return hashlib.sha256(repr([DESIGN, settings().public_url, successor]).encode()).hexdigest()[:12]

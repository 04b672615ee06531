"""What kinds of changes, and what became of them, are called on the pages."""

from flask_babel import gettext as _

from app.sync.book import Told
from app.sync.rescue import Outcome
from app.sync.wire import Change, Unreadable
from app.web.i18n import translate

TROUBLE = {"refused", "late", "conflict", "waiting", "held"}
MOST = 100


def kind_word(kind: str) -> str:
    """What a change is about."""
    return {
        "premises_new": _("New place"),
        "visit_start": _("Start"),
        "answer": _("Answers"),
        "note": _("Notes"),
        "outcome": _("Outcomes"),
        "readings": _("Measured values"),
        "photo_announced": _("Photos"),
        "finish": _("End and signature"),
        "visit_discard": _("Thrown away"),
        "notice_issue": _("Notices"),
        "choose": _("Choices"),
    }.get(kind, kind)


def status_word(status: str) -> str:
    """What became of it."""
    return {
        "received": _("taken in"),
        "duplicate": _("was here already"),
        "conflict": _("two versions kept"),
        "waiting": _("cannot be placed yet"),
        "late": _("kept for a correction"),
        "refused": _("not taken in"),
        "held": _("kept for the supervisor"),
    }.get(status, status)


def named_counts(outcome: Outcome) -> list[tuple[str, str]]:
    """How many ended how."""
    return [(status_word(status), str(count)) for status, count in outcome.counted().items()]


def troubled(outcome: Outcome) -> list[tuple[str, str]]:
    """What somebody should look at: what it is, and why."""
    found = [
        (_title(change), f"{status_word(told.status.value)}. {translate(told.message, dict(told.params))}")
        for change, told in outcome.changes
        if _is_trouble(told)
    ]
    found += [
        (_("Photo %(number)s", number=str(id_)[:8]), f"{status_word(status)}. {translate(text)}")
        for id_, status, text in outcome.photos
        if status in TROUBLE
    ]
    return found[:MOST]


def _is_trouble(told: Told) -> bool:
    return told.status.value in TROUBLE


def _title(change: Change | Unreadable) -> str:
    return kind_word(change.kind) if isinstance(change, Change) else _("Another change")

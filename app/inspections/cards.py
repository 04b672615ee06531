"""The card of an item as HTML: the same for the visit's page, for a fragment after a tap and for the phone's store.

A card that nobody wrote in looks alike in every visit, so it is made once for each item, answer, language and role;
what differs between visits stands in it as marks. Cards with words, photos or findings are made anew each time.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.checklists.rules import load_authorities
from app.core import clock
from app.core.ids import derived_id, new_id
from app.core.settings import settings
from app.inspections import pages, rules
from app.inspections.models import Answer, Inspection, Result
from app.inspections.pages import ItemCard
from app.inspections.readings import carried_over, measures_of
from app.inspections.rechecking import Earlier
from app.web.i18n import word

BLANK_VISIT = UUID("00000000-0000-4000-8000-000000000000")  # where the phone puts its own visit's id
BLANK_ITEM = UUID("00000000-0000-4000-8000-000000000001")  # and the item's, in a finding that is not there yet
_MARKED = re.compile("@(visit|token|new)@")
_SWEPT = UUID(int=0)


def words() -> dict[str, Any]:
    """What the templates of a visit need beside their subject."""
    return {
        "authorities": load_authorities(),
        "blank_findings": blank_findings,
        "carried_over": carried_over,
        "is_measurement": rules.is_measurement,
        "outcome_choices": pages.outcome_choices,
        "referring_outcomes": pages.referring_outcomes,
        "days_between": pages.days_between,
        "earlier_fact": pages.earlier_fact,
        "photo_url": lambda photo_id, view: url_for("inspections.photo", photo_id=photo_id, view=view),
        "measures_of": measures_of,
        "visit_day": lambda inspection: clock.local(inspection.started_at).date(),
        "max_edge": settings().photo_client_edge,
    }


def render_card(inspection: Inspection, card: ItemCard, **more: Any) -> Markup:
    """The card as it stands in this visit. `more` goes to the template (error, fragment, progress…)."""
    if more or not _is_plain(card, inspection):
        return Markup(  # noqa: S704 - the template escapes
            render_template("inspections/_item.html", card=card, inspection=inspection, **words(), **more)
        )
    swept = bool(card.result and card.answer and card.answer.sweep_id)
    marks = {"visit": lambda: str(inspection.id), "token": generate_csrf, "new": lambda: str(new_id())}
    return _filled(_plain(card.item, card.result, swept=swept), marks)


def blank_card(item: ChecklistItem) -> Markup:
    """The card nobody has answered, for a visit that begins on the phone: its id is BLANK_VISIT."""
    return _filled(
        _plain(item, None, swept=False), {"visit": lambda: str(BLANK_VISIT), "token": lambda: "", "new": lambda: ""}
    )


def again_card(item: ChecklistItem, earlier: Earlier, photo_url: Callable[[UUID, str], str]) -> Markup:
    """The card of an earlier finding, for a re-inspection that begins on the phone: its id is BLANK_VISIT."""
    card = ItemCard(pages.number_of(item), item, derived_id(BLANK_VISIT, str(item.id)), None, [], [], earlier)
    was = render_template(
        "inspections/_again_was.html", card=card, photo_url=photo_url, earlier_fact=pages.earlier_fact
    )
    key = (item.version_id, item.id, str(get_locale()), word("by_a_date"), settings().photo_client_edge)
    return Markup(_again_made(*key).replace("@was@", was))  # noqa: S704 - both templates escape


@lru_cache(maxsize=2048)
def _again_made(version_id: UUID, item_id: UUID, _locale: str, _role_word: str, _edge: int) -> str:
    """The card with a mark for how it was."""
    item = published(version_id).items[item_id]
    visit: Any = type("BlankVisit", (), {"id": BLANK_VISIT})
    earlier: Any = True
    card = ItemCard(pages.number_of(item), item, derived_id(BLANK_VISIT, str(item.id)), None, [], [], earlier)
    known = words() | {"new_id": lambda: "", "was": "@was@"}
    html = render_template("inspections/_item.html", card=card, inspection=visit, **known)
    return html.replace(generate_csrf(), "")


def blank_findings() -> list[ItemCard]:
    """A finding for each severity with nothing in it.

    The phone replaces `@code@`, `@phrase@`, `@deadline@` and BLANK_ITEM.
    """
    answer = Answer(result=Result.DOES_NOT, note="", phrases=[], readings=[], finding=None)
    return [
        ItemCard("", _blank_item(severity), derived_id(BLANK_VISIT, str(BLANK_ITEM)), answer, [], [])
        for severity in ("A", "B", "C")
    ]


def _blank_item(severity: str) -> ChecklistItem:
    phrase = {"zh": "@phrase@", "en": "@phrase@"}
    texts = dict.fromkeys(("title_zh", "title_en", "how_zh", "how_en"), "")
    deadline = dict.fromkeys(("deadline_zh", "deadline_en"), "@deadline@")
    return ChecklistItem(
        id=BLANK_ITEM, code="@code@", severity=severity, phrases=[phrase], measures=[], refer_to="", **texts, **deadline
    )


def _is_plain(card: ItemCard, inspection: Inspection) -> bool:
    answer = card.answer
    if card.earlier is not None:
        return False
    wrote = answer is not None and (answer.note or answer.phrases or answer.readings or answer.finding)
    prefilled = card.item.measures and any(carried_over(inspection).values())
    return not (wrote or card.photos or card.gaps or card.is_bad or prefilled)


def _plain(item: ChecklistItem, result: Result | None, *, swept: bool) -> str:
    edge = settings().photo_client_edge
    return _made(item.version_id, item.id, result, swept, str(get_locale()), word("by_a_date"), edge)


@lru_cache(maxsize=2048)
def _made(
    version_id: UUID,
    item_id: UUID,
    result: Result | None,
    swept: bool,  # noqa: FBT001 - part of the key
    _locale: str,
    _role_word: str,
    _edge: int,
) -> str:
    """A card with marks for the visit's id, the token of the forms and their request ids."""
    item = published(version_id).items[item_id]
    answer = Answer(
        result=result, note="", phrases=[], readings=[], finding=None, sweep_id=_SWEPT if swept else None
    )
    visit: Any = type("BlankVisit", (), {"id": BLANK_VISIT})
    card = ItemCard(pages.number_of(item), item, derived_id(BLANK_VISIT, str(item.id)), answer, [], [])
    html = render_template(
        "inspections/_item.html", card=card, inspection=visit, new_id=lambda: "@new@", **words()
    )
    return html.replace(str(BLANK_VISIT), "@visit@").replace(generate_csrf(), "@token@")


def _filled(html: str, marks: dict[str, Callable[[], str]]) -> Markup:
    """Our own ids and tokens hold no markup."""
    return Markup(_MARKED.sub(lambda found: marks[found[1]](), html))  # noqa: S704

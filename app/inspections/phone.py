"""A visit as plain data beside its page: what the phone needs to show and record answers without the server."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.calendar import days
from app.calendar.rules import LONGEST_REST
from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core import clock
from app.inspections import rules
from app.inspections.cards import BLANK_ITEM, BLANK_VISIT, blank_card
from app.inspections.models import Answer, Finding, Inspection, InspectionPhoto
from app.inspections.pages import InspectionPage, ItemCard, outcome_choices
from app.inspections.progress import Progress
from app.photos.models import Purpose
from app.premises.kinds import domain_of
from app.premises.models import Premises
from app.web.i18n import is_chinese, say, translate, word


def visit_data(page: InspectionPage, *, titles: bool = False) -> dict[str, Any]:
    """The visit, its items and answers, JSON-ready; static/js/offline/visit.js reads it from the page.

    `titles` for a page that does not show the items themselves.
    """
    visit = page.inspection
    day = clock.local(visit.started_at).date()
    cards = [card for sheet in page.sheets for card in sheet.cards]
    return {
        "id": str(visit.id),
        "premises": {"id": str(visit.premises_id), "name": visit.premises.name},
        "started_at": _milliseconds(visit),
        "day": day.isoformat(),
        "rendered_at": round(clock.now().timestamp() * 1000),
        "open": visit.is_open,
        "can_write": page.can_write,
        **({"parent_id": str(visit.parent_id)} if visit.parent_id else {}),
        "sheets": [
            {
                "version_id": str(sheet.progress.version_id),
                "domain": sheet.progress.domain,
                "title": sheet.title,
                "item_ids": [str(card.item.id) for card in sheet.cards],
            }
            for sheet in page.sheets
        ],
        "items": {
            str(card.item.id): item_data(card.item)
            | ({"title": say(card.item, "title")} if titles or card.earlier else {})
            | ({"again": True} if card.earlier else {})
            for card in cards
        },
        "answers": {str(card.item.id): _answer(card) for card in cards if card.answer is not None},
        "photos": [_photo(row, card) for card in cards for row in card.photos],
        **phone_words(day),
    }


def place_data(premises: Premises) -> dict[str, Any]:
    """What a phone needs of a place to begin a visit there: whose page is kept on it is known well enough."""
    areas = (premises.region_id, premises.village_id, premises.township_id, premises.county_id)
    return {
        "id": str(premises.id),
        "name": premises.name,
        "person_in_charge": premises.person_in_charge,
        "kind": premises.kind,
        "high_rise": premises.high_rise,
        "domains": premises.domains,
        "areas": [str(area) for area in dict.fromkeys(areas) if area],
    }


def phone_words(day: date) -> dict[str, Any]:
    """Words and free days, the same for every visit of a day."""
    last = day + rules.LONGEST_DEADLINE
    return {**days.for_phone(day, last + timedelta(days=LONGEST_REST)), "words": _words()}


def _words() -> dict[str, str]:
    """What scripts fill in: {n}, {total} and the like stay as they are."""
    return {
        "left": _("%(count)s items left", count="{n}"),
        "to_complete": _("%(count)s to complete", count="{n}"),
        "findings": _("%(count)s findings", count="{n}"),
        "all": _("All looked at"),
        "none": _("No findings so far"),
        "complete": "✓ " + _("Complete"),
        "span": _("%(days)s calendar days, about %(working)s working days", days="{days}", working="{working}"),
        "provisional": _("holidays of %(year)s not yet announced", year="{year}"),
        "rest": _("a day of rest: time until %(day)s", day="{day}"),
        "looked_at": _("%(answered)s of %(total)s items looked at", answered="{answered}", total="{total}"),
        "not_looked_at": _(
            "%(count)s items were not looked at. They stay recorded as not looked at.", count="{n}"
        ),
        "complete_it": _("complete it"),
        "nothing": _("Nothing was looked at yet.") + " " + _("Answer at least one item, then finish."),
        "signature": _(
            "The signature or the name is missing. If the person does not want to sign, choose “not signed”."
        ),
        "refusal": _("Write the reason why it was not signed."),
        "finished_here": _("Finished at %(time)s, kept on this phone", time="{time}"),
        "on_the_way": _("It is sent as soon as there is a signal. Nothing can be changed any more."),
        "not_on_notice": _("not yet on a notice"),
        "make_notice": _("Make the notice"),
        "again": word("reinspection"),
        "to_start": _("Back to the start"),
        **dict(outcome_choices("B")),
        "answered": _("%(answered)s of %(total)s", answered="{answered}", total="{total}"),
        "photo": _("Photo %(number)s", number="{n}"),
        "too_long": _("The note is too long: %(most)s characters at most.", most=10_000),
        "number": _("Enter a number, for example 0.05."),
        "case": _("Choose which of the cases was measured."),
        "joint": "；" if is_chinese() else "; ",
        **{gap.name.lower(): translate(gap.value) for gap in rules.Missing},
        **{bad.name.lower(): translate(bad.value) for bad in rules.BadDate},
    }


def item_data(item: ChecklistItem) -> dict[str, Any]:
    """What an item asks for, in the page's language; measures with their limits as in checklists.rules.Measure."""
    language = "zh" if is_chinese() else "en"
    return {
        "code": item.code,
        "severity": item.severity,
        "days": item.deadline_days or 0,
        "deadline": say(item, "deadline"),
        "refer_to": item.refer_to,
        "photo": item.photo_required,
        "measurement": rules.is_measurement(item.code),
        "phrases": [phrase.get(language) or phrase.get("zh", "") for phrase in item.phrases or []],
        "measures": [_measure(data, language) for data in item.measures or []],
    }


def _measure(data: dict[str, Any], language: str) -> dict[str, Any]:
    """One language of a measure. A bound itself conforms unless `open_min` or `open_max` says that it does not."""
    unit = data["unit"] if language == "zh" else data["unit_en"]
    return {"key": data["key"], "unit": unit, "limits": [_limit(limit, language) for limit in data["limits"]]}


def _limit(limit: dict[str, Any], language: str) -> dict[str, Any]:
    kept = {name: limit[name] for name in ("condition", "min", "max", "expected") if limit.get(name) is not None}
    kept |= {f"open_{end}": True for end in ("min", "max") if end in kept and not limit.get(f"{end}_inclusive", True)}
    if "expected" in kept:
        kept |= {name: limit[f"{name}_{language}"] for name in ("absent", "found")}
    return kept


def _answer(card: ItemCard) -> dict[str, Any]:
    """What is known, as the phone folds it; what is empty is left out."""
    answer: Answer = card.answer  # type: ignore[assignment] # asked before
    said = {
        "result": answer.result.value if answer.result else None,
        "sweep": str(answer.sweep_id) if answer.sweep_id else None,
        "note": answer.note,
        "phrases": answer.phrases,
        "readings": _readings(answer.readings),
        **(_outcome(answer.finding) if answer.finding else {}),
        "heads": answer.heads,
    }
    return {name: value for name, value in said.items() if value}


def _readings(readings: list[dict[str, Any]]) -> dict[str, str]:
    """As the form has them: value-KEY, detected-KEY, condition-KEY, instrument, point."""
    fields: dict[str, str] = {}
    for reading in readings:
        key = reading["measure"]
        fields[f"value-{key}"] = reading.get("value", "")
        fields[f"condition-{key}"] = reading.get("condition", "")
        if reading.get("detected") is not None:
            fields[f"detected-{key}"] = "yes" if reading["detected"] else "no"
        fields |= {name: reading.get(name, "") for name in ("instrument", "point")}
    return fields


def _outcome(finding: Finding) -> dict[str, Any]:
    return {
        "outcome": finding.outcome.value if finding.outcome else None,
        "due_on": finding.due_on.isoformat() if finding.due_on else "",
        "refer_to": finding.refer_to,
        "refer_reason": finding.refer_reason,
        "guard": finding.guard,
        "scene": finding.scene,
    }


def _photo(row: InspectionPhoto, card: ItemCard) -> dict[str, Any]:
    return {"id": str(row.photo_id), "item_id": str(card.item.id), "after": row.photo.purpose is Purpose.AFTER}


def _milliseconds(visit: Inspection) -> int:
    return round(visit.started_at.timestamp() * 1000)


def sheet_data(version_id: UUID) -> dict[str, Any]:
    """A published checklist for the phone's store: its blank cards and what its items ask for."""
    kept = published(version_id)
    return {
        "version_id": str(version_id),
        "domain": kept.version.domain,
        "title": say(domain_of(kept.version.domain), "name"),
        "number": kept.version.number,
        "html": "".join(blank_card(item) for item in kept.items.values()),
        "items": {str(item.id): item_data(item) | {"title": say(item, "title")} for item in kept.items.values()},
    }


def blank_page() -> InspectionPage:
    """The page of no visit: its templates then give the shells that the phone fills (compose.js)."""
    place = SimpleNamespace(name="", person_in_charge="")
    visit: Any = SimpleNamespace(
        id=BLANK_VISIT, premises_id=BLANK_ITEM, premises=place, started_at=clock.now(), fellows=[]
    )
    return InspectionPage(visit, Progress([], 0), [], can_write=True)


def blank_visit_data() -> dict[str, Any]:
    """For pages that are composed on the phone: what `visit_data` says, of no visit yet."""
    return {
        "id": str(BLANK_VISIT),
        "premises": {"id": "", "name": ""},
        "started_at": 0,
        "day": clock.today().isoformat(),
        "open": True,
        "can_write": True,
        "sheets": [],
        "items": {},
        **phone_words(clock.today()),
    }

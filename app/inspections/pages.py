"""What the page of a visit shows, gathered once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.accounts.models import Person
from app.calendar import days
from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core.ids import derived_id
from app.inspections import queries, rules
from app.inspections.digests import late_photos
from app.inspections.models import Answer, Finding, Inspection, InspectionPhoto, Outcome, Result
from app.inspections.progress import Progress, SheetProgress, final_progress, progress_of
from app.inspections.rechecking import Earlier, earlier_findings, earlier_of
from app.premises.kinds import domain_of
from app.web.i18n import say, word


@dataclass(frozen=True)
class ItemCard:
    """One item as it stands."""

    number: str
    item: ChecklistItem
    answer_id: UUID
    answer: Answer | None
    photos: list[InspectionPhoto]
    gaps: list[rules.Missing]
    earlier: Earlier | None = None  # what an earlier visit found here: it is looked at again

    @property
    def result(self) -> Result | None:
        return self.answer.result if self.answer else None

    @property
    def finding(self) -> Finding | None:
        return self.answer.finding if self.answer else None

    @property
    def is_bad(self) -> bool:
        return self.result is Result.DOES_NOT

    def fact(self) -> str:
        """Quick phrases, note and bad readings as one line: the factual description."""
        return fact_of(self.item, self.answer)


@dataclass(frozen=True)
class SheetView:
    """One domain's cards."""

    title: str
    version_number: int
    cards: list[ItemCard]
    progress: SheetProgress


@dataclass(frozen=True)
class InspectionPage:
    """The whole page."""

    inspection: Inspection
    progress: Progress
    sheets: list[SheetView]
    can_write: bool
    loose_photos: list[InspectionPhoto] = field(default_factory=list)
    later_photos: list[InspectionPhoto] = field(default_factory=list)  # in answer to ones that were sent back

    @property
    def again(self) -> list[ItemCard]:
        """What a re-inspection looks at again."""
        return [card for sheet in self.sheets for card in sheet.cards if card.earlier]

    @property
    def findings(self) -> list[ItemCard]:
        return [card for sheet in self.sheets for card in sheet.cards if card.is_bad]


def inspection_page(inspection: Inspection, reader: Person) -> InspectionPage:
    """Gather the page: seven reads whatever its size, two more for a re-inspection."""
    items, answers = queries.items_of(inspection), queries.answers_of(inspection)
    photos = queries.photos_of(inspection.id)
    progress = progress_of(inspection) if inspection.is_open else final_progress(inspection, answers)
    by_answer: dict[UUID, list[InspectionPhoto]] = {}
    for row in photos:
        if row.answer_id is not None:
            by_answer.setdefault(row.answer_id, []).append(row)
    sheets, earlier = [], earlier_of(inspection)
    for sheet, counts in zip(inspection.sheets, progress.sheets, strict=True):
        cards = [
            _card(inspection, items[UUID(item_id)], answers, by_answer, progress, earlier)
            for item_id in sheet.item_ids
            if UUID(item_id) in items
        ]
        title = say(domain_of(counts.domain), "name")
        sheets.append(SheetView(title, published(sheet.version_id).version.number, cards, counts))
    loose = [photo for photo in photos if photo.answer_id is None and photo.in_answer_to_id is None]
    late = late_photos(inspection.id) if loose and not inspection.is_open else set()
    can_write = inspection.is_open and inspection.is_worked_on_by(reader)
    return InspectionPage(
        inspection,
        progress,
        sheets,
        can_write,
        [photo for photo in loose if photo.photo_id not in late],  # the late ones: app.sync says where they come from
        [photo for photo in photos if photo.in_answer_to_id is not None],
    )


def item_card(inspection: Inspection, item: ChecklistItem, progress: Progress) -> ItemCard:
    """One card, for the fragment that answers a tap. Only a finding's card shows photos."""
    answers = {item.id: found} if (found := _one_answer(inspection, item)) else {}
    earlier = earlier_findings(inspection.parent_id, {item.id}) if inspection.parent_id else {}
    shows_photos = found and (found.result is Result.DOES_NOT or earlier)
    rows = queries.photos_of_answer(found.id) if found and shows_photos else []
    return _card(inspection, item, answers, {found.id: rows} if found else {}, progress, earlier)


def _one_answer(inspection: Inspection, item: ChecklistItem) -> Answer | None:
    from app.core.database import db

    return db.session.get(Answer, derived_id(inspection.id, str(item.id)))


def _card(
    inspection: Inspection,
    item: ChecklistItem,
    answers: dict[UUID, Answer],
    photos: dict[UUID, list[InspectionPhoto]],
    progress: Progress,
    earlier: Mapping[UUID, Earlier],
) -> ItemCard:
    answer_id = derived_id(inspection.id, str(item.id))
    gaps = progress.incomplete.get(answer_id, [])
    rows, known = photos.get(answer_id, []), earlier.get(item.id)
    return ItemCard(number_of(item), item, answer_id, answers.get(item.id), rows, gaps, known)


def number_of(item: ChecklistItem) -> str:
    """The item's number within its sheet: 07 of CAT-07."""
    return item.code.split("-", 1)[-1]


def referring_outcomes(severity: str) -> list[str]:
    """The outcomes by which a finding of this severity goes to an authority."""
    return [outcome for outcome in rules.outcomes_for(severity) if rules.needs_referral(severity, outcome)]


def fact_of(item: ChecklistItem, answer: Answer | None, language: str = "") -> str:
    """The factual description of an answer: phrases, readings and note. `language` "zh"/"en"; page's by default."""
    if answer is None:
        return ""
    pick = (lambda row, name: row.get(f"{name}_{language}") or row.get(f"{name}_zh", "")) if language else say
    phrases = item.phrases or []
    parts = [
        str(pick({"text_zh": p.get("zh", ""), "text_en": p.get("en", "")}, "text"))
        for p in (phrases[i] for i in answer.phrases if 0 <= i < len(phrases))
    ]
    parts += [reading_text(reading, pick) for reading in answer.readings]
    if answer.note.strip():
        parts.append(answer.note.strip())
    chinese = language == "zh" or (not language and pick is say and word("inspection") in {"巡查", "检查"})
    return ("；" if chinese else "; ").join(part for part in parts if part)


def earlier_fact(card: ItemCard) -> str:
    """What was seen at an item that is looked at again; the item's own words where nothing was written."""
    if card.earlier is None:
        return ""
    return fact_of(card.item, card.earlier.finding.answer) or say(card.item, "title")


def reading_text(reading: dict[str, Any], pick: Any = say) -> str:
    """“末梢水游离氯 0.03 mg/L(低于 0.05)”"""
    value = f"{reading.get('value') or ''} {pick(reading, 'unit')}".strip() if reading.get("value") else ""
    return f"{pick(reading, 'name')} {value} ({pick(reading, 'verdict')})".replace("  ", " ")


def outcome_choices(severity: str) -> list[tuple[str, str]]:
    """Outcomes with their words for the reader's role, the proposed one first."""
    words = {
        Outcome.FIXED: _("Fixed on the spot"),
        Outcome.BY_DATE: word("by_a_date"),
        Outcome.REFERRED: _("Refer"),
        Outcome.GUARDED: _("Stop and guard"),
    }
    return [(value, words[Outcome(value)]) for value in rules.outcomes_for(severity)]


def days_between(start: date, end: date) -> tuple[int, int]:
    """Calendar days and working days from the visit to a date."""
    return (end - start).days, days.working_days(start, end)

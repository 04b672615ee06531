"""Measured values of an item: read from the form, judged against their limits at once."""

from collections.abc import Mapping
from typing import Any

from flask import g
from sqlalchemy import select

from app.checklists.models import ChecklistItem
from app.checklists.rules import Measure, judge, parse_reading
from app.core.database import db
from app.inspections.models import Answer, Inspection


def measures_of(item: ChecklistItem) -> list[Measure]:
    """The item's measures as rule objects."""
    return [Measure.from_dict(data) for data in item.measures or []]


def read_readings(item: ChecklistItem, form: Mapping[str, str]) -> list[dict[str, Any]]:
    """The filled-in measures as judged readings, JSON-ready.

    Per measure `key` the form has `value-key`, `detected-key` ("yes"/"no"), `condition-key`; for the item
    `instrument` and `point`. Raises Invalid where a number cannot be read or the case is not chosen. A reading is
    {measure, name_zh, name_en, value, unit, condition, detected, conforms, verdict_zh, verdict_en, instrument, point}.
    """
    instrument, point = form.get("instrument", "").strip()[:120], form.get("point", "").strip()[:120]
    readings = []
    for measure in measures_of(item):
        raw = form.get(f"value-{measure.key}", "").strip()
        detected = {"yes": True, "no": False}.get(form.get(f"detected-{measure.key}", ""))
        if not raw and detected is None:
            continue
        condition = form.get(f"condition-{measure.key}") or None
        value = parse_reading(raw) if raw else None
        verdict = judge(measure, value, condition, detected=detected)
        readings.append(
            {
                "measure": measure.key,
                "name_zh": measure.name_zh,
                "name_en": measure.name_en,
                "value": str(value) if value is not None else "",
                "unit_zh": measure.unit,
                "unit_en": measure.unit_en,
                "condition": condition or "",
                "detected": detected,
                "conforms": verdict.conforms,
                "verdict_zh": verdict.text_zh,
                "verdict_en": verdict.text_en,
                "instrument": instrument,
                "point": point,
            }
        )
    return readings


def carried_over(inspection: Inspection) -> dict[str, str]:
    """The instrument and the point last written down in this visit, for measures that have neither yet.

    Read once for a page, however many measures it shows.
    """
    known: dict[Any, dict[str, str]] = g.setdefault("carried_over", {})
    if inspection.id not in known:
        given = select(Answer.readings).where(Answer.inspection_id == inspection.id)
        newest_first = db.session.scalars(given.order_by(Answer.answered_at.desc()))
        known[inspection.id] = _last_of([reading for readings in newest_first for reading in readings or []])
    return known[inspection.id]


def _last_of(readings: list[dict[str, Any]]) -> dict[str, str]:
    names = ("instrument", "point")
    return {name: next((reading[name] for reading in readings if reading.get(name)), "") for name in names}

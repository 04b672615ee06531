"""Shape of what is sent from the pages of information reports; meaning is in services.py and rules.py."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.core import clock
from app.core.ids import new_id, read_id
from app.reports.categories import Category
from app.reports.rules import LONGEST_CONTENT, LONGEST_NOTE, LONGEST_PLACE
from app.web.i18n import say

_TOO_LONG = _l("At most %(max)d characters.")


class ReportForm(FlaskForm):
    """One report. Everything but the category and a few words is there already, or optional."""

    report_id = HiddenField()
    category = RadioField(
        _l("What is it about?"), validators=[InputRequired(_l("Choose what kind of matter it is."))]
    )
    content = TextAreaField(
        _l("What did you see?"),
        validators=[
            InputRequired(_l("Say in a few words what you saw.")),
            Length(max=LONGEST_CONTENT, message=_TOO_LONG),
        ],
    )
    place = StringField(_l("Where is it?"), validators=[Optional(), Length(max=LONGEST_PLACE, message=_TOO_LONG)])
    premises_id = HiddenField()
    discovered_at = DateTimeLocalField(_l("Seen at"), validators=[Optional()], format="%Y-%m-%dT%H:%M")
    latitude = HiddenField()
    longitude = HiddenField()
    accuracy = HiddenField()

    def __init__(self, open_to: Sequence[Category], **given: Any) -> None:
        super().__init__(**given)
        self.category.choices = [(one.key, say(one, "name")) for one in open_to]
        if not self.is_submitted():
            self.report_id.data = str(new_id())
            self.discovered_at.data = clock.local(clock.now()).replace(tzinfo=None)

    @property
    def client_id(self) -> UUID:
        """The id the page gave this report; a broken one becomes a new one."""
        return read_id(self.report_id.data) or new_id()

    @property
    def seen_at(self) -> datetime | None:
        """The moment on the wall clock as an aware one."""
        value = self.discovered_at.data
        return value.replace(tzinfo=ZoneInfo(clock.DEFAULT_ZONE)) if value else None

    @property
    def position(self) -> tuple[float, float, float | None] | None:
        """Degrees and metres, where the phone gave them and they can be on Earth."""
        latitude, longitude = _number(self.latitude.data, 90), _number(self.longitude.data, 180)
        if latitude is None or longitude is None:
            return None
        return latitude, longitude, _number(self.accuracy.data, 1_000_000)


class StepForm(FlaskForm):
    """One step of a report."""

    change_id = HiddenField()
    note = TextAreaField(_l("In a few words"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)])
    to = StringField(_l("To whom"), validators=[Optional(), Length(max=60)])


def as_day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _number(raw: str | None, most: float) -> float | None:
    try:
        value = float(raw or "")
    except ValueError:
        return None
    return value if -most <= value <= most else None

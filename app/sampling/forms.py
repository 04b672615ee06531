"""Shape of what is sent from the pages of sampling; meaning is in rules.py and services.py."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from app.accounts.regions import Region
from app.core.errors import N_
from app.sampling.frames import Frame, LeftOut
from app.sampling.rules import (
    CONFIDENCES,
    LONGEST_NOTE,
    LONGEST_REASON,
    MARGINS,
    MOST_DRAWN,
    Method,
    Plan,
    Stratum,
)
from app.web.i18n import say, translate

_TOO_LONG = _l("At most %(max)d characters.")
_A_DATE = _l("Choose a day.")
_CHOOSE = _l("Choose one of the answers.")
_NUMBER = N_("A whole number from 1 to %(most)s.")
HOW: Mapping[str, tuple[Method, Stratum]] = {
    "simple": (Method.SIMPLE, Stratum.NONE),
    "systematic": (Method.SYSTEMATIC, Stratum.NONE),
    "township": (Method.STRATIFIED, Stratum.TOWNSHIP),
    "domain": (Method.STRATIFIED, Stratum.DOMAIN),
    "inspector": (Method.STRATIFIED, Stratum.INSPECTOR),
}
WORDS = {
    "simple": _l("Simple: every visit has the same chance"),
    "systematic": _l("Systematic: every n-th visit of the period"),
    "township": _l("Spread over the townships"),
    "domain": _l("Spread over the domains"),
    "inspector": _l("Spread over those who visited"),
}


class _Day(DateField):
    """A day; what is none is answered in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_A_DATE) from None


class _Whole(IntegerField):
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist if valuelist and valuelist[0].strip() else [])
        except ValueError:
            raise ValueError(translate(_NUMBER, {"most": MOST_DRAWN})) from None


class _Choice(SelectField):
    """One of a few; anything else is answered in our words."""

    def __init__(self, label: Any, choices: Sequence[tuple[str, str]], **given: Any) -> None:
        checks = [InputRequired(_CHOOSE), AnyOf([key for key, _text in choices], _CHOOSE)]
        super().__init__(label, checks, choices=choices, validate_choice=False, **given)


class DrawForm(FlaskForm):
    """What a draw is to be. Sent by GET to be looked at first, then as it was by POST."""

    first = _Day(_l("Visits from"), validators=[InputRequired(_A_DATE)])
    last = _Day(_l("until"), validators=[InputRequired(_A_DATE)])
    region = SelectField(_l("Area"), validate_choice=False, validators=[InputRequired(_CHOOSE)])
    how = RadioField(_l("How to draw"), choices=list(WORDS.items()), validators=[InputRequired(_CHOOSE)])
    by = RadioField(
        _l("How many"),
        choices=[("confidence", _l("As many as the result needs")), ("number", _l("A number"))],
        validators=[InputRequired(_CHOOSE)],
    )
    confidence = _Choice(_l("Confidence"), choices=[(str(one), f"{one} %") for one in CONFIDENCES])
    margin = _Choice(_l("Exact within"), choices=[(str(one), f"± {one} %") for one in MARGINS])
    number = _Whole(_l("Number of visits"), validators=[Optional()])
    own = BooleanField(_l("Leave out visits I took part in"))
    leave_out = TextAreaField(_l("Leave out"), validators=[Optional(), Length(max=4000, message=_TOO_LONG)])
    reason = StringField(_l("Why"), validators=[Optional(), Length(max=LONGEST_REASON, message=_TOO_LONG)])

    def __init__(self, areas: Sequence[Region], given: Any, today: date, defaults: Mapping[str, str]) -> None:
        super().__init__(formdata=given or None, meta={"csrf": False})
        self.areas = {str(one.id): one for one in areas}
        self.region.choices = [(key, say(one, "name")) for key, one in self.areas.items()]
        if not given:
            self._propose(today, defaults)

    def _propose(self, today: date, defaults: Mapping[str, str]) -> None:
        """The month before this one."""
        self.last.data = today.replace(day=1) - timedelta(days=1)
        self.first.data = self.last.data.replace(day=1)
        self.region.data = next(iter(self.areas), "")
        self.how.data, self.by.data = "simple", "confidence"
        self.confidence.data, self.margin.data = defaults["confidence"], defaults["margin"]

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.region.data not in self.areas:
            self.region.errors = [_CHOOSE]
            return False
        if self.by.data == "number" and not 1 <= (self.number.data or 0) <= MOST_DRAWN:
            self.number.errors = [translate(_NUMBER, {"most": MOST_DRAWN})]
            return False
        return True

    def frame(self, sample_id: UUID) -> Frame:
        assert self.first.data is not None and self.last.data is not None  # noqa: PT018 - validated
        stratum = HOW[self.how.data][1]
        return Frame(sample_id, self.areas[self.region.data], self.first.data, self.last.data, stratum)

    @property
    def plan(self) -> Plan:
        method, stratum = HOW[self.how.data]
        number = int(self.number.data or 0) if self.by.data == "number" else 0
        return Plan(method, stratum, number, int(self.confidence.data), int(self.margin.data))

    @property
    def left_out(self) -> LeftOut:
        return LeftOut((self.leave_out.data or "").splitlines(), self.reason.data or "", bool(self.own.data))

    @property
    def values(self) -> list[tuple[str, str]]:
        """What was entered, to be carried on."""
        found = {field.name: field.raw_data[0] if field.raw_data else "" for field in self}
        return [(name, text) for name, text in found.items() if text]


class SheetForm(FlaskForm):
    """What a call brought: the buttons of the sheet."""

    note = TextAreaField(_l("Note"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)])

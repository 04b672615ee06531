"""The shapes of what people enter. Meaning is in `facts.problems_of`."""

import unicodedata
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.regions import LEVELS, Level, Region
from app.core.errors import N_
from app.core.ids import new_id
from app.premises.facts import Facts, LicenceFacts, Problem
from app.premises.kinds import domains, kind_of, kinds
from app.premises.models import Premises, Status
from app.web.i18n import say, translate

STATUS_NAMES = {
    Status.OPEN: _l("In business"),
    Status.PAUSED: _l("Closed for now"),
    Status.CLOSED: _l("Closed down"),
}
MOST_LICENCES = 20


class Number(StringField):
    """A decimal number typed on any keyboard: full-width digits and a comma are understood."""

    data: Any  # a float; what was typed while that is no number; None when empty

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        self.data = text
        if not text:
            self.data = None
            return
        digits = unicodedata.normalize("NFKC", text).replace("。", ".").replace(",", ".")
        try:
            self.data = float(digits)
        except ValueError:
            raise ValidationError(_("This is not a number. Example: 24.1234")) from None

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


class _InWords:
    """Nothing entered is None; what cannot be read is answered with `wanted` instead of the library's words."""

    data: Any
    wanted = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)  # type: ignore[misc] # the field class stands behind this one
        except ValueError:
            raise ValueError(translate(self.wanted)) from None


class Day(_InWords, DateField):
    """A last valid day."""

    wanted = N_("This is not a date. Example: 2027-06-30")


class Count(_InWords, IntegerField):
    """A whole number."""

    wanted = N_("This is not a whole number.")


class LicenceForm(Form):
    """One row of the licences; an empty one is nothing."""

    name = StringField(_l("Licence"))
    number = StringField(_l("Number"))
    until = Day(_l("Valid until"), validators=[Optional()])


class _PlaceForm(FlaskForm):
    """What every form of a place asks. Choices come from the data and from what the person may see."""

    premises_id = HiddenField()
    name = StringField(_l("Premises name"), validators=[InputRequired(_l("The name is missing."))])
    kind = SelectField(
        _l("Kind of place"), validators=[InputRequired(_l("Choose what kind of place this is."))]
    )
    region = SelectField(_l("Area"), validators=[InputRequired(_l("Choose the area."))])
    address = StringField(_l("Address"))
    phone = StringField(_l("Phone"))

    def __init__(self, regions: Sequence[Region], data: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(data=data, **kwargs)
        self._regions = {region.code: region for region in regions}
        self.kind.choices = [("", _("Choose")), *((kind.key, say(kind, "name")) for kind in kinds().values())]
        self.region.choices = region_choices(regions)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Put what the rules refuse beside its field."""
        for problem in problems:
            field = self[problem.field]
            field.errors = [*field.errors, translate(problem.message, dict(problem.params))]

    @property
    def client_id(self) -> UUID:
        """The id the form brought along: the same form sent twice makes one file."""
        try:
            return UUID(self.premises_id.data or "")
        except ValueError:
            return new_id()

    def _basics(self) -> dict[str, Any]:
        return {
            "name": _line(self.name),
            "kind": self.kind.data,
            "region": self._regions[self.region.data],
            "address": _line(self.address),
            "phone": _line(self.phone),
        }


def _domains_field(*validators: Any) -> SelectMultipleField:
    return SelectMultipleField(
        _l("Domains"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=validators,
    )


def _domain_choices() -> list[tuple[str, str]]:
    return [(domain.key, say(domain, "name")) for domain in domains().values()]


class NewPlaceForm(_PlaceForm):
    """The little that is known at the door of a place nobody has registered. The rest is completed later."""

    region = SelectField(_l("Area"))  # one's own where none is chosen
    domains = _domains_field()
    here = BooleanField(_l("I am there: use this phone's position"), default=True)

    def __init__(self, regions: Sequence[Region], own: Region, **kwargs: Any) -> None:
        super().__init__(regions, {"premises_id": str(new_id()), "region": own.code, "here": True}, **kwargs)
        self.domains.choices = _domain_choices()
        self.region.data = self.region.data or own.code

    def facts(self, position: tuple[float, float] | None) -> Facts:
        """What was entered; `position` is the phone's, where it is good enough. Call after `validate()`."""
        kind = kind_of(self.kind.data)
        latitude, longitude = position if position and self.here.data else (None, None)
        chosen = tuple(self.domains.data or ()) or kind.domains
        return Facts(**self._basics(), domains=chosen, latitude=latitude, longitude=longitude)


class PremisesForm(_PlaceForm):
    """One file, everything that is kept of it."""

    domains = _domains_field(InputRequired(_l("Choose at least one domain.")))
    person_in_charge = StringField(_l("Person in charge"))
    credit_code = StringField(_l("Credit code"))
    latitude = Number(_l("Latitude"), validators=[Optional()])
    longitude = Number(_l("Longitude"), validators=[Optional()])
    high_rise = BooleanField(_l("In a high-rise building"))
    staff_certificates = Count(_l("Staff with a health certificate"), validators=[Optional()])
    staff_certificates_until = Day(_l("The first of these expires on"), validators=[Optional()])
    status = SelectField(_l("Status"), default=Status.OPEN.value, validators=[InputRequired()])
    notes = TextAreaField(_l("Notes"))
    licences = FieldList(FormField(LicenceForm), max_entries=MOST_LICENCES)

    def __init__(self, regions: Sequence[Region], premises: Premises | None = None, **kwargs: Any) -> None:
        data = (
            _data_of(premises) if premises is not None else {"premises_id": str(new_id()), "licences": [{}]}
        )
        if premises is None and len(regions) == 1:
            data["region"] = regions[0].code
        super().__init__(regions, data, **kwargs)
        self.domains.choices = _domain_choices()
        self.status.choices = [(status.value, str(name)) for status, name in STATUS_NAMES.items()]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also tell what is wrong in a row of the licences as plain sentences."""
        valid = bool(super().validate(extra_validators))
        self.licences.errors = [
            f"{field.label.text}: {message}"
            for row in self.licences
            for field in row.form
            for message in field.errors
        ]
        return valid

    def facts(self) -> Facts:
        """What was entered; call after `validate()`."""
        licences = tuple(
            LicenceFacts(_line(row.form.name), _line(row.form.number), row.form.until.data)
            for row in self.licences
            if _line(row.form.name) or _line(row.form.number)
        )
        return Facts(
            **self._basics(),
            domains=tuple(self.domains.data or ()),
            latitude=self.latitude.data,
            longitude=self.longitude.data,
            person_in_charge=_line(self.person_in_charge),
            credit_code=_line(self.credit_code).upper(),
            high_rise=self.high_rise.data,
            staff_certificates=self.staff_certificates.data,
            staff_certificates_until=self.staff_certificates_until.data,
            status=Status(self.status.data),
            notes=(self.notes.data or "").strip(),
            licences=licences,
        )


class UploadForm(FlaskForm):
    """Carries the CSRF token of forms whose fields are read by hand."""


def region_choices(regions: Sequence[Region]) -> Any:
    """Choices of areas: villages under their township when there are several townships."""
    townships = [region for region in regions if region.level is Level.TOWNSHIP]
    if len(townships) < 2:
        return [("", _("Choose")), *((region.code, _indented(region)) for region in _in_tree_order(regions))]
    groups: dict[str, list[tuple[str, str]]] = {"": [("", _("Choose"))]}
    names = {region.id: say(region, "name") for region in townships}
    for region in _in_tree_order(regions):
        group = names.get(region.township_id, _("Whole county")) if region.township_id else _("Whole county")
        groups.setdefault(group, []).append((region.code, _indented(region)))
    first = groups.pop("")
    return {_("Area"): first, **groups}


def _in_tree_order(regions: Sequence[Region]) -> list[Region]:
    """Each area directly after the one it lies in."""
    by_id = {region.id: region for region in regions}

    def path(region: Region) -> list[str]:
        above = by_id.get(region.parent_id) if region.parent_id else None
        return [*(path(above) if above else []), region.code]

    return sorted(regions, key=path)


def _indented(region: Region) -> str:
    return "\u3000" * max(0, LEVELS.index(region.level) - 1) + say(region, "name")


def _line(field: StringField) -> str:
    return " ".join((field.data or "").split())


def _data_of(premises: Premises) -> dict[str, Any]:
    names = (
        "name", "kind", "domains", "address", "person_in_charge", "phone", "credit_code", "latitude", "longitude",
        "high_rise", "staff_certificates", "staff_certificates_until", "notes",
    )  # fmt: skip
    return {name: getattr(premises, name) for name in names} | {
        "premises_id": str(premises.id),
        "region": premises.region.code,
        "status": premises.status.value,
        "licences": [
            {"name": licence.name, "number": licence.number, "until": licence.until}
            for licence in premises.licences
        ],
    }

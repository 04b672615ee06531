"""Shapes of the forms; what they mean is decided in rules, services and delivery."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.errors import N_, Invalid
from app.notices.models import DeliveryMethod


class ChoiceForm(FlaskForm):
    """Which findings become which kind of notice. `choices` of both fields come in from the page."""

    findings = SelectMultipleField(
        _l("Findings"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    kind = RadioField(_l("Kind"), validate_choice=False)
    notice_id = HiddenField()
    replaces = HiddenField()
    registration_number = StringField(_l("Official registration number"), validators=[Optional(), Length(max=60)])
    reserved_number = HiddenField()  # of a notice issued on a phone without network
    reserved_token = HiddenField()
    issued_on_device_at = HiddenField()
    reason = TextAreaField(_l("Why is the old notice withdrawn?"), validators=[Optional(), Length(max=1000)])


class ReasonForm(FlaskForm):
    reason = TextAreaField(_l("Why is it withdrawn?"), validators=[Length(max=1000)])


class DeliveryForm(FlaskForm):
    """One way of handing over; which fields it needs depends on the method (delivery.py)."""

    method = RadioField(choices=[(method.value, method.value) for method in DeliveryMethod])
    receiver = StringField(_l("Name of the person who signs"), validators=[Length(max=200)])
    signature = HiddenField()
    reason = TextAreaField(_l("Reason"), validators=[Length(max=500)])
    witness = StringField(_l("Witness"), validators=[Length(max=200)])
    consent = BooleanField(_l("The owner has consented in writing to electronic sending"))


def parse_id(text: str | None) -> UUID | None:
    """The id in a hidden field; None where there is none. Raises Invalid for something that is no id."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(N_("The request has a broken id. Reload the page and try again.")) from None


def parse_moment(text: str | None) -> datetime | None:
    """A moment with its offset as phones write it; None for anything else: a broken clock loses no notice."""
    try:
        moment = datetime.fromisoformat(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None

"""Shape of what is sent about complaints; meaning is in services.py."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.models import Person
from app.complaints.rules import (
    BY_STAFF,
    LONGEST_LINE,
    LONGEST_MATTER,
    LONGEST_NOTE,
    LONGEST_WORDS,
    Channel,
)
from app.core.ids import new_id, read_id
from app.web.i18n import say

_TOO_LONG = _l("At most %(max)d characters.")
CHANNELS = {Channel.PHONE: _l("By phone"), Channel.VISIT: _l("In person"), Channel.LETTER: _l("By letter")}


def _line(label: Any) -> StringField:
    return StringField(label, validators=[Optional(), Length(max=LONGEST_LINE, message=_TOO_LONG)])


class RegisterForm(FlaskForm):
    """A complaint that staff write down for somebody."""

    complaint_id = HiddenField()
    channel = RadioField(_l("How it came"), choices=[(one.value, CHANNELS[one]) for one in BY_STAFF], default="phone")
    matter = TextAreaField(
        _l("What it is about"),
        validators=[InputRequired(_l("Say what it is about.")), Length(max=LONGEST_MATTER, message=_TOO_LONG)],
    )
    premises_id = HiddenField()
    about = SelectMultipleField(_l("It is about somebody of us"), coerce=str, validate_choice=True)
    name = _line(_l("Name"))
    phone = _line(_l("Phone"))
    address = _line(_l("Address"))
    other = TextAreaField(_l("What else they said about themselves"), validators=[Optional(), Length(max=LONGEST_NOTE)])

    def __init__(self, people: Sequence[Person], **given: Any) -> None:
        super().__init__(**given)
        self.about.choices = [(str(one.id), f"{one.name} · {say(one.organisation, 'name')}") for one in people]
        if not self.is_submitted():
            self.complaint_id.data = str(new_id())

    @property
    def client_id(self) -> UUID:
        return read_id(self.complaint_id.data) or new_id()


class StepForm(FlaskForm):
    """One step of a complaint."""

    change_id = HiddenField()
    note = TextAreaField(_l("In a few words"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)])
    to = StringField(_l("To whom"), validators=[Optional(), Length(max=60)])
    verifier = SelectField(_l("Who goes and looks"), validate_choice=False, choices=[])
    matter = TextAreaField(
        _l("What it is about, in neutral words"), validators=[Optional(), Length(max=LONGEST_MATTER)]
    )


class PublicForm(FlaskForm):
    """The public form. `website` is a trap: people do not see it, programs fill it in."""

    class Meta:
        csrf = False  # a token signed for this form instead: it works without cookies

    words = TextAreaField(
        _l("What happened?"),
        validators=[InputRequired(_l("Say what it is about.")), Length(max=LONGEST_WORDS, message=_TOO_LONG)],
    )
    where = _line(_l("Where? Name and address of the place"))
    region = SelectField(_l("Township"), validate_choice=False, choices=[])
    name = _line(_l("Your name"))
    phone = _line(_l("Your phone"))
    address = _line(_l("Your address"))
    website = StringField(_l("Leave this empty"))


class StateForm(FlaskForm):
    """Receipt number and code."""

    class Meta:
        csrf = False

    number = StringField(_l("Receipt number"), validators=[InputRequired()])
    code = StringField(_l("Query code"), validators=[InputRequired()])


class AboutForm(FlaskForm):
    """Whom it is about."""

    about = SelectMultipleField(_l("It is about somebody of us"), coerce=str, validate_choice=False)
    sure = BooleanField()

"""Shape of what is sent from the pages of a visit; meaning is in rules.py."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from app.inspections.models import Outcome, Receipt
from app.inspections.services import LONGEST_NOTE

_TOO_LONG = _l("The note is too long: %(max)d characters at most.")


class NoteForm(FlaskForm):
    """What was seen."""

    note = TextAreaField(_l("What you saw"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)])
    phrases = SelectMultipleField(_l("Quick phrases"), coerce=int, validate_choice=False)


class OutcomeForm(FlaskForm):
    """The one outcome of a finding."""

    outcome = SelectField(_l("What happens with it"), choices=[(o.value, o.value) for o in Outcome])
    due_on = DateField(_l("By"), validators=[Optional()])
    refer_to = StringField(_l("Goes to"), validators=[Optional(), Length(max=60)])
    refer_reason = TextAreaField(_l("Why"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)])
    guard = StringField(_l("Who guards it until it is fixed"), validators=[Optional(), Length(max=200)])
    scene = TextAreaField(
        _l("How the scene was preserved"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)]
    )


class FinishForm(FlaskForm):
    """The end of a visit."""

    change_id = HiddenField()
    conclusion = TextAreaField(
        _l("Conclusion"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)]
    )
    receipt = RadioField(
        _l("Receipt"),
        choices=[(Receipt.SIGNED.value, _l("Signs here")), (Receipt.REFUSED.value, _l("Does not sign"))],
        default=Receipt.SIGNED.value,
    )
    signer_name = StringField(_l("Name of the person on site"), validators=[Optional(), Length(max=80)])
    signature = HiddenField()
    refusal_reason = StringField(_l("Why it is not signed"), validators=[Optional(), Length(max=400)])
    witness = StringField(_l("Witness (if there is one)"), validators=[Optional(), Length(max=80)])


class AmendForm(FlaskForm):
    """A correction of a finished visit."""

    amendment_id = HiddenField(validators=[DataRequired()])
    answer_id = SelectField(_l("What is corrected"), validators=[Optional()], validate_choice=False)
    after = TextAreaField(_l("Corrected text"), validators=[DataRequired(), Length(max=LONGEST_NOTE)])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(), Length(max=LONGEST_NOTE)])


class ReplyForm(FlaskForm):
    """The answer to a photo that was sent back."""

    change_id = HiddenField()
    reply = TextAreaField(_l("Your answer"), validators=[Optional(), Length(max=LONGEST_NOTE, message=_TOO_LONG)])
    photo = FileField(_l("A new photo, if one helps"))


class StartForm(FlaskForm):
    """Where, with whom, and what the phone knows."""

    inspection_id = HiddenField()
    premises_id = HiddenField(validators=[DataRequired()])
    domains = SelectMultipleField(_l("Domains"), validate_choice=False)
    fellows = SelectMultipleField(_l("Who comes along"), validate_choice=False)
    latitude = StringField()
    longitude = StringField()
    accuracy = StringField()
    device_time = StringField()
    clock_offset = IntegerField(validators=[Optional()])

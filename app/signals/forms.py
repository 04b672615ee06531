"""What is said about a signal."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.signals.services import LONGEST_NOTE


class NoteForm(FlaskForm):
    """A few words, always."""

    note = TextAreaField(
        _l("In a few words"),
        [
            DataRequired(_l("Write a few words about it.")),
            Length(max=LONGEST_NOTE, message=_l("At most %(max)d characters.")),
        ],
    )

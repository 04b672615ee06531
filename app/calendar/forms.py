"""The form of announced days; what the lines mean is read in announcements."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

LONGEST = 5000


class EntryForm(FlaskForm):
    """Announced holidays and make-up working days."""

    text = TextAreaField(
        _l("Holidays and make-up working days"),
        [Length(max=LONGEST, message=_l("At most %(max)d characters."))],
    )
    complete = BooleanField(_l("That is everything announced for this year"))

"""The shape of a checklist item as an administrator edits it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.checklists.rules import HIGH_RISE, load_authorities
from app.premises.kinds import kinds
from app.web.i18n import say

_NEEDED = _l("This is needed.")
_TOO_LONG = _l("At most %(max)d characters.")
SEVERITY_NAMES = {"A": _l("A critical"), "B": _l("B major"), "C": _l("C minor")}


def _text(label: Any, longest: int = 1000, *, rows: int = 3, needed: bool = True) -> TextAreaField:
    first = DataRequired(_NEEDED) if needed else Optional()
    return TextAreaField(label, [first, Length(max=longest, message=_TOO_LONG)], render_kw={"rows": rows})


class ItemForm(FlaskForm):
    """One item. Texts in both languages; the remark tells later readers why the version exists."""

    title_zh = _text(_l("What is looked at (Chinese)"), 200, rows=2)
    title_en = _text(_l("What is looked at (English)"), 300, rows=2)
    how_zh = _text(_l("How to look (Chinese)"))
    how_en = _text(_l("How to look (English)"))
    basis_zh = _text(_l("Legal basis (Chinese)"))
    basis_en = _text(_l("Legal basis (English)"))
    severity = RadioField(_l("How serious"), [DataRequired(_NEEDED)], choices=list(SEVERITY_NAMES.items()))
    deadline_zh = StringField(_l("Suggested deadline (Chinese)"), [DataRequired(_NEEDED), Length(max=200)])
    deadline_en = StringField(_l("Suggested deadline (English)"), [DataRequired(_NEEDED), Length(max=200)])
    deadline_days = IntegerField(
        _l("Suggested days"), [Optional(), NumberRange(0, 365, message=_l("Between 0 and 365 days."))]
    )
    immediate = BooleanField(_l("To be put right at once"))
    quantity_zh = _text(_l("Limit in words (Chinese)"), rows=2, needed=False)
    quantity_en = _text(_l("Limit in words (English)"), rows=2, needed=False)
    photo_required = BooleanField(_l("A finding needs a photo"))
    refer_to = SelectField(_l("Refer to"), [DataRequired(_NEEDED)])
    advice_zh = _text(_l("What the owner should do (Chinese)"))
    advice_en = _text(_l("What the owner should do (English)"))
    phrases = _text(_l("Quick phrases"), 3000, rows=5, needed=False)
    kinds = SelectMultipleField(_l("Only for these kinds of premises"))
    high_rise = BooleanField(_l("Only in high-rise buildings"))
    unsure = BooleanField(_l("Still to be checked"))
    unsure_why = StringField(_l("What is to be checked"), [Optional(), Length(max=200, message=_TOO_LONG)])
    remark = StringField(
        _l("Why this change"),
        [DataRequired(_l("Say why, with the source.")), Length(max=300, message=_TOO_LONG)],
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.refer_to.choices = [(row.key, say(row, "name")) for row in load_authorities()]
        self.kinds.choices = [(kind.key, say(kind, "name")) for kind in kinds().values()]


class NewItemForm(ItemForm):
    """Adds the code, which stays."""

    code = StringField(_l("Code"), [DataRequired(_NEEDED), Length(max=12)])


PLAIN = (
    "title_zh", "title_en", "how_zh", "how_en", "basis_zh", "basis_en", "severity", "deadline_zh", "deadline_en",
    "deadline_days", "immediate", "quantity_zh", "quantity_en", "photo_required", "refer_to", "advice_zh",
    "advice_en", "unsure", "unsure_why",
)  # fmt: skip


def form_data(item: Any) -> dict[str, Any]:
    """An item as the form shows it."""
    from app.checklists.editing import phrases_text

    return {name: getattr(item, name) for name in PLAIN} | {
        "phrases": phrases_text(item.phrases),
        "kinds": item.kinds or [],
        "high_rise": HIGH_RISE in item.conditions,
    }

"""The form of a county's decisions, made from their list."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField, TimeField
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, NumberRange

from app.accounts.county_options import Kind, Option
from app.core.errors import N_, Invalid
from app.web.i18n import translate

HIDDEN = "://…"  # takes the place of what follows the scheme
_NEEDED = _l("This is needed.")


def field_name(key: str) -> str:
    """The name of an option's field: replies-lock."""
    return key.replace(".", "-")


def county_form(known: list[Option], values: Mapping[str, Any]) -> FlaskForm:
    """A form with a field for each option; `values` by key are shown, and what was sent wins over them."""
    fields = {field_name(one.key): _field(one) for one in known}
    form = type("CountyForm", (FlaskForm,), fields)
    return form(data={field_name(key): value for key, value in values.items()})


def read_form(form: FlaskForm, known: list[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered, by key; what cannot be taken is said at its field. `values`: what holds until now."""
    found: dict[str, Any] = {}
    for one in known:
        target = form[field_name(one.key)]
        try:
            entered = target.data if target.data is not None else ""
            found[one.key] = one.read(_unhidden(one, entered, values[one.key]) if _is_hidden(one) else entered)
        except Invalid as error:
            target.errors = [*target.errors, translate(error.message, error.params)]
    return found


def _field(one: Option) -> Field:
    label = translate(one.label)
    if one.kind is Kind.CHOICE:
        choices = [(value, translate(words)) for value, words in one.choices.items()]
        return RadioField(label, [InputRequired(_NEEDED)], choices=choices)
    if one.kind is Kind.YES_NO:
        return BooleanField(label)
    if one.kind is Kind.NUMBER:
        message = translate(
            "A whole number from %(least)s to %(most)s.", {"least": one.least, "most": one.most}
        )
        limits = NumberRange(one.least, one.most, message=message)
        return IntegerField(label, [InputRequired(message), limits], render_kw={"inputmode": "numeric"})
    if one.kind is Kind.TIME:
        return TimeField(label, [InputRequired(_NEEDED)])
    if one.kind is Kind.ADDRESSES:
        return TextAreaField(label, render_kw={"rows": 3, "autocapitalize": "none", "spellcheck": "false"})
    return StringField(label, [Length(max=one.longest, message=_l("At most %(max)d characters."))])


def shown(one: Option, value: Any) -> Any:
    """A value as its field shows it: addresses one on each line, those with secrets by their scheme and a mark."""
    if one.kind is not Kind.ADDRESSES:
        return value
    return "\n".join(map(hidden, value) if one.secret else value)


def hidden(address: str) -> str:
    """An address without its secret. Sent back as it is, it stands for the address: dingtalk://…3fa9c1."""
    return address.partition("://")[0] + HIDDEN + hashlib.sha256(address.encode()).hexdigest()[:6]


def _is_hidden(one: Option) -> bool:
    return one.secret and one.kind is Kind.ADDRESSES


def _unhidden(one: Option, text: str, kept: Sequence[str]) -> str:
    """Put the addresses back that were shown hidden. Raises Invalid for one that is no longer there."""
    known = {hidden(address): address for address in kept}
    lines = [known.get(line.strip(), line) for line in text.splitlines()]
    if any(HIDDEN in line for line in lines):
        raise Invalid(N_("One of these addresses is no longer kept. Enter it in full."), field=one.key)
    return "\n".join(lines)

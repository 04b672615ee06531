"""Shapes of the accounts forms; what they mean is decided in rules and services."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from app.accounts.models import Organisation
from app.accounts.regions import Region
from app.core.errors import Invalid
from app.core.roles import Role
from app.web.i18n import say, translate

ROLE_NAMES = {
    Role.INFORMANT: _l("Informant"),
    Role.COORDINATOR: _l("Coordinator"),
    Role.SUPERVISOR: _l("Supervisor"),
    Role.ADMINISTRATOR: _l("Administrator"),
}
LEVEL_NAMES = {
    "county": _l("County"),
    "township": _l("Township or street"),
    "village": _l("Village or community"),
    "grid": _l("Grid cell"),
}
_NEEDED = _l("This is needed.")
_PHONE = Regexp(r"[0-9+\- ]*\Z", message=_l("A phone number has digits, spaces, + and - only."))


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


def text(
    label: Any, longest: int = 80, *, needed: bool = False, more: Sequence[Any] = (), **more_kw: Any
) -> StringField:
    """A line of text without spaces around."""
    too_long = _l("At most %(max)d characters.")
    first = DataRequired(_NEEDED) if needed else Optional()
    return StringField(
        label, [first, Length(max=longest, message=too_long), *more], filters=[_stripped], **more_kw
    )


class PersonForm(FlaskForm):
    """A person as an administrator sees them."""

    name = text(_l("Name"), 60, needed=True)
    phone = text(_l("Phone"), 30, more=[_PHONE], render_kw={"inputmode": "tel"})
    organisation = SelectField(_l("Organisation"), [DataRequired(_NEEDED)])
    roles = SelectMultipleField(
        _l("Roles"),
        [DataRequired(_l("Choose at least one role."))],
        choices=[(r.value, n) for r, n in ROLE_NAMES.items()],
    )
    certificate_number = text(_l("Certificate number"), 60)
    certificate_until = DateField(_l("Certificate valid until"), [Optional()])

    def __init__(self, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.organisation.choices = [
            ("", _l("Please choose")),
            *((str(o.id), say(o, "name")) for o in organisations),
        ]


class NewPersonForm(PersonForm):
    """Adds the login name, which stays."""

    login = text(
        _l("Login name"), 40, needed=True, render_kw={"autocapitalize": "none", "autocomplete": "off"}
    )


class OrganisationForm(FlaskForm):
    """An organisation."""

    name_zh = text(_l("Chinese name"), 80, needed=True)
    name_en = text(_l("English name"), 120)
    region = SelectField(_l("Region"), [DataRequired(_NEEDED)])
    number_prefix = text(_l("Short name in notice numbers"), 10, needed=True)
    phone = text(_l("Phone"), 30, more=[_PHONE], render_kw={"inputmode": "tel"})
    objection_to = text(_l("Where an owner states an objection"), 200)

    def __init__(self, regions: Sequence[Region], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        depth = {level: index for index, level in enumerate(LEVEL_NAMES)}
        self.region.choices = [
            ("", _l("Please choose")),
            *((str(r.id), "　" * depth[r.level.value] + say(r, "name")) for r in regions),
        ]


class RegionForm(FlaskForm):
    """A region's names and code."""

    name_zh = text(_l("Chinese name"), 60, needed=True)
    name_en = text(_l("English name"), 80)
    code = text(
        _l("Code"),
        30,
        needed=True,
        more=[Regexp(r"[\w.\-]+\Z", message=_l("Letters, digits, dots and hyphens only."))],
    )


class ChangePasswordForm(FlaskForm):
    """One's own password."""

    password = PasswordField(
        _l("Present password"),
        [DataRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _l("New password"), [DataRequired(_NEEDED)], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _l("New password again"),
        [
            DataRequired(_NEEDED),
            EqualTo("new_password", message=_l("The two new passwords are not the same.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def show_on(form: FlaskForm, error: Invalid) -> None:
    """Put a refusal of the services onto the field it belongs to."""
    target = form._fields.get(error.field)
    message = translate(error.message, error.params)
    if target is None:
        form.form_errors = [*form.form_errors, message]
    else:
        target.errors = [*target.errors, message]

"""Shapes of the forms; what they mean is decided in rules, services and steps."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core import clock
from app.core.errors import N_, Invalid
from app.referrals.models import Referral, Urgency
from app.referrals.rules import LONGEST_NAME, LONGEST_REASON, LONGEST_TEXT
from app.referrals.services import Facts


class ReferralForm(FlaskForm):
    """What the sender writes. `choices` of the selections come in from the page."""

    address = StringField(_l("Where is it?"), validators=[Length(max=LONGEST_NAME)])
    region = SelectField(_l("Village or street"), validate_choice=False)
    facts = TextAreaField(_l("What was seen or reported"), validators=[Length(max=LONGEST_TEXT)])
    scene = TextAreaField(_l("How was the scene preserved?"), validators=[Length(max=LONGEST_TEXT)])
    subject = StringField(_l("Name of the place or person"), validators=[Length(max=LONGEST_NAME)])
    person_in_charge = StringField(_l("Person in charge"), validators=[Length(max=LONGEST_NAME)])
    phone = StringField(_l("Phone"), validators=[Length(max=LONGEST_NAME)])
    business = StringField(_l("What is done there"), validators=[Length(max=LONGEST_NAME)])
    authority = SelectField(_l("Goes to"), validate_choice=False)
    urgency = RadioField(_l("How urgent"), validate_choice=False)
    opinion = TextAreaField(_l("What we propose"), validators=[Length(max=LONGEST_TEXT)])
    papers = TextAreaField(_l("Papers that go along, one a line"), validators=[Length(max=LONGEST_TEXT)])
    discovered_at = StringField(_l("Discovered at"), validators=[InputRequired()])
    discovered_by = StringField(_l("Discovered by"), validators=[Length(max=LONGEST_NAME)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("address", "facts", "scene", "region", "authority"):
            self[name].flags.required = True  # before it is sent; a draft may wait for them

    def fill(self, referral: Referral) -> None:
        """Show what is saved."""
        for name in ("address", "facts", "scene", "subject", "person_in_charge", "phone", "business", "authority"):
            self[name].data = getattr(referral, name)
        self.opinion.data, self.discovered_by.data = referral.opinion, referral.discovered_by
        self.papers.data, self.urgency.data = "\n".join(referral.papers), referral.urgency.value
        self.region.data = str(referral.region_id)
        self.discovered_at.data = f"{clock.local(referral.discovered_at):%Y-%m-%dT%H:%M}"

    def read(self, referral: Referral) -> Facts:
        """What was sent in. The minute of discovery keeps its seconds where nobody changed it. Raises Invalid."""
        told = self.discovered_at.data or ""
        shown = f"{clock.local(referral.discovered_at):%Y-%m-%dT%H:%M}"
        return Facts(
            discovered_at=referral.discovered_at if told == shown else local_moment(told),
            discovered_by=self.discovered_by.data or "",
            subject=self.subject.data or "",
            address=self.address.data or "",
            person_in_charge=self.person_in_charge.data or "",
            phone=self.phone.data or "",
            business=self.business.data or "",
            urgency=Urgency(self.urgency.data) if self.urgency.data in set(Urgency) else referral.urgency,
            facts=self.facts.data or "",
            scene=self.scene.data or "",
            opinion=self.opinion.data or "",
            papers=tuple((self.papers.data or "").splitlines()),
            authority=self.authority.data or "",
        )


class AddresseeForm(FlaskForm):
    """Whom an authority is reached at. `choices` come in from the page."""

    authority = SelectField(_l("Authority"), validate_choice=False)
    region = SelectField(_l("Answers for"), validate_choice=False)
    name = StringField(_l("Name of the body"), validators=[InputRequired(), Length(max=LONGEST_NAME)])
    phone = StringField(_l("Phone"), validators=[Length(max=LONGEST_NAME)])
    email = StringField(_l("E-mail"), validators=[Length(max=LONGEST_NAME)])
    web_hook = StringField(_l("Web hook"), validators=[Length(max=LONGEST_NAME)])
    organisation = SelectField(_l("Works in this product as"), validate_choice=False)


class StepForm(FlaskForm):
    """One step, with what it needs."""

    reason = TextAreaField(_l("Reason"), validators=[Length(max=LONGEST_REASON)])
    name = StringField(_l("Who said so"), validators=[Length(max=LONGEST_NAME)])


def local_moment(text: str) -> datetime:
    """A wall-clock time as a form gives it. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("Write date and time of the discovery."), field="discovered_at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(clock.DEFAULT_ZONE))

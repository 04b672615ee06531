"""Where reminders show themselves on lower features' pages."""

from flask import render_template

from app.accounts.models import Person
from app.core import clock
from app.core.roles import INSPECTORS, Role
from app.notices.models import Notice
from app.referrals.models import Referral
from app.referrals.rules import by_link
from app.reminders import queries
from app.reminders.gathering import has_consent
from app.reminders.options import channels_of
from app.reminders.rules import may_ask_again
from app.web import panels
from app.web.access import current_person


def of_start(person: Person) -> str:
    """How many wait; nothing where none does."""
    count = queries.count_mine(person.id) if person.is_any(*INSPECTORS) else 0
    return render_template("reminders/_panel_start.html", count=count) if count else ""


def of_me(person: Person) -> str:
    """The way to the list, and for administrators to the log."""
    return render_template("reminders/_panel_me.html", is_administrator=person.is_any(Role.ADMINISTRATOR))


def of_notice(notice: Notice) -> str:
    """One more reminder, where the date has passed or something was seen not to be fixed: who would hear of it."""
    person, today = current_person(), clock.today()
    if not (person.is_inspector and notice.is_issued and notice.due_on and person.region.contains(notice)):
        return ""
    facts = queries.facts_of_asking(notice, today)
    open_to_it = may_ask_again(due_on=notice.due_on, today=today, not_fixed=facts.not_fixed, told_today=False)
    if not open_to_it:
        return ""
    owner = bool(notice.premises.phone) and bool(channels_of(notice.county_id)[1]) and has_consent(notice.id)
    return render_template(
        "reminders/_panel_notice.html", notice=notice, facts=facts, to_owner=owner,
        to_lead=notice.lead_id not in (None, person.id), phone=notice.premises.phone,
    )  # fmt: skip


def of_referral(referral: Referral) -> str:
    """What its addressee was told by e-mail or web hook, or that nobody can be told."""
    if not referral.is_open or referral.is_editable:
        return ""
    told = queries.handing(referral.id)
    mail = bool(referral.to_email) and any(one.is_mail for one in channels_of(referral.county_id)[0])
    link = referral.link
    waits = link is not None and link.follows_id is None and link.used_at is None and bool(by_link(referral.status))
    return render_template(
        "reminders/_panel_referral.html", told=told, reachable=mail or bool(referral.to_web_hook), waits=waits
    )


def add() -> None:
    """Register the panels."""
    panels.add("start.page", 3, of_start)
    panels.add("me.page", 40, of_me)
    panels.add("notices.top", 20, of_notice)
    panels.add("referrals.told", 20, of_referral)

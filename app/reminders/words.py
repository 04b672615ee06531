"""What a reminder says: short, in its reader's language, with a link. Never a phone number or a person's name."""

from datetime import date, datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.core import clock
from app.core.settings import settings
from app.referrals.matters import get_matter
from app.reminders.gathering import Matter
from app.reminders.models import Subject
from app.reminders.rules import Due, Kind
from app.web.i18n import CHINESE, ENGLISH, is_chinese, say


def message(matter: Matter, due: Due, now: datetime, *, locale: str = "", to_owner: bool = False) -> tuple[str, str]:
    """Title and text in the reader's language, Chinese unless they chose."""
    with force_locale(ENGLISH if locale.startswith("en") else CHINESE):
        title = f"{heading(due.kind)} {matter.name}".strip()
        said = text(matter.subject, due, _place(matter), now, matter.limit)
        return title, f"{said}\n{link(matter, to_owner=to_owner)}"


def heading(kind: Kind) -> str:
    """What it is, in a few words."""
    return {
        Kind.BEFORE: _("The date comes near"),
        Kind.DUE: _("The date is today"),
        Kind.AFTER: _("The date has passed"),
        Kind.VERIFY: _("Waits to be looked at"),
        Kind.CLOCK: _("Limit for reporting"),
        Kind.HANDED: _("Handed over to you"),
        Kind.AGAIN: _("Not put right yet"),
    }[kind]


def text(subject: Subject, due: Due, place: str, now: datetime, limit: datetime | None = None) -> str:
    """One sentence, counted from now and not from when it could have been said."""
    if due.kind is Kind.HANDED:
        return _("%(place)s: a lead was handed over to you. Please read it, confirm and answer.", place=place)
    if due.kind is Kind.AGAIN:
        return _("%(place)s: not all is put right yet. Please see to it and reply on the page.", place=place)
    if subject is Subject.REFERRAL:
        when = clock.local(limit or now).strftime("%Y-%m-%d %H:%M")
        if limit is not None and limit < now:
            return _("%(place)s: was to be reported by %(when)s and has not gone out.", place=place, when=when)
        return _("%(place)s: to be reported by %(when)s.", place=place, when=when)
    today = clock.local(now).date()
    days, on = (due.anchor - today).days, _day(due.anchor, today)
    if due.kind is Kind.VERIFY:
        if days < 0:
            return _("%(place)s: was to be looked at by %(date)s.", place=place, date=on)
        return _("%(place)s: to be looked at by %(date)s.", place=place, date=on)
    if days > 0:
        return _("%(place)s: to be put right by %(date)s, %(days)s days left.", place=place, date=on, days=days)
    if days == 0:
        return _("%(place)s: to be put right by today, %(date)s.", place=place, date=on)
    return _("%(place)s: %(date)s passed %(days)s days ago, not all is put right.", place=place, date=on, days=-days)


def _day(day: date, today: date) -> str:
    """Without the year where it is this one, so that a phone does not break it."""
    if not is_chinese():
        return day.isoformat()
    year = f"{day.year}年" if day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日"


def link(matter: Matter, *, to_owner: bool = False) -> str:
    """The page it is about."""
    if matter.subject is Subject.REFERRAL and matter.token:
        endpoint, values = "referral_public.show", {"token": matter.token}
    elif to_owner:
        endpoint, values = "notice_public.show", {"token": matter.token}
    elif matter.subject is Subject.NOTICE:
        endpoint, values = "notices.show", {"notice_id": str(matter.id)}
    else:
        endpoint, values = "referrals.show", {"referral_id": str(matter.id)}
    return settings().public_url + current_app.url_map.bind("").build(endpoint, values)


def _place(matter: Matter) -> str:
    return matter.place if matter.subject is Subject.NOTICE else matter_title(matter.place)


def matter_title(key: str) -> str:
    """What a referral is about, without names."""
    return say(get_matter(key), "title")

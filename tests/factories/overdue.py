"""A notice of the demo county whose date has passed, and a run of the reminder command at any hour."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from app.accounts import county as decisions
from app.core import clock
from app.core.database import db, transaction
from app.notices.models import Notice
from app.referrals.models import Addressee
from app.reminders import sending
from tests.factories.visits import noticed
from tests.fixtures.demo import EATERY

FINDING = ("CAT-09", "两袋面粉直接放在地上")


def overdue_notice(app: Flask) -> Notice:
    """Issued twenty days ago; nobody replied."""
    with clock.freeze(clock.now() - timedelta(days=20)):
        return noticed(app, EATERY, FINDING)


def county_is_reached_at(app: Flask, notice: Notice, url: str, hook: str = "") -> None:
    """Staff by this channel, also at night; every authority of the county by `hook`."""
    with app.app_context(), transaction():
        assert notice.county_id is not None
        no_night = {"reminders.quiet_from": "00:00", "reminders.quiet_to": "00:00"}
        for key, value in {"reminders.staff": (url,), **no_night}.items():
            decisions.set_option(notice.county_id, key, value, by=None, now=clock.now())
        db.session.execute(update(Addressee).values(web_hook=hook))


def remind(app: Flask, send: sending.Send | None = None, minutes: int = 0) -> sending.Tally:
    """One run so many minutes from now."""
    with app.app_context(), clock.freeze(clock.now() + timedelta(minutes=minutes)):
        decisions.forget()
        return sending.run(send) if send else sending.run()


def notice_now(app: Flask, notice: Notice) -> Notice:
    with app.app_context():
        return db.session.scalars(select(Notice).where(Notice.id == notice.id)).one()

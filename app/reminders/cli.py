"""`flask reminders …`: run it every few minutes; twice or late does no harm."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.reminders import sending
from app.reminders.models import Reminder

group = AppGroup("reminders", help="Reminders of dates and limits.")


@group.command("send")
def send() -> None:
    """Say everything that is due now, each once."""
    tally = sending.run()
    click.echo(
        f"{tally.listed} new in the app, {tally.sent} sent, {tally.failed} failed, {tally.waiting} wait for their"
        f" channel, {tally.skipped} without address, {tally.uncertain} became uncertain."
    )


@group.command("list")
@click.option("--limit", type=click.IntRange(min=1, max=1000), default=50, show_default=True, help="How many rows.")
def show(limit: int) -> None:
    """Show the log, the newest first: when, what, to whom, through what, and what became of it."""
    rows = db.session.scalars(select(Reminder).order_by(Reminder.claimed_at.desc(), Reminder.id).limit(limit))
    for row in rows:
        when = clock.local(row.claimed_at).strftime("%Y-%m-%d %H:%M")
        what = f"{row.subject} {row.subject_id} {row.kind} {row.step:+d} {row.anchor}"
        click.echo(f"{when}  {row.state:<9} {row.channel:<12} {row.recipient:<36} {what} {row.why}".rstrip())

"""`flask signals …`: run it every few minutes beside the server; late or twice does no harm."""

import click
from flask.cli import AppGroup

from app.signals import running

group = AppGroup("signals", help="Signals: what recorded things say together.")


@group.command("compute")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="At most so many photos and visits.")
@click.option("--again", is_flag=True, help="All of them anew; what was found before stays as it is.")
def compute(limit: int | None, again: bool) -> None:  # noqa: FBT001 - click gives it by name
    """Look at every photo and visit that nobody has looked at yet, and again at what failed."""
    if again:
        running.forget()
    tally = running.run(limit)
    click.echo(f"{tally.looked_at} looked at, {tally.found} signals found, {tally.failed} failed.")

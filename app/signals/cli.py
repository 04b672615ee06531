"""`flask signals …`: run it every few minutes beside the server; late or twice does no harm."""

import click
from flask.cli import AppGroup

from app.signals import running

group = AppGroup("signals", help="Signals: what recorded things say together.")


@group.command("compute")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="At most so many photos and visits.")
def compute(limit: int | None) -> None:
    """Look at every photo and visit that nobody has looked at yet, and again at what failed."""
    tally = running.run(limit)
    click.echo(f"{tally.looked_at} looked at, {tally.found} signals found, {tally.failed} failed.")

"""`flask notices …`: what the calendar brings about; run it once a day."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.database import transaction
from app.notices import numbers

group = AppGroup("notices", help="Notices and their numbers.")


@group.command("release-reserved")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=numbers.LIFE.days,
    show_default=True,
    help="Numbers reserved longer ago than this and never used become void.",
)
def release_reserved(days: int) -> None:
    """Make reserved numbers that were never used void. They stay in the number register with that reason."""
    with transaction():
        released = numbers.release_unused(timedelta(days=days), clock.now())
    for row in released:
        click.echo(row.number)
    click.echo(f"{len(released)} numbers released.")

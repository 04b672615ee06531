"""`flask calendar …`: take over what the library knows."""

import click
from flask.cli import AppGroup

from app.calendar import services
from app.core import clock
from app.core.database import transaction

group = AppGroup("calendar", help="Working days.")


@group.command("fill")
def fill() -> None:
    """Write the years the library knows and the table does not. Again changes nothing; what was entered stays."""
    with transaction():
        written = services.fill(clock.now())
    click.echo(f"{written} days were written." if written else "Nothing to write: all known years are there.")

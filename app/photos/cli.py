"""`flask photos …`: compare what was received with everything before."""

import click
from flask import Blueprint
from flask.cli import AppGroup

from app.core.storage import storage
from app.photos import likeness_index  # noqa: F401 - its tables belong to the product even where nobody compares

group = AppGroup("photos", help="Received photos.")
bp = Blueprint("photos", __name__, cli_group=None)
bp.cli.add_command(group)


@group.command("likeness")
@click.option("--most", type=click.IntRange(min=1), help="Stop after so many pictures.")
def likeness(most: int | None) -> None:
    """Compare all photos that were not compared yet with all others, to know those that were used before."""
    from app.photos.likeness_work import catch_up  # brings numpy along

    click.echo(f"{catch_up(storage(), most=most)} pictures compared.")

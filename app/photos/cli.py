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
@click.option("--beside", type=int, metavar="PID", help="Go on with what arrives, as long as this server runs.")
def likeness(most: int | None, beside: int | None) -> None:
    """Compare all photos that were not compared yet with all others, to know those that were used before."""
    from app.photos import likeness_work  # brings numpy along

    if beside is not None:
        likeness_work.watch(storage(), beside=beside)
    else:
        click.echo(f"{likeness_work.catch_up(storage(), most=most)} pictures compared.")

"""`flask complaints …`: forget who complained when the time is over; change the key."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from app.complaints import services
from app.complaints.sealing import box
from app.core import clock
from app.core.database import transaction
from app.core.settings import settings

group = AppGroup("complaints", help="Complaints and who made them.")


@group.command("purge")
@click.option("--days", type=click.IntRange(min=1), help="Days after the answer; XUNCHA_COMPLAINT_DAYS by default.")
def purge(days: int | None) -> None:
    """Empty the personal data of complaints answered long ago. The case stays."""
    before = clock.now() - timedelta(days=days or settings().complaint_days)
    with transaction():
        numbers = services.purge(before, clock.now())
    for number in numbers:
        click.echo(number)
    click.echo(f"{len(numbers)} complaints purged.")


@group.command("rotate")
def rotate() -> None:
    """Lock everything anew with the first key of XUNCHA_COMPLAINT_KEY; afterwards the others can go."""
    with transaction():
        count = services.rotate(box(settings()))
    click.echo(f"{count} complaints locked with the first key.")

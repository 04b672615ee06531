"""`flask retention …`: run it each night; twice, at once or stopped half-way does no harm."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from app.core import clock, ledger
from app.core.storage import storage
from app.retention import running

PAUSE = timedelta(days=60)  # without any record: longer, and it may be the clock that is wrong
group = AppGroup("retention", help="Periods after which data is deleted.")


@group.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--clock-is-right", is_flag=True, help="Also where nothing was recorded for two months.")
def run(dry_run: bool, clock_is_right: bool) -> None:  # noqa: FBT001 - click gives them by name
    """Delete what is past its period and not on hold; each deletion is an audit event with the hash."""
    head, now = ledger.head(), clock.now()
    if head is not None and now - head.at > PAUSE and not (dry_run or clock_is_right):
        raise click.ClickException(
            f"It is {now:%Y-%m-%d}, and the last record is of {head.at:%Y-%m-%d}. A clock that is ahead would delete"
            " what is still to be kept. If the clock is right, say so: --clock-is-right"
        )
    tally = running.run(storage(), dry=dry_run, tell=click.echo)
    for kind, count in sorted(tally.gone.items()):
        if count:
            click.echo(f"{kind}: {count}")
    total, ahead = sum(tally.gone.values()), sum(tally.ahead.values())
    click.echo(f"{total} {'would be' if dry_run else 'were'} deleted; {ahead} more within 30 days.")

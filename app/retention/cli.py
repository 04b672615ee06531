"""`flask retention …`: run it each night; twice, at once or stopped half-way does no harm."""

import click
from flask.cli import AppGroup

from app.core.storage import storage
from app.retention import running

group = AppGroup("retention", help="Periods after which data is deleted.")


@group.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def run(dry_run: bool) -> None:  # noqa: FBT001 - click gives it by name
    """Delete what is past its period and not on hold; each deletion is an audit event with the hash."""
    tally = running.run(storage(), dry=dry_run, tell=click.echo)
    for kind, count in sorted(tally.gone.items()):
        if count:
            click.echo(f"{kind}: {count}")
    total, ahead = sum(tally.gone.values()), sum(tally.ahead.values())
    click.echo(f"{total} {'would be' if dry_run else 'were'} deleted; {ahead} more within 30 days.")

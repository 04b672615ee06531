"""`flask audit …`: verify what is recorded, send the chain's head to second places."""

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core import ledger
from app.core.errors import AppError, Refused
from app.core.settings import settings
from app.proof import running
from app.proof.checking import Wish
from app.proof.telling import told_of, words_of
from app.web.i18n import CHINESE, ENGLISH

group = AppGroup("audit", help="Whether records are what they were.")


@group.command("verify")
@click.option("--quick", is_flag=True, help="Files by their presence and size only, not by their bytes.")
@click.option("--since", type=click.IntRange(min=0), default=0, help="Only what came after this record.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, one on each line.")
@click.option("--language", type=click.Choice([ENGLISH, CHINESE]), default=ENGLISH, show_default=True)
def verify(quick: bool, since: int, as_json: bool, language: str) -> None:  # noqa: FBT001 - click gives them by name
    """Hold chain, database and files against each other; the service goes on.

    Status 1 where they differ, 3 while another verification runs, 4 where the machine does not allow it.
    """
    try:
        _check, result, names = running.run(Wish(quick=quick, since=since))
    except AppError as error:
        click.echo(f"{error} {error.hint}", err=True)
        sys.exit(3 if isinstance(error, Refused) else 4)
    with force_locale(language):
        for found, name in zip(result.found, names, strict=True):
            if as_json:
                said = {"level": found.level, "object": words_of(found.table, found.key, name.stored)}
                click.echo(json.dumps(asdict(found) | said, ensure_ascii=False))
            else:
                click.echo(f"{found.level}: {told_of(found, name.stored)}")
    left = sum(result.tally.counts.values()) - len(result.found)
    if left and not as_json:
        click.echo(f"… and {left} more")
    click.echo(result.verdict)
    sys.exit(1 if result.tally.differences else 0)


@group.command("anchor")
def anchor() -> None:
    """Send the head to every second place (XUNCHA_ANCHORS). Run it once a day, and after each month's papers."""
    if not settings().anchors:
        raise click.ClickException("XUNCHA_ANCHORS names no second place.")
    rows = running.anchor()
    for row in rows:
        click.echo(f"{row.place}: {row.why or 'kept'}")
    if not rows:
        click.echo("nothing was written since it was sent last")
    if any(row.why for row in rows):
        sys.exit(1)


@group.command("head")
def head() -> None:
    """Print the head: whoever writes it down can tell later whether anything before it was changed."""
    found = ledger.head()
    click.echo(f"{found.seq} {found.hash.hex()} {found.at.isoformat()}" if found else "no chain yet")

"""The pages of the audit log: what the last verification found, the head, events; verify now."""

from flask import Blueprint

from app.proof import cli, models

__all__ = ["bp", "models"]
bp = Blueprint("proof", __name__, cli_group=None)
bp.cli.add_command(cli.group)

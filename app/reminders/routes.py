"""Everybody's own list of reminders, and the administrators' log."""

from flask import Blueprint

from app.reminders import cli, options

bp = Blueprint("reminders", __name__, cli_group=None)
bp.cli.add_command(cli.group)
__all__ = ["bp", "options"]

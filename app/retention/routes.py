"""The pages of retention: periods and runs, holds, covers."""

from flask import Blueprint

from app.retention import models

__all__ = ["bp", "models"]
bp = Blueprint("retention", __name__, cli_group=None)

"""The one blueprint of retention."""

from flask import Blueprint

bp = Blueprint("retention", __name__, cli_group=None)

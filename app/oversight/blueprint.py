"""The blueprint that all routes of this feature hang on, and who reads the log."""

from flask import Blueprint

from app.core.roles import Role

bp = Blueprint("oversight", __name__)
READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)

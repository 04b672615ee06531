"""The owner's side of a notice beyond reading it."""

from flask import Blueprint

from app.replies import models

bp = Blueprint("reply_public", __name__)

__all__ = ["bp", "models"]

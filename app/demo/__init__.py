"""Invented data for a first look, and the main job played over HTTP (`python -m app.demo`)."""

from app.demo.seeding import first_day, is_there, is_unfinished, seed, sign_in_hints

__all__ = ["first_day", "is_there", "is_unfinished", "seed", "sign_in_hints"]

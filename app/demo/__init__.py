"""Invented data for a first look, and the main job played over HTTP (`python -m app.demo`)."""

from app.demo.seeding import seed, sign_in_hints

__all__ = ["seed", "sign_in_hints"]

"""The working-day calendar lives in app/calendar; this name goes when nobody asks for it any more."""

from app.calendar.days import is_working_day

__all__ = ["is_working_day"]

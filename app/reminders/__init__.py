"""Reminders: dates and clocks speak up by themselves, each once."""

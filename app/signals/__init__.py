"""Signals: what two recorded things say together, with reason and numbers. Never a verdict."""

"""Checklists: what is looked at, on what legal basis, and how a measured value is judged."""

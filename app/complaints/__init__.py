"""Complaints 投诉举报: taken by phone, at the desk or from the public form; who complained is locked away."""

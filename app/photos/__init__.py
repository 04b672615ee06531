"""Bytes become evidence: intake, EXIF, derived views, reuse index."""

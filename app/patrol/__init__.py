"""Patrol without signal: the pack a phone takes along, the pages it opens offline, the service worker."""

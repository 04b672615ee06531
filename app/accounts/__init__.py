"""People, organisations, regions, roles and certificates."""

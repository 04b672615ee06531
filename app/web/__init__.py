"""Flask glue: access, htmx, language, headers, error pages, filters. Knows no feature."""

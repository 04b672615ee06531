"""Cells of the tables that leave the product as CSV or as workbooks."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """The cell's text, which no spreadsheet takes for a formula (OWASP, CSV injection). Numbers stay as they are."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        return text
    begins = text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r"))
    return f"'{text}" if begins else text

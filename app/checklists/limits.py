"""Limits as an administrator edits them: numbers in, the stored measures out. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.checklists.measures import BadReading, parse_reading
from app.core.errors import N_


def input_name(measure: int, limit: int, side: str) -> str:
    """The name of the input for one bound."""
    return f"limit-{measure}-{limit}-{side}"


def edited_measures(
    measures: Sequence[Mapping[str, Any]], typed: Mapping[str, str]
) -> tuple[list[dict[str, Any]], str]:
    """`measures` with the bounds that were `typed`, and what is wrong with them as a msgid ("" if nothing).

    A bound that was not sent stays; an empty one is taken away; numbers stay text, so that 0.10 stays 0.10.
    """
    problem = ""
    edited = []
    for place, measure in enumerate(measures):
        limits = []
        for position, limit in enumerate(measure["limits"]):
            changed, wrong = _limit(dict(limit), place, position, typed)
            limits.append(changed)
            problem = problem or wrong
        edited.append({**measure, "limits": limits, "unsure": _unsure(measure, place, typed)})
    return edited, problem


def _unsure(measure: Mapping[str, Any], place: int, typed: Mapping[str, str]) -> bool:
    """A checkbox sends nothing when it is empty; the hidden mark beside it says that the form had it."""
    if f"measure-{place}-shown" not in typed:
        return bool(measure.get("unsure"))
    return bool(typed.get(f"measure-{place}-unsure"))


def _limit(
    limit: dict[str, Any], place: int, position: int, typed: Mapping[str, str]
) -> tuple[dict[str, Any], str]:
    for side in ("min", "max"):
        text = typed.get(input_name(place, position, side))
        if text is None:
            continue
        try:
            limit[side] = str(parse_reading(text)) if text.strip() else None
        except BadReading as error:
            return limit | {side: text}, error.message
    if not limit.get("expected") and limit["min"] is None and limit["max"] is None:
        return limit, N_("A limit needs a lower or an upper number.")
    if (
        limit["min"] is not None
        and limit["max"] is not None
        and parse_reading(limit["min"]) > parse_reading(limit["max"])
    ):
        return limit, N_("The lower number of a limit is above the upper one.")
    return limit, ""

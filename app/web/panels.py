"""Places on a lower feature's page where upper features show themselves (imports only go down)."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

Panel = Callable[[Any], str]
ManyPanel = Callable[[Sequence[Any]], Sequence[str]]


class _Entry(NamedTuple):
    order: int
    panel: Panel
    many: ManyPanel | None


_panels: dict[str, list[_Entry]] = defaultdict(list)


def add(place: str, order: int, panel: Panel, many: ManyPanel | None = None) -> None:
    """Show `panel(subject)` at `place`, such as "premises.file"; lower `order` stands higher.

    `many(subjects)` gives the same for many at once, in few reads.
    """
    entry = _Entry(order, panel, many)
    if entry not in _panels[place]:
        _panels[place].append(entry)
        _panels[place].sort(key=lambda one: one.order)


def render(place: str, subject: Any) -> Markup:
    """All panels of `place` for `subject`, in order."""
    return Markup("").join(Markup(entry.panel(subject)) for entry in _panels[place])  # noqa: S704 - panels render templates


def render_many(place: str, subjects: Sequence[Any]) -> list[Markup]:
    """The same for each of `subjects`, in their order."""
    parts = [
        entry.many(subjects) if entry.many else [entry.panel(subject) for subject in subjects]
        for entry in _panels[place]
    ]
    return [Markup("").join(Markup(part[n]) for part in parts) for n in range(len(subjects))]  # noqa: S704 - as above

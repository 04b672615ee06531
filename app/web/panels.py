"""Places on a lower feature's page where upper features show themselves (imports only go down)."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

Panel = Callable[[Any], str]
_panels: dict[str, list[tuple[int, Panel]]] = defaultdict(list)


def add(place: str, order: int, panel: Panel) -> None:
    """Show `panel(subject)` at `place`, such as "premises.file"; lower `order` stands higher."""
    if (order, panel) not in _panels[place]:
        _panels[place].append((order, panel))
        _panels[place].sort(key=lambda entry: entry[0])


def render(place: str, subject: Any) -> Markup:
    """All panels of `place` for `subject`, in order."""
    return Markup("").join(Markup(panel(subject)) for _, panel in _panels[place])  # noqa: S704 - panels render templates

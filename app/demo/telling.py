"""Invented history is told in the order of its time, so that the audit chain's clock only goes forward."""

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter

from app.core import clock
from app.core.database import transaction

Step = tuple[datetime, Callable[[], None]]  # when it happened, and what does it again


def tell(steps: Iterable[Step]) -> None:
    """Each step at its moment, in a transaction of its own."""
    for at, step in sorted(steps, key=itemgetter(0)):
        with clock.freeze(at), transaction():
            step()

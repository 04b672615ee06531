"""How kinds, states and numbers stand on a page."""

from typing import Any

from flask_babel import gettext as _

from app.core.errors import N_
from app.signals.kinds import ABOUT
from app.signals.models import Signal, State
from app.signals.rules import Kind
from app.web.i18n import translate

NO_VERDICT = N_(
    "A signal is no verdict. It names two recorded things that do not go together by themselves; most have an honest"
    " cause. Nobody is counted or ranked by signals."
)
NO_FRACTION = 100
KINDS_OF_TAG = {State.OPEN: "info", State.EXPLAINED: "ok", State.CONFIRMED: "soon"}


def title(kind: Kind) -> str:
    """What was noticed, in a few words."""
    return translate(ABOUT[kind].title)


def sentence(signal: Signal) -> str:
    """With its numbers and the threshold of that day."""
    said = {name: _spoken(number) for name, number in signal.numbers.items()}
    return translate(ABOUT[signal.kind].sentence, said)


def _spoken(number: Any) -> Any:
    """2 and not 2.0; what is a hundred or more without a fraction nobody needs."""
    if not isinstance(number, float):
        return number
    return round(number) if abs(number) >= NO_FRACTION or number.is_integer() else number


def causes(kind: Kind) -> str:
    """What honest causes it may have."""
    return translate(ABOUT[kind].causes)


def state_word(state: State) -> str:
    """A sign and a word."""
    return {
        State.OPEN: "○ " + _("Not looked at yet"),
        State.EXPLAINED: "✓ " + _("Explained"),
        State.CONFIRMED: "◆ " + _("Found to be so"),
    }[state]


def state_tag(state: State) -> str:
    """The kind of its tag."""
    return KINDS_OF_TAG[state]


def no_verdict() -> str:
    """What stands beside every signal."""
    return translate(NO_VERDICT)

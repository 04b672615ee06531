"""What a county decides about signals: each off, in shadow or shown, and its thresholds."""

import enum
from collections.abc import Mapping
from uuid import UUID

from app.accounts.county import Option, option, register
from app.core.errors import N_
from app.signals.kinds import ABOUT, About
from app.signals.rules import Kind


class Mode(enum.StrEnum):
    """How far a kind of signal goes."""

    OFF = "off"
    SHADOW = "shadow"  # computed and counted, shown to nobody
    SHOWN = "shown"


MODES = {
    Mode.OFF.value: N_("Off"),
    Mode.SHADOW.value: N_("On trial: computed and counted, shown to nobody"),
    Mode.SHOWN.value: N_("Shown to supervisors and to whoever made the visit"),
}


def _mode(about: About) -> Option:
    return Option(
        key=f"signals.{about.kind}",
        default=Mode.SHADOW.value,
        choices=MODES,
        label=about.title,
        help=N_("What changes holds for what is found from now on."),
        source="产品规则",
    )


def _limits(about: About) -> list[Option]:
    return [
        Option(
            key=f"signals.{about.kind}_{one.name}",
            default=one.default,
            least=one.least,
            most=one.most,
            label=one.label,
            unit=one.unit,
            source="产品规则",
            unsure=True,
        )
        for one in about.limits
    ]


register(*(each for about in ABOUT.values() for each in (_mode(about), *_limits(about))))


def mode_of(county_id: UUID, kind: Kind) -> Mode:
    """What the county decided for this kind."""
    return Mode(option(county_id, f"signals.{kind}"))


def limits_of(county_id: UUID, kind: Kind) -> Mapping[str, int]:
    """Its thresholds by name."""
    return {one.name: option(county_id, f"signals.{kind}_{one.name}") for one in ABOUT[kind].limits}

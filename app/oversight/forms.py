"""The choice of photos as address parameters, and the supervisor's decision as a form."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.regions import Region
from app.core.errors import N_, Invalid
from app.core.ids import read_id
from app.inspections.models import Review
from app.inspections.services import LONGEST_NOTE
from app.oversight.queries import Filters
from app.oversight.rules import MOST_CHOSEN
from app.premises.kinds import domains
from app.premises.queries import region_in

SEVERITIES = ("A", "B", "C")


def filters_from(arguments: Mapping[str, str], top: Region) -> Filters:
    """The choice that address parameters make, within `top`; nonsense in them is left out."""
    code = arguments.get("region", "")
    domain, severity = arguments.get("domain", ""), arguments.get("severity", "")
    review, notice = arguments.get("review", ""), arguments.get("notice", "")
    return Filters(
        region=(region_in(code.replace("\0", ""), top) if code else None) or top,
        since=day_of(arguments.get("from", "")),
        until=day_of(arguments.get("to", "")),
        premises_id=read_id(arguments.get("premises", "")),
        inspector_id=read_id(arguments.get("inspector", "")),
        domain=domain if domain in domains() else "",
        severity=severity if severity in SEVERITIES else "",
        on_notice={"with": True, "without": False}.get(notice),
        review=Review(review) if review in set(Review) else None,
    )


def arguments_of(filters: Filters, top: Region) -> dict[str, Any]:
    """The address parameters of a choice; what is not chosen is not there."""
    chosen = {
        "region": "" if filters.region.id == top.id else filters.region.code,
        "from": filters.since.isoformat() if filters.since else "",
        "to": filters.until.isoformat() if filters.until else "",
        "premises": filters.premises_id.hex if filters.premises_id else "",
        "inspector": filters.inspector_id.hex if filters.inspector_id else "",
        "domain": filters.domain,
        "severity": filters.severity,
        "notice": {True: "with", False: "without"}.get(filters.on_notice, "")
        if filters.on_notice is not None
        else "",
        "review": str(filters.review or ""),
    }
    return {name: value for name, value in chosen.items() if value}


def day_of(text: str) -> date | None:
    """A day of an address; None for nonsense."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def chosen(texts: list[str]) -> list[UUID]:
    """The ids ticked on the wall, each once."""
    try:
        return list(dict.fromkeys(UUID(hex=text) for text in texts[:MOST_CHOSEN]))
    except ValueError:
        raise Invalid(N_("The request has a broken id. Reload the page and try again.")) from None


class RemarkForm(FlaskForm):
    """Why a photo goes back to the one who took it."""

    remark = TextAreaField(
        _l("What the coordinator should do"),
        validators=[
            DataRequired(_l("Write what the coordinator should do.")),
            Length(max=LONGEST_NOTE, message=_l("This is too long: at most %(max)d characters.")),
        ],
    )

"""What is written down about a premises, as one value: a form or an imported row makes it, services store it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts.regions import Region
from app.core.errors import N_
from app.premises import rules
from app.premises.kinds import domains, kinds
from app.premises.models import Premises, Status

NAME_LONGEST, LINE_LONGEST, ADDRESS_LONGEST, NOTES_LONGEST = 100, 60, 200, 4000  # characters
STAFF_MOST = 100_000


@dataclass(frozen=True)
class LicenceFacts:
    """One licence; `until` is its last valid day, None for one without end."""

    name: str
    number: str = ""
    until: date | None = None


@dataclass(frozen=True)
class Facts:
    """Everything a person enters. Latitude and longitude are WGS 84 degrees."""

    name: str
    kind: str
    domains: tuple[str, ...]
    region: Region
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    person_in_charge: str = ""
    phone: str = ""
    credit_code: str = ""
    high_rise: bool = False
    staff_certificates: int | None = None
    staff_certificates_until: date | None = None
    status: Status = Status.OPEN
    notes: str = ""
    licences: tuple[LicenceFacts, ...] = ()

    @property
    def position(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    def as_record(self) -> dict[str, Any]:
        """For the audit record: JSON-ready."""
        record = {name: getattr(self, name) for name in PLAIN_FIELDS}
        until = self.staff_certificates_until
        return record | {
            "domains": list(self.domains),
            "region": self.region.code,
            "staff_certificates_until": until.isoformat() if until else None,
            "licences": [
                [licence.name, licence.number, licence.until.isoformat() if licence.until else None]
                for licence in self.licences
            ],
        }


PLAIN_FIELDS = (
    "name", "kind", "address", "latitude", "longitude", "person_in_charge", "phone", "credit_code", "high_rise",
    "staff_certificates", "status", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something wrong with one field, in words (`message` is a msgid with %(name)s places for `params`)."""

    field: str
    message: str
    params: tuple[tuple[str, Any], ...] = ()


def facts_of(premises: Premises) -> Facts:
    """What is registered now."""
    plain = {name: getattr(premises, name) for name in PLAIN_FIELDS}
    return Facts(
        **plain,
        domains=tuple(premises.domains),
        region=premises.region,
        staff_certificates_until=premises.staff_certificates_until,
        licences=tuple(LicenceFacts(row.name, row.number, row.until) for row in premises.licences),
    )


def problems_of(facts: Facts) -> list[Problem]:
    """Everything that keeps these facts from being stored."""
    found = [*_text_problems(facts), *_number_problems(facts)]
    if facts.kind not in kinds():
        found.append(Problem("kind", N_("Choose what kind of place this is.")))
    if not facts.domains or not set(facts.domains) <= set(domains()):
        found.append(Problem("domains", N_("Choose at least one domain.")))
    if facts.phone and not rules.is_phone(facts.phone):
        found.append(
            Problem("phone", N_("This is not a phone number. Example: 13800000000 or 0771-1234567."))
        )
    if facts.credit_code and not rules.is_credit_code(facts.credit_code):
        found.append(
            Problem(
                "credit_code",
                N_("This is not a credit code: it has 18 characters and the last one is a check."),
            )
        )
    return found


def _text_problems(facts: Facts) -> list[Problem]:
    limits = {
        "name": NAME_LONGEST,
        "address": ADDRESS_LONGEST,
        "person_in_charge": LINE_LONGEST,
        "notes": NOTES_LONGEST,
    }
    found = [
        Problem(
            field,
            N_("This is too long: %(length)s characters, at most %(most)s are kept."),
            (("length", len(getattr(facts, field))), ("most", most)),
        )
        for field, most in limits.items()
        if len(getattr(facts, field)) > most
    ]
    if any(
        len(licence.name) > LINE_LONGEST or len(licence.number) > LINE_LONGEST for licence in facts.licences
    ):
        found.append(Problem("licences", N_("The name or number of a licence is too long.")))
    if not rules.plain(facts.name):
        found.append(Problem("name", N_("The name is missing.")))
    return found


def _number_problems(facts: Facts) -> list[Problem]:
    found = []
    if (facts.latitude is None) != (facts.longitude is None):
        missing = "latitude" if facts.latitude is None else "longitude"
        found.append(Problem(missing, N_("A position needs both latitude and longitude.")))
    if facts.latitude is not None and not -90 <= facts.latitude <= 90:
        found.append(Problem("latitude", N_("Latitude lies between -90 and 90 degrees.")))
    if facts.longitude is not None and not -180 <= facts.longitude <= 180:
        found.append(Problem("longitude", N_("Longitude lies between -180 and 180 degrees.")))
    if facts.staff_certificates is not None and not 0 <= facts.staff_certificates <= STAFF_MOST:
        found.append(Problem("staff_certificates", N_("This is not a number of staff.")))
    return found

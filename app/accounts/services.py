"""Verbs on people, organisations and regions. They flush; routes and the command line open the transaction.

`change` is the id of the client's request (app.web.changes); its audit record keeps the same request from being
carried out twice.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app.accounts import queries, regions, rules
from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import LEVELS, Level, Region
from app.accounts.security import password_hash
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, Refused
from app.core.ids import new_id
from app.core.roles import Role

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else on paper


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """What an administrator says about a person."""

    name: str
    organisation: Organisation
    roles: Collection[Role]
    phone: str = ""
    certificate_number: str = ""
    certificate_until: date | None = None  # last valid day


@dataclass(frozen=True, kw_only=True)
class OrganisationFacts:
    """What an administrator says about an organisation."""

    name_zh: str
    region: Region
    number_prefix: str  # 南卫: stands at the front of its notice numbers
    name_en: str = ""
    phone: str = ""
    objection_to: str = ""
    id: UUID = field(default_factory=new_id)


def ensure_roles() -> dict[Role, RoleRow]:
    """The rows of all roles; those missing are added."""
    rows = {Role(row.name): row for row in db.session.scalars(select(RoleRow))}
    for role in Role:
        if role not in rows:
            rows[role] = RoleRow(name=role.value)
            db.session.add(rows[role])
    db.session.flush()
    return rows


def new_password() -> str:
    """A first password people can read aloud and type: three groups of four, about 59 random bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


def _record(
    action: str, row: Any, by: Person | None, change: UUID | None, *, before: Any = None, after: Any = None
) -> None:
    audit.record(action, row, by=by.id if by else None, change_id=change, before=before, after=after)


# ---- people


def add_person(
    facts: PersonFacts,
    *,
    login: str,
    password: str,
    by: Person | None,
    must_change: bool = True,
    change: UUID | None = None,
) -> Person:
    """A new person who signs in as `login`. Raises Invalid (field login, roles, certificate_number)."""
    name = rules.clean_login(login)
    problem = rules.login_problem(name)
    if problem:
        raise Invalid(problem, field="login")
    if db.session.scalar(select(Person.id).where(Person.login == name)):
        raise Invalid(N_("This login name is taken. Choose another one."), field="login")
    person = Person(
        id=new_id(), login=name, password=password_hash(password), active=True, fs_uniquifier=uuid4().hex,
        must_change_password=must_change, failed_sign_ins=0, created_at=clock.now(), locale="",
    )  # fmt: skip
    _set_facts(person, facts)
    db.session.add(person)
    db.session.flush()
    _record("person_added", person, by, change, after=person_state(person))
    return person


def edit_person(person: Person, facts: PersonFacts, *, by: Person | None, change: UUID | None = None) -> None:
    """Change name, phone, organisation, roles and certificate.

    Nobody moves themselves or changes their own roles, so nobody can lock the door behind them by mistake.
    """
    moved = facts.organisation.id != person.organisation_id or frozenset(facts.roles) != person.role_names
    if moved and by is not None and by.id == person.id:
        raise Refused(N_("You cannot change your own roles or organisation. Another administrator can."))
    if Role.ADMINISTRATOR in person.role_names and Role.ADMINISTRATOR not in facts.roles:
        _keep_an_administrator(person)
    before = person_state(person)
    _set_facts(person, facts)
    db.session.flush()
    after = person_state(person)
    if after != before:
        _record("person_edited", person, by, change, before=before, after=after)


def deactivate(person: Person, *, by: Person | None, change: UUID | None = None) -> None:
    """End the person's access and all their sessions. What they recorded stays theirs."""
    if by is not None and by.id == person.id:
        raise Refused(N_("You cannot deactivate yourself. Another administrator can."))
    if not person.active:
        return
    if Role.ADMINISTRATOR in person.role_names:
        _keep_an_administrator(person)
    person.active = False
    end_sessions(person)
    _record("person_deactivated", person, by, change)


def reactivate(person: Person, *, by: Person | None, change: UUID | None = None) -> None:
    """Let the person in again, with the password they had."""
    if person.active:
        return
    person.active, person.failed_sign_ins, person.locked_until = True, 0, None
    _record("person_reactivated", person, by, change)


def reset_password(person: Person, password: str, *, by: Person | None, change: UUID | None = None) -> None:
    """Give a password that must be changed at the next sign-in; ends all sessions, any lock, second step and passkeys.

    A lost phone is the usual reason, so nothing that the phone held may still open the account.
    """
    person.tf_primary_method = person.tf_totp_secret = None
    for key in person.webauthn:
        db.session.delete(key)
    person.password, person.must_change_password = password_hash(password), True
    person.failed_sign_ins, person.locked_until = 0, None
    end_sessions(person)
    _record("password_reset", person, by, change)


def change_password(person: Person, password: str) -> None:
    """The person's own new password. Ends every session, so the caller signs this browser in again."""
    problem = rules.password_problem(password, login=person.login, phone=person.phone)
    if problem:
        raise Invalid(problem, field="new_password")
    person.password, person.must_change_password = password_hash(password), False
    end_sessions(person)
    audit.record("password_changed", person, by=person.id)


def end_sessions(person: Person) -> None:
    """Every cookie names this value; a new one makes them all worthless."""
    person.fs_uniquifier = uuid4().hex
    db.session.flush()


def set_language(person: Person, locale: str) -> None:
    """Remember the language for the person's next phone."""
    if person.locale != locale:
        before, person.locale = person.locale, locale
        audit.record(
            "language_chosen", person, by=person.id, before={"locale": before}, after={"locale": locale}
        )


def _set_facts(person: Person, facts: PersonFacts) -> None:
    if not facts.roles:
        raise Invalid(N_("Choose at least one role."), field="roles")
    if facts.certificate_until and not facts.certificate_number:
        raise Invalid(
            N_("A term without a number: enter the certificate's number."), field="certificate_number"
        )
    rows = ensure_roles()
    person.name, person.phone = facts.name, facts.phone
    person.organisation_id, person.organisation = facts.organisation.id, facts.organisation
    person.certificate_number, person.certificate_until = facts.certificate_number, facts.certificate_until
    person.roles = [rows[role] for role in Role if role in facts.roles]


def _keep_an_administrator(person: Person) -> None:
    if not queries.other_active_administrators(person):
        raise Refused(N_("This is the last administrator. Make somebody else administrator first."))


def person_state(person: Person) -> dict[str, Any]:
    """What an administrator may change, JSON-ready: for the audit, and to see whether it changed."""
    return {
        "login": person.login, "name": person.name, "phone": person.phone,
        "organisation": str(person.organisation_id), "roles": sorted(person.role_names),
        "certificate_number": person.certificate_number,
        "certificate_until": person.certificate_until.isoformat() if person.certificate_until else None,
    }  # fmt: skip


# ---- organisations and regions


def add_organisation(
    facts: OrganisationFacts, *, by: Person | None, change: UUID | None = None
) -> Organisation:
    """A new organisation; its people will see the subtree of its region."""
    organisation = Organisation(id=facts.id)
    _set_organisation(organisation, facts)
    db.session.add(organisation)
    db.session.flush()
    _record("organisation_added", organisation, by, change, after=organisation_state(organisation))
    return organisation


def edit_organisation(
    organisation: Organisation, facts: OrganisationFacts, *, by: Person, change: UUID | None = None
) -> None:
    """Change an organisation. One's own keeps its region: moving it would move what one may see."""
    if facts.region.id != organisation.region_id and organisation.id == by.organisation_id:
        raise Refused(N_("You cannot move your own organisation. An administrator above it can."))
    before = organisation_state(organisation)
    _set_organisation(organisation, facts)
    db.session.flush()
    after = organisation_state(organisation)
    if after != before:
        _record("organisation_edited", organisation, by, change, before=before, after=after)


def _set_organisation(organisation: Organisation, facts: OrganisationFacts) -> None:
    organisation.name_zh, organisation.name_en = facts.name_zh, facts.name_en
    organisation.number_prefix, organisation.phone = facts.number_prefix, facts.phone
    organisation.objection_to = facts.objection_to
    organisation.place_in(facts.region)
    organisation.region = facts.region


def organisation_state(organisation: Organisation) -> dict[str, Any]:
    names = ("name_zh", "name_en", "number_prefix", "phone", "objection_to")
    return {name: getattr(organisation, name) for name in names} | {"region": str(organisation.region_id)}


def child_level(parent: Region) -> Level | None:
    """What lies directly under `parent`; None under a grid cell."""
    place = LEVELS.index(parent.level) + 1
    return LEVELS[place] if place < len(LEVELS) else None


def add_region(
    parent: Region | None,
    *,
    code: str,
    name_zh: str,
    name_en: str = "",
    by: Person | None,
    change: UUID | None = None,
) -> Region:
    """A region under `parent` (None: a county). Raises Invalid (field code) when the code is taken."""
    level = child_level(parent) if parent else Level.COUNTY
    if level is None:
        raise Refused(N_("A grid cell has nothing under it."))
    _check_code(code, None)
    region = regions.new_region(parent, level, code, name_zh, name_en)
    db.session.add(region)
    db.session.flush()
    _record("region_added", region, by, change, after=region_state(region))
    return region


def edit_region(
    region: Region, *, code: str, name_zh: str, name_en: str, by: Person, change: UUID | None = None
) -> None:
    """Rename a region. Its place in the tree stays: records lie in it."""
    _check_code(code, region)
    before = region_state(region)
    region.code, region.name_zh, region.name_en = code, name_zh, name_en
    db.session.flush()
    if region_state(region) != before:
        _record("region_edited", region, by, change, before=before, after=region_state(region))


def _check_code(code: str, region: Region | None) -> None:
    known = db.session.scalar(select(Region.id).where(Region.code == code))
    if known is not None and (region is None or known != region.id):
        raise Invalid(N_("This code belongs to another region."), field="code")


def region_state(region: Region) -> dict[str, Any]:
    return {
        "code": region.code,
        "name_zh": region.name_zh,
        "name_en": region.name_en,
        "level": region.level.value,
    }

"""Who takes a complaint on: a supervisor it is not about; where there is none, the administrators."""

from sqlalchemy import ColumnElement, exists, or_, select

from app.accounts.models import Organisation, Person, RoleRow, people_roles
from app.complaints.models import Complaint, ComplaintSubject
from app.core.database import db
from app.core.roles import Role


def no_supervisor_left() -> ColumnElement[bool]:
    """SQL about a Complaint: every active supervisor of its area is among those it is about."""
    area = or_(
        Organisation.region_id == Complaint.county_id,
        Organisation.region_id == Complaint.township_id,
        Organisation.region_id == Complaint.village_id,
        Organisation.region_id == Complaint.region_id,
    )
    about = exists().where(ComplaintSubject.complaint_id == Complaint.id, ComplaintSubject.person_id == Person.id)
    left = (
        select(Person.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .join(people_roles, people_roles.c.person_id == Person.id)
        .join(RoleRow, RoleRow.id == people_roles.c.role_id)
        .where(RoleRow.name == Role.SUPERVISOR.value, Person.active.is_(True), area, ~about)
        .correlate(Complaint)
    )
    return ~left.exists()


def falls_to_administrators(complaint: Complaint) -> bool:
    """The same of one row."""
    return bool(db.session.scalar(select(no_supervisor_left()).where(Complaint.id == complaint.id)))

"""The county's list of whom an authority is reached at."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.models import Organisation, Person
from app.accounts.regions import Region, regions_in, within
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import Role
from app.referrals import addressees
from app.referrals.addressees import Address
from app.referrals.blueprint import bp
from app.referrals.forms import AddresseeForm
from app.referrals.matters import authorities
from app.referrals.models import Addressee
from app.web.access import allow, current_person
from app.web.i18n import say, translate


@bp.get("/addressees")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
def addressee_list() -> str:
    """Every authority with who answers for it where; those without anybody say so."""
    rows = addressees.addressees_in(current_person().region)
    by_authority = {key: [row for row in rows if row.authority == key] for key in authorities()}
    return render_template("referrals/addressees.html", by_authority=by_authority, authorities=authorities())


@bp.get("/addressees/new")
@allow(Role.ADMINISTRATOR)
def new_addressee() -> str:
    """An empty form, for the authority in the address."""
    form, authority = AddresseeForm(formdata=None), request.args.get("authority", "")
    form.authority.data, form.region.data = authority, str(current_person().region.id)
    form.name.data = authorities()[authority].name_zh if authority in authorities() else ""
    return _form(form, new_id())


@bp.get("/addressees/<uuid:addressee_id>")
@allow(Role.ADMINISTRATOR)
def addressee(addressee_id: UUID) -> str:
    """One of them, to change."""
    row = addressees.get_addressee(addressee_id, current_person())
    form = AddresseeForm(formdata=None)
    for name in ("authority", "name", "phone", "email", "web_hook"):
        form[name].data = getattr(row, name)
    form.region.data, form.organisation.data = str(row.region_id), str(row.organisation_id or "")
    return _form(form, row.id, row)


@bp.post("/addressees/<uuid:addressee_id>")
@allow(Role.ADMINISTRATOR)
def save_addressee(addressee_id: UUID) -> Response | tuple[str, int]:
    """Write it down, new or known."""
    person, form = current_person(), AddresseeForm()
    known = db.session.get(Addressee, addressee_id)
    if known is not None and not person.region.contains(known):
        raise NotFound
    if not form.validate():
        return _form(form, addressee_id, known), 422
    try:
        with transaction():
            region = _region(form.region.data or "", person)
            organisation = _organisation(form.organisation.data or "", person)
            address = Address(
                form.authority.data or "", region, form.name.data or "", form.phone.data or "",
                form.email.data or "", form.web_hook.data or "", organisation,
            )  # fmt: skip
            addressees.save_addressee(addressee_id, address, by=person, now=clock.now())
    except Invalid as error:
        field = form[error.field or "name"]
        field.errors = [*field.errors, translate(error.message, error.params)]
        return _form(form, addressee_id, known), error.status
    return redirect(url_for("referrals.addressee_list"), 303)


@bp.post("/addressees/<uuid:addressee_id>/remove")
@allow(Role.ADMINISTRATOR)
def remove_addressee(addressee_id: UUID) -> Response:
    """Take it from the list."""
    person = current_person()
    with transaction():
        addressees.remove_addressee(addressees.get_addressee(addressee_id, person), by=person)
    return redirect(url_for("referrals.addressee_list"), 303)


def _form(form: AddresseeForm, addressee_id: UUID, row: Addressee | None = None) -> str:
    region = current_person().region
    bodies = db.session.scalars(
        select(Organisation).where(within(Organisation, region)).order_by(Organisation.name_zh)
    ).unique()
    form.authority.choices = [(known.key, say(known, "name")) for known in authorities().values()]
    form.region.choices = [(str(one.id), say(one, "name")) for one in regions_in(region)]
    form.organisation.choices = [("", "—"), *((str(body.id), say(body, "name")) for body in bodies)]
    return render_template("referrals/addressee.html", form=form, addressee_id=addressee_id, row=row)


def _region(text: str, person: Person) -> Region:
    try:
        found = db.session.get(Region, UUID(text))
    except ValueError:
        found = None
    if found is None or not person.region.contains(found):
        raise NotFound
    return found


def _organisation(text: str, person: Person) -> Organisation | None:
    try:
        found = db.session.get(Organisation, UUID(text)) if text else None
    except ValueError:
        raise NotFound from None
    if found is not None and not person.region.contains(found):
        raise NotFound
    return found

"""The public form: no account, no script, no cookie; nobody sees anything but what became of their own complaint."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request
from flask_limiter import RateLimitExceeded

from app.accounts.regions import Region
from app.complaints import online, photos, queries, refused, rules, services
from app.complaints.forms import PublicForm, StateForm
from app.complaints.models import Complaint
from app.complaints.options import open_counties
from app.complaints.rules import Channel, Haste
from app.complaints.sealing import Complainant, box
from app.complaints.services import Lodged
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import N_, AppError, NotFound
from app.core.ids import new_id, read_id
from app.core.settings import settings
from app.web.access import public
from app.web.i18n import say, translate
from app.web.limits import is_wrong, limiter
from app.web.strangers import OwnForm, asked_english, open_to_strangers

bp = Blueprint("complain", __name__)
WHY = "anybody may complain; a case shows only its own state, to whoever has its number and code"
TAKEN = "5 per 10 minutes; 15 per day"  # complaints from one network address
TRIES = "40 per minute"  # posts of any kind from one network address
EVERYBODY = "600 per minute"  # posts to this process
FORM = OwnForm("complain")  # made for the id the complaint will have, and when the form was shown

open_to_strangers(bp, kept=False)


def _is_taken(response: Response) -> bool:
    return response.status_code == 201


def _one() -> str:
    return "complain"


def slow_down(view: Any) -> Any:
    """Per address and over all; what is refused costs no database."""
    view = limiter.limit(TAKEN, methods=["POST"], deduct_when=_is_taken)(view)
    view = limiter.limit(TRIES, methods=["POST"])(view)
    return limiter.limit(EVERYBODY, methods=["POST"], key_func=_one)(view)


@bp.before_request
def _forget_the_address() -> None:
    """Nothing here remembers where a request came from."""
    g.anonymous = True


@bp.errorhandler(RateLimitExceeded)
def _too_many(_error: RateLimitExceeded) -> Response:
    return _refuse("address")


@bp.get("/complain")
@public(WHY)
def form() -> Response:
    """The form, or that there is none."""
    counties = _counties()
    return _page(PublicForm(formdata=None), _token(new_id()), counties)


@bp.post("/complain")
@public(WHY)
@slow_down
def lodge() -> Response:
    """Take a complaint in. The same form sent again gives the same receipt."""
    said = FORM.read(request.form.get("token", ""))
    counties = _counties()
    sent = PublicForm()
    if sent.website.data:
        return _refuse("robot", 422)
    match rules.haste(said["at"], clock.now()):
        case Haste.TOO_QUICK:
            refused.count("quick")
            words = N_("That was very quick. Please read it through once more and send it again.")
            return _page(sent, request.form["token"], counties, problem=translate(words), status=422)
        case Haste.TOO_OLD:
            words = N_("This page was open for too long. Nothing is lost: please send it again.")
            return _page(sent, _token(UUID(said["id"])), counties, problem=translate(words), status=422)
    if not sent.validate():
        return _page(sent, request.form["token"], counties, status=422)
    return _take(sent, UUID(said["id"]), counties)


def _take(sent: PublicForm, complaint_id: UUID, counties: list[Region]) -> Response:
    region, boxed = _region(sent, counties), box(settings())
    who = Complainant(
        name=sent.name.data or "", phone=sent.phone.data or "", address=sent.address.data or "",
        words=sent.words.data or "", where=sent.where.data or "",
    )  # fmt: skip
    lodged = Lodged(channel=Channel.ONLINE, region=region, complainant=who)
    is_known = db.session.get(Complaint, complaint_id) is not None
    try:
        if not is_known:
            online.refuse_crowd(region, clock.now())  # before photos are read
        pictures = [] if is_known else _pictures()
    except online.Crowded:
        return _refuse("crowded")
    except AppError as error:
        problem = translate(error.message, error.params)
        return _page(sent, request.form["token"], counties, problem=problem, status=422)
    try:
        with transaction():
            complaint = online.lodge(complaint_id, lodged, pictures, now=clock.now(), boxed=boxed)
    except online.Crowded:
        return _refuse("crowded")
    code = services.receipt_code(complaint_id, settings().secret_key)
    html = render_template(
        "complaints/receipt.html", complaint=complaint, code=code, lang=asked_english(), **_issuer(region)
    )
    return Response(html, 201)


def _pictures() -> list[bytes]:
    files = [file for file in request.files.getlist("photos") if file.filename]
    return [photos.take_in(file.stream) for file in files[: photos.MOST]]


@bp.route("/complain/state", methods=["GET", "POST"])
@public(WHY)
@limiter.limit("20 per minute", methods=["POST"], deduct_when=is_wrong)
@limiter.limit("60 per minute", methods=["POST"])
def state() -> Response:
    """What became of one's own complaint, by number and code."""
    if request.method == "POST":
        FORM.read(request.form.get("token", ""))
    counties = _counties()
    asked = StateForm()
    if request.method == "GET":
        return _state_page(StateForm(formdata=None), None, counties)
    found = queries.by_number(asked.number.data or "")
    code = "".join(sign for sign in (asked.code.data or "").upper() if sign.isalnum())
    if found is None or services.receipt_code(found.id, settings().secret_key) != code:
        return _state_page(asked, None, counties, status=404)
    return _state_page(asked, found, counties)


def _state_page(asked: StateForm, found: Complaint | None, counties: list[Region], *, status: int = 200) -> Response:
    html = render_template(
        "complaints/state.html", form=asked, found=found, token=_token(new_id()), wrong=status == 404,
        lang=asked_english(), **_issuer(counties[0]),
    )  # fmt: skip
    return Response(html, status)


def _page(sent: PublicForm, token: str, counties: list[Region], *, problem: str = "", status: int = 200) -> Response:
    areas = queries.areas_of(counties)
    html = render_template(
        "complaints/form.html", form=sent, token=token, areas=areas, problem=problem, lang=asked_english(),
        most=photos.MOST, **_issuer(counties[0]),
    )  # fmt: skip
    return Response(html, status)


def _refuse(reason: str, status: int = 429) -> Response:
    """Too much, or a program: a clear sentence and whom to call instead, counted, nothing kept."""
    refused.count(reason)
    html = render_template("complaints/refused.html", reason=reason, lang=asked_english(), **_issuer(None))
    return Response(html, status)


def _counties() -> list[Region]:
    """Where the form is open. Raises NotFound, NoKey."""
    counties = open_counties()
    if not counties:
        raise NotFound
    box(settings())
    return counties


def _region(sent: PublicForm, counties: list[Region]) -> Region:
    chosen = read_id(sent.region.data)
    return next((area for area in queries.areas_of(counties) if area.id == chosen), counties[0])


def _issuer(county: Region | None) -> dict[str, str]:
    """Who takes the complaint, and their phone."""
    if county is None:
        return {"issuer": "", "phone": ""}
    row = queries.body_of(county)
    return {"issuer": say(row, "name") if row else "", "phone": row.phone if row else ""}


def _token(complaint_id: UUID) -> str:
    return FORM.token({"id": str(complaint_id), "at": round(clock.now().timestamp() * 1000)})

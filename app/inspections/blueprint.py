"""The blueprint that the pages of a visit and its photos share."""

from flask import Blueprint

from app.premises.kinds import domain_of, kind_of
from app.web.i18n import say

bp = Blueprint("inspections", __name__)


@bp.app_template_global()
def domain_name(key: str) -> str:
    """A domain's name in the page's language."""
    return say(domain_of(key), "name")


@bp.app_template_global()
def kind_name(key: str) -> str:
    """The name of a kind of premises in the page's language."""
    return say(kind_of(key), "name")

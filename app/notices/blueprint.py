"""The blueprint that the pages of making and showing notices share, with what their templates ask."""

from flask import Blueprint

from app.notices import cli
from app.notices.kinds import all_kinds
from app.notices.models import DeliveryMethod
from app.notices.pages import unbroken
from app.web.i18n import say

bp = Blueprint("notices", __name__, cli_group=None)
bp.cli.add_command(cli.group)


bp.add_app_template_filter(unbroken)


@bp.app_template_global()
def notice_kind(key: str) -> str:
    """The name of a kind of notice in the page's language; a kind no longer in the data shows its key."""
    kind = all_kinds().get(key)
    return say(kind, "title") if kind else key


@bp.app_template_global()
def delivery_word(method: DeliveryMethod) -> str:
    """How a delivery is called."""
    from flask_babel import gettext as _

    return {
        DeliveryMethod.SIGNED: _("Signed for on the screen"),
        DeliveryMethod.REFUSED: _("Receipt refused, with a witness"),
        DeliveryMethod.LEFT: _("Left at the premises, with a witness"),
        DeliveryMethod.SENT: _("Sent, with written consent"),
        DeliveryMethod.TRIED: _("Tried in vain: nobody there, or shut"),
    }[method]

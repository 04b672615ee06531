"""Pages for strangers: whoever holds an address or a paper and has no account. No session, no script.

Nobody indexes such a page and its address does not travel on; its language is the one its address asks for.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask_babel import refresh
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app.web.i18n import CHINESE, ENGLISH
from app.web.requests import CSP

SCRIPTLESS = CSP.replace("script-src 'self'", "script-src 'none'")


def open_to_strangers(bp: Blueprint, *, kept: bool = True) -> None:
    """Make every page of `bp` a stranger's. Not `kept`: no browser stores any of it.

    The session's CSRF check is off for `bp`: each form carries an OwnForm's token, which its view checks.
    """

    @bp.record_once
    def _own_forms(state: BlueprintSetupState) -> None:
        state.app.extensions["csrf"].exempt(bp)

    @bp.before_request
    def _speak() -> None:
        """Chinese unless this address asks for English, whatever a cookie says."""
        g.locale = ENGLISH if request.args.get("lang") == ENGLISH else CHINESE
        g.for_strangers = True  # the page that says what went wrong runs no script and begins no session either
        refresh()

    @bp.after_request
    def _keep_to_itself(response: Response) -> Response:
        """A page that runs a script has said so itself before."""
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Content-Security-Policy", SCRIPTLESS)
        if not kept:
            response.headers["Cache-Control"] = "no-store"
        return response


def asked_english() -> str | None:
    """The `lang` that addresses of this page carry on."""
    return ENGLISH if g.locale == ENGLISH else None


@dataclass(frozen=True)
class OwnForm:
    """A form with a token signed by this server instead of kept in a session: it works without cookies.

    `name` keeps one form's tokens from being another's. A token does not age, so a page left open still works.
    """

    name: str

    def token(self, said: Any) -> str:
        """What the form was made for, signed; any JSON value."""
        return str(self._signer().dumps(said))

    def read(self, token: str) -> Any:
        """What the form was made for. Raises CSRFError for a form that is not ours."""
        try:
            return self._signer().loads(token)
        except BadSignature:
            raise CSRFError(f"not a form of ours: {self.name}") from None

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=self.name)

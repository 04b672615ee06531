"""What the administrator's page shows about the certificate."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.core.errors import N_
from app.seals.certificate import Seal
from app.seals.rules import Standing, ends_soon
from app.web.i18n import translate

RENEW = N_(
    "Let the operator put the renewed file in place; it counts at once. Papers made unsigned are signed when they are"
    " next printed."
)
TEXTS = {
    Standing.VALID: N_("Every paper bears the electronic signature of the issuing body."),
    Standing.DEMONSTRATION: N_(
        "This installation made a certificate for itself. It says on every paper that it is for demonstration and not"
        " an official seal."
    ),
    Standing.MISSING: N_(
        "They hold all the same: number and check code let anybody check them. The operator sets XUNCHA_SEAL_FILE and"
        " XUNCHA_SEAL_PASSPHRASE."
    ),
    Standing.UNREADABLE: N_(
        "The operator looks after XUNCHA_SEAL_FILE and XUNCHA_SEAL_PASSPHRASE: a PKCS#12 file with an RSA or elliptic"
        " curve key."
    ),
    Standing.NOT_YET: N_(
        "From its first day on papers are signed, and those made before when they are next printed."
    ),
}


@dataclass(frozen=True)
class SealPage:
    """The certificate as it stands, in words."""

    seal: Seal
    ends_soon: bool

    @property
    def worth_a_warning(self) -> bool:
        return self.ends_soon or not self.seal.signs

    @property
    def kind(self) -> str:
        if not self.seal.signs:
            return "bad"
        return "warn" if self.ends_soon or self.seal.standing is Standing.DEMONSTRATION else "ok"

    @property
    def title(self) -> str:
        if self.ends_soon:
            return _("The certificate that signs papers ends soon")
        return {
            Standing.VALID: _("Papers are signed"),
            Standing.DEMONSTRATION: _("Papers are signed for demonstration"),
            Standing.MISSING: _("Papers are made unsigned: no certificate is set"),
            Standing.UNREADABLE: _("Papers are made unsigned: the certificate cannot be read"),
            Standing.NOT_YET: _("Papers are made unsigned: the certificate is not valid yet"),
            Standing.EXPIRED: _("Papers are made unsigned: the certificate has expired"),
        }[self.seal.standing]

    @property
    def text(self) -> str:
        if self.ends_soon or self.seal.standing is Standing.EXPIRED:
            return translate(RENEW)
        return translate(TEXTS[self.seal.standing])


def seal_page(seal: Seal, now: datetime) -> SealPage:
    own = seal.certificate
    return SealPage(seal, seal.signs and own is not None and ends_soon(own.own.not_valid_after_utc, now))

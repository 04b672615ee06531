"""Passkeys as people here have them: in the phone, opened by fingerprint, face or screen lock."""

from typing import Any

from flask_security import WebauthnUtil
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


class PhoneKeys(WebauthnUtil):
    """Flask-Security asks for security keys on a cable by default, which would leave every phone out.

    The key stands in for the password, so the device must check who holds it, at adding and at signing in.
    """

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Any device that keeps the key itself; no name has to be typed, so no name can be tried out."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        return UserVerificationRequirement.REQUIRED

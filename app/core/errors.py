"""Errors people can act on. A message is an English msgid; the page translates it when it is shown."""

from typing import Any


def N_(message: str) -> str:  # noqa: N802 - the name gettext's extractors look for
    """Mark a message for translation where it is written; it is translated where it is shown."""
    return message


class AppError(Exception):
    """Something the user can understand and mostly mend.

    `message` and `hint` are msgids with %(name)s places for `params`; `hint` says what to do next.
    """

    status = 400

    def __init__(self, message: str, *, status: int | None = None, hint: str = "", **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.hint = hint
        self.params = params
        if status is not None:
            self.status = status


class Refused(AppError):
    """The state of things does not allow it (409)."""

    status = 409


class NotAllowed(AppError):
    """This person may not do that (403)."""

    status = 403


class NotFound(AppError):
    """There is no such thing, or not for this person: both look the same (404)."""

    status = 404

    def __init__(self, message: str = N_("This page does not exist, or it is not in your area."), **kw: Any) -> None:
        super().__init__(message, **kw)


class Invalid(AppError):
    """An input that cannot be taken as it is (422); `field` names the form field it belongs to."""

    status = 422

    def __init__(self, message: str, *, field: str = "", **kw: Any) -> None:
        super().__init__(message, **kw)
        self.field = field


class TooLarge(AppError):
    """More bytes than are taken (413)."""

    status = 413


class StorageFull(AppError):
    """The disk is full (507): nothing already saved is lost, the upload must wait."""

    status = 507


class AlreadyClosed(Refused):
    """A frozen or ended thing was to be changed."""

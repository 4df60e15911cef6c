"""What a caller sends about accounts: registration, log-in and the life of an account. As hub.rest.bodies."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from hub.rest.bodies import Body, left_out
from hub.rest.values import NO_NUL, Email, FullName, Language, LinkToken, Password, Phone


class Registration(Body):
    SECRETS = frozenset({"password"})
    CALLER = "email"

    email: Email
    password: Password
    phone_number: Phone
    full_name: FullName
    language: Language | None = None


class Credentials(Body):
    SECRETS = frozenset({"password"})
    CALLER = "email"

    email: Annotated[str, StringConstraints(min_length=1, max_length=254, strip_whitespace=True, pattern=NO_NUL)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class LogOut(Body):
    everywhere: bool = False


class EmailVerification(Body):
    """The link says who reads the mailbox, the password or a session whose account it is."""

    SECRETS = frozenset({"token", "password"})
    CALLER = "token"

    token: LinkToken
    password: Password = Field(
        default=None,  # type: ignore[assignment]
        description="The safe way where the call is not made by a session of the account. Another one than the "
        "account's present password becomes its password, and every session ends. With neither the address is "
        "verified and the password is not confirmed: see password_confirmed.",
    )


class ResetQuestion(Body):
    CALLER = "email"

    email: Email


class Reset(Body):
    SECRETS = frozenset({"token", "password"})
    CALLER = "token"

    token: LinkToken
    password: Password


class PasswordChange(Body):
    SECRETS = frozenset({"old", "new"})

    old: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    new: Password


class ProfileChange(Body):
    """What is left out stays."""

    full_name: FullName = left_out()
    phone_number: Phone = left_out()
    language: Language = left_out()

"""Every call of the REST contract; its documents, its routes and its series are made from this list."""

from __future__ import annotations

from hub.errors import (
    AuthError,
    Changed,
    Conflict,
    Forbidden,
    HubError,
    InProgress,
    KeyMismatch,
    Malformed,
    OutcomeUnknown,
    Overloaded,
    TooLarge,
    Unavailable,
    ValidationFailed,
)
from hub.rest import (
    account_life,
    accounts,
    blocks,
    bookings,
    days,
    floor,
    guests,
    health,
    holds,
    manage,
    paper,
    service,
    tables,
    venue,
    wait_link,
    waitlist,
)
from hub.rest.endpoint import ANYONE, ROLES, Endpoint
from hub.rest.repeats import COMMIT, KEPT

ENDPOINTS: list[Endpoint] = [
    *accounts.ENDPOINTS,
    *account_life.ENDPOINTS,
    *tables.ENDPOINTS,
    *floor.ENDPOINTS,
    *bookings.ENDPOINTS,
    *holds.ENDPOINTS,
    *blocks.ENDPOINTS,
    *service.ENDPOINTS,
    *waitlist.ENDPOINTS,
    *wait_link.ENDPOINTS,
    *guests.ENDPOINTS,
    *manage.ENDPOINTS,
    *days.ENDPOINTS,
    *paper.ENDPOINTS,
    *venue.ENDPOINTS,
    *health.ENDPOINTS,
]


def errors_of(endpoint: Endpoint) -> list[type[HubError]]:
    """Every error that a call may answer with, but for a fault of ours (internal)."""
    found: list[type[HubError]] = [*endpoint.codes]
    if endpoint.tag != "operations":
        found += [ValidationFailed, Malformed, Overloaded, Unavailable, TooLarge]
        if endpoint.method != "GET":
            found.append(OutcomeUnknown)
    if endpoint.keyed in (COMMIT, KEPT):
        found += [KeyMismatch, InProgress, Conflict]
    if endpoint.present is not None:
        found.append(Changed)
    if endpoint.who != ANYONE:
        found.append(AuthError)
    if endpoint.who in ROLES:
        found.append(Forbidden)
    return list(dict.fromkeys(found))

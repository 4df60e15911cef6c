"""Every call of the REST contract, in one list."""

from hub.rest import accounts, bookings, health, tables
from hub.rest.endpoint import Endpoint

ENDPOINTS: list[Endpoint] = [*accounts.ENDPOINTS, *tables.ENDPOINTS, *bookings.ENDPOINTS, *health.ENDPOINTS]

"""HTTP: sessions, retries, deadlines. The only room that knows `requests`."""

from kustomer_orm.transport.http import Transport
from kustomer_orm.transport.message import Answer, Request, look_up_values, shown

__all__ = ["Answer", "Request", "Transport", "look_up_values", "shown"]

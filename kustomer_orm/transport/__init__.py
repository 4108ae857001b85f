"""HTTP: sessions, budgets, retries, deadlines. The only room that knows `requests`."""

from kustomer_orm.transport.http import Transport
from kustomer_orm.transport.message import Answer, Request, look_up_values, shown
from kustomer_orm.transport.patience import Wait
from kustomer_orm.transport.retry import wait

__all__ = ["Answer", "Request", "Transport", "Wait", "look_up_values", "shown", "wait"]

"""An emulator of the Kustomer API on loopback.

It knows nothing of the rest of this package, so that its rules can judge what the rest sends.
"""

from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.couriers import Delivery, Hook
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.faults import Fault, Faults
from kustomer_orm.emulator.server import Emulator
from kustomer_orm.emulator.webhooks import Webhooks
from kustomer_orm.emulator.world import World

__all__ = [
    "Behaviour",
    "Delivery",
    "Emulator",
    "Exchange",
    "Fault",
    "Faults",
    "Hook",
    "Webhooks",
    "World",
]

"""The API's nouns: one file each, and each file is data."""

from kustomer_orm.resources.brand import Brand
from kustomer_orm.resources.company import Company
from kustomer_orm.resources.conversation import Conversation
from kustomer_orm.resources.customer import Customer, CustomerMerge
from kustomer_orm.resources.klass import Klass
from kustomer_orm.resources.kobject import KObject
from kustomer_orm.resources.queue import Queue
from kustomer_orm.resources.tag import Tag
from kustomer_orm.resources.team import Team
from kustomer_orm.resources.user import User

__all__ = [
    "Brand",
    "Company",
    "Conversation",
    "Customer",
    "CustomerMerge",
    "KObject",
    "Klass",
    "Queue",
    "Tag",
    "Team",
    "User",
]

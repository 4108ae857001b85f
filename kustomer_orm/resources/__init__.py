"""The API's nouns: one file each, and each file is data."""

from kustomer_orm.resources.conversation import Conversation
from kustomer_orm.resources.customer import Customer
from kustomer_orm.resources.user import User

__all__ = ["Conversation", "Customer", "User"]

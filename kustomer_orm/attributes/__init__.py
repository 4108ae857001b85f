"""The kinds of attributes, for classes of your own.

Standard attributes are declared with these; custom ones with `kustomer_orm.custom`.
"""

from kustomer_orm.attributes.anything import Anything
from kustomer_orm.attributes.base import Attribute
from kustomer_orm.attributes.containers import List, Object
from kustomer_orm.attributes.relations import ToMany, ToOne
from kustomer_orm.attributes.scalars import (
    Boolean,
    Choice,
    DateTime,
    Integer,
    Number,
    String,
    Url,
)

__all__ = [
    "Anything",
    "Attribute",
    "Boolean",
    "Choice",
    "DateTime",
    "Integer",
    "List",
    "Number",
    "Object",
    "String",
    "ToMany",
    "ToOne",
    "Url",
]

"""Records: what they hold, how they are found, what a save sends and what is true afterwards."""

from kustomer_orm.records.bound import Bound
from kustomer_orm.records.caching import drop
from kustomer_orm.records.calling import call, call_for_itself, included
from kustomer_orm.records.collections import Below, Collection, CollectionOfKlass
from kustomer_orm.records.core import records
from kustomer_orm.records.custom_mapping import CustomAttributes
from kustomer_orm.records.editing import Editing
from kustomer_orm.records.generic import GenericRecord
from kustomer_orm.records.querying import Page, Query
from kustomer_orm.records.record import Record
from kustomer_orm.records.results import Adjustment, Change, Plan, PlannedRequest, SaveResult
from kustomer_orm.records.resuming import resume_bulk
from kustomer_orm.records.searching import Search

__all__ = [
    "Adjustment",
    "Below",
    "Bound",
    "Change",
    "Collection",
    "CollectionOfKlass",
    "CustomAttributes",
    "Editing",
    "GenericRecord",
    "Page",
    "Plan",
    "PlannedRequest",
    "Query",
    "Record",
    "SaveResult",
    "Search",
    "call",
    "call_for_itself",
    "drop",
    "included",
    "records",
    "resume_bulk",
]

"""Records: what they hold, how they are found, what a save sends and what is true afterwards."""

from kustomer_orm.records.bound import Bound
from kustomer_orm.records.custom_mapping import CustomAttributes
from kustomer_orm.records.editing import Editing
from kustomer_orm.records.generic import GenericRecord
from kustomer_orm.records.querying import Page, Query
from kustomer_orm.records.record import Record
from kustomer_orm.records.results import Adjustment, Change, Plan, PlannedRequest, SaveResult
from kustomer_orm.records.resuming import resume_bulk

__all__ = [
    "Adjustment",
    "Bound",
    "Change",
    "CustomAttributes",
    "Editing",
    "GenericRecord",
    "Page",
    "Plan",
    "PlannedRequest",
    "Query",
    "Record",
    "SaveResult",
    "resume_bulk",
]

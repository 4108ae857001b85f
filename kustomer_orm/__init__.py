"""Active-record objects over the Kustomer REST API: load, change, save the difference."""

from kustomer_orm import attributes, custom, errors
from kustomer_orm._sentinels import MISSING, Masked
from kustomer_orm.bulk import Bulk, BulkFailure, BulkResult, Progress
from kustomer_orm.cache import CacheStats, DocumentCache
from kustomer_orm.client import Client, connect, current_client
from kustomer_orm.config import Clock
from kustomer_orm.counting import RequestCount
from kustomer_orm.records import (
    Adjustment,
    Change,
    Editing,
    GenericRecord,
    Page,
    Plan,
    PlannedRequest,
    Query,
    Record,
    SaveResult,
    resume_bulk,
)
from kustomer_orm.resources import (
    Brand,
    Company,
    Conversation,
    Customer,
    CustomerMerge,
    Klass,
    KObject,
    Queue,
    Tag,
    Team,
    User,
)
from kustomer_orm.transport import Wait

__all__ = [
    "MISSING",
    "Adjustment",
    "Brand",
    "Bulk",
    "BulkFailure",
    "BulkResult",
    "CacheStats",
    "Change",
    "Client",
    "Clock",
    "Company",
    "Conversation",
    "Customer",
    "CustomerMerge",
    "DocumentCache",
    "Editing",
    "GenericRecord",
    "KObject",
    "Klass",
    "Masked",
    "Page",
    "Plan",
    "PlannedRequest",
    "Progress",
    "Query",
    "Queue",
    "Record",
    "RequestCount",
    "SaveResult",
    "Tag",
    "Team",
    "User",
    "Wait",
    "attributes",
    "connect",
    "current_client",
    "custom",
    "errors",
    "resume_bulk",
]

"""Bulk on the wire: jobs, what becomes of their items, progress, and the collector of a client."""

from kustomer_orm.bulk.collector import Bulk
from kustomer_orm.bulk.ending import landed
from kustomer_orm.bulk.jobs import MOST_BYTES, MOST_ITEMS, Job, Jobs, Outcome, arrived
from kustomer_orm.bulk.progress import Progress, Reporter, reporter_of
from kustomer_orm.bulk.results import BulkFailure, BulkResult
from kustomer_orm.bulk.taking import check_options, named, several

__all__ = [
    "MOST_BYTES",
    "MOST_ITEMS",
    "Bulk",
    "BulkFailure",
    "BulkResult",
    "Job",
    "Jobs",
    "Outcome",
    "Progress",
    "Reporter",
    "arrived",
    "check_options",
    "landed",
    "named",
    "reporter_of",
    "several",
]

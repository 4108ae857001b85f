"""What the server said, what was done since, and the difference: the tracker.

Nothing is marked and nothing is wrapped: edits are found by comparing wire values with the
baseline when somebody asks. This floor knows no attribute kind and no record, only the `Tracked`
protocol, so it can be tested with ten lines of kinds.
"""

from kustomer_orm.changes.accept import Accepted, Answered, accept, adopt, merge
from kustomer_orm.changes.rebase import Rebased, rebase
from kustomer_orm.changes.state import Edit, Entry, Extent, State, Tracked, unchanged
from kustomer_orm.changes.wire import copy_json, holds_masked, is_masked, revision, same_json, sync

__all__ = [
    "Accepted",
    "Answered",
    "Edit",
    "Entry",
    "Extent",
    "Rebased",
    "State",
    "Tracked",
    "accept",
    "adopt",
    "copy_json",
    "holds_masked",
    "is_masked",
    "merge",
    "rebase",
    "revision",
    "same_json",
    "sync",
    "unchanged",
]

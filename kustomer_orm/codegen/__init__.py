"""A module of typed declarations from an organisation's metadata, and how far it has drifted."""

from kustomer_orm.codegen.drift import Drift, drifts_between, is_checked
from kustomer_orm.codegen.source import source_of

__all__ = ["Drift", "drifts_between", "is_checked", "source_of"]

"""Every table of the API's resources, gathered from the modules beside this one.

One module a noun, each with `TABLES`; a module that is there is in the suites. They are written
from the published contract and its prose, not from the library's declarations.
"""

from importlib import import_module
from pathlib import Path

from tests.contract.table import Table

TABLES: tuple[Table, ...] = tuple(
    table
    for path in sorted((Path(__file__).parent / "tables").glob("*.py"))
    for table in import_module(f"tests.contract.tables.{path.stem}").TABLES
)

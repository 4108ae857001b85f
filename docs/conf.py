"""How the documentation is built: `sphinx-build -n -W -b html docs docs/_build/html`.

The build needs no network and no theme of its own: MyST reads Markdown, furo draws it, autodoc
takes the reference from the docstrings. Every missing reference is an error.
"""

from importlib.metadata import version as installed_version
from typing import Any

from sphinx.application import Sphinx

from kustomer_orm import Record
from kustomer_orm.attributes import Attribute

project = "kustomer_orm"
author = "The kustomer_orm founders"
copyright = f"2026, {author}"
version = release = installed_version("kustomer_orm")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "examples"]
html_theme = "furo"
html_copy_source = False
html_title = f"kustomer_orm {release}"

# -- Markdown ------------------------------------------------------------------------------------
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

# -- Docstrings ----------------------------------------------------------------------------------
default_role = "code"  # our docstrings write `name` for code, as Markdown does
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # "Attributes:" becomes a list of fields, not a second set of entries
napoleon_attr_annotations = False  # the signature above such a list has the types
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
# -- References that nobody can resolve ----------------------------------------------------------
nitpick_ignore = [
    # Any stands at the JSON border; the name only says so.
    ("py:class", "JSON"),
    # The base of Record holds what its modules share; Record is what is documented.
    ("py:class", "kustomer_orm.records.core.Core"),
    # What `Conversation.status == "open"` gives: the guide tells what can be done with it.
    ("py:class", "kustomer_orm.criteria.Expression"),
    ("py:class", "kustomer_orm.criteria.Order"),
    # A query's own business: it is made by a class, not by hand.
    ("py:class", "kustomer_orm.records.finding.Finder"),
    ("py:class", "kustomer_orm.records.querying.Wanted"),
    # A record, or what looks like one.
    ("py:class", "kustomer_orm.attributes.relations.Linkable"),
    # A column of Django's admin: made by record_value, and used by the admin.
    ("py:class", "kustomer_orm.contrib.django.model_admin.RecordValue"),
    # Django's own.
    ("py:exc", "Http404"),
    # What the emulator's log of deliveries is made of.
    ("py:class", "kustomer_orm.emulator.answers.Answer"),
    ("py:class", "kustomer_orm.emulator.couriers.Parcel"),
    # What metadata says of an attribute: the generated modules show it.
    ("py:class", "kustomer_orm.metadata.Property"),
    # Functions of an event, what a form takes and showed: written out in the texts.
    ("py:class", "kustomer_orm.contrib.flask.extension.Handler"),
    ("py:class", "kustomer_orm.forms.tokens.Shown"),
    ("py:class", "kustomer_orm.contrib.flask.forms.FormOptions"),
    ("py:class", "kustomer_orm.contrib.flask.webhooks.EventHandlers"),
    # The four keywords of every fault are written out in the text of Fault.
    ("py:class", "kustomer_orm.emulator.faults.Where"),
]
nitpick_ignore_regex = [
    # Other projects' names: finding their pages would need the network while building.
    (r"py:class", r"(collections\.abc|contextlib|datetime|decimal|enum|os|threading|types)\..*"),
    (r"py:(class|exc)", r"(django|flask|itsdangerous|marshmallow|werkzeug|wtforms)\..*"),
    (r"py:(class|exc)", r"(HTTPException|SansIOResponse)"),
    # Type variables have no entry of their own.
    (r"py:(class|obj)", r"kustomer_orm\.[a-z_.]+\.[A-Z]"),
]


def without_factories(*event: Any) -> tuple[Any, Any]:
    """Write `...` for a dataclass's `<factory>`, which is no Python and does not parse."""
    *_, signature, returns = event
    return (signature.replace("<factory>", "...") if signature else signature), returns


def with_attributes(*event: Any) -> None:
    """Give a resource the table of its attributes, from the class itself."""
    _, what, _, obj, _, lines = event
    if what != "class" or not issubclass(obj, Record):
        return
    rows = [
        f'   ``{name}``, {type(attribute).__name__}, ``{attribute.key}``, "{written(attribute)}"'
        for name, attribute in vars(obj).items()
        if isinstance(attribute, Attribute)
    ]
    if rows:
        lines += ["", ".. csv-table::", "   :header: attribute, kind, wire key, written", "", *rows]


def written(attribute: Attribute[Any, Any]) -> str:
    """Say when the API accepts an attribute."""
    if attribute.creatable:
        return "always" if attribute.updatable else "on creation"
    return "on update" if attribute.updatable else "never"


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("autodoc-process-docstring", with_attributes)
    app.connect("autodoc-process-signature", without_factories)

"""A record in an HTML form that stays open for minutes: what web frameworks have in common.

`kustomer_orm.contrib.django` and `kustomer_orm.contrib.flask` are made of this; use it for another
framework. A form carries what its person was shown in a signed token (`token_of`). When it comes
back, the record is rebuilt on that baseline (`record_of`), takes over what the person changed
(`assign_posted`) and is saved (`save_form`): what others changed meanwhile is merged, or told field
by field.
"""

from kustomer_orm.forms.describing import described_fields
from kustomer_orm.forms.fields import FormField, fields_of
from kustomer_orm.forms.keeping import kept_properties
from kustomer_orm.forms.posting import FormError, assign_posted, shown_texts
from kustomer_orm.forms.related import options_of, related_choices
from kustomer_orm.forms.saving import Saving, save_form
from kustomer_orm.forms.sides import Sides, sides_of
from kustomer_orm.forms.texts import texts_of, value_of
from kustomer_orm.forms.tokens import MAX_AGE, Signer, record_of, token_of

__all__ = [
    "MAX_AGE",
    "FormError",
    "FormField",
    "Saving",
    "Sides",
    "Signer",
    "assign_posted",
    "described_fields",
    "fields_of",
    "kept_properties",
    "options_of",
    "record_of",
    "related_choices",
    "save_form",
    "shown_texts",
    "sides_of",
    "texts_of",
    "token_of",
    "value_of",
]

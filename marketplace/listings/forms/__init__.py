"""The shape of input: the editor's sections, the small forms of the steps, and how a draft is read into content.

Rules are not here: `reading` asks rules.content and hangs each problem on the field where it can be mended.
"""

from __future__ import annotations

from marketplace.listings.forms.reading import Reading, form_class, read, values_of
from marketplace.listings.forms.steps import ConfirmManyForm, StartForm, UploadForm

__all__ = ["ConfirmManyForm", "Reading", "StartForm", "UploadForm", "form_class", "read", "values_of"]

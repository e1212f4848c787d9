"""The pages of listings: what everybody reads, the editor, the steps, one's own lists, files, the link from a mail."""

from __future__ import annotations

from marketplace.listings.views import editor, files, mail_links, mine, public, revisions, steps
from marketplace.listings.views.blueprint import bp

__all__ = ["bp", "editor", "files", "mail_links", "mine", "public", "revisions", "steps"]

"""Reads the letters that the file backend wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit


def letters_to(folder: Path, address: str) -> list[EmailMessage]:
    """The letters to an address, oldest first."""
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
    return [letter for letter in letters if str(letter["To"]) == address]


def text_of(letter: EmailMessage) -> str:
    """Subject and plain text of a letter."""
    part = letter.get_body(("plain",))
    return f"{letter['Subject']}\n\n{part.get_content() if part is not None else ''}"


def link_in(letters: Iterable[EmailMessage], path_part: str) -> str:
    """The newest link whose path holds `path_part`, as path and query; "" when there is none."""
    for letter in reversed(list(letters)):
        for link in re.findall(r"https?://\S+", text_of(letter)):
            if path_part in link:
                parts = urlsplit(link)
                return parts.path + (f"?{parts.query}" if parts.query else "")
    return ""

"""The six digits of an authenticator app (RFC 6238), as a phone would show them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

STEP_SECONDS = 30


def code(key: str, at: float) -> str:
    """The code for a base32 key at a time in seconds."""
    clean = key.replace(" ", "").replace("-", "").upper()
    secret = base64.b32decode(clean + "=" * (-len(clean) % 8))
    digest = hmac.new(secret, struct.pack(">Q", int(at) // STEP_SECONDS), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"

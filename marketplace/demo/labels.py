"""Words of the demonstration: who may sign in, and the one thing it refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.core.labels import register_errors
from marketplace.demo import queries

register_errors(
    {"real_organisations": _l("This database holds real organisations; the demonstration is not loaded beside them.")}
)

PASSWORD = "demo-market-2026"  # noqa: S105 - printed at the start; works on a loopback address only
# Both languages in one line: a terminal has no language switch.
LOGINS = (
    ("u01", "大学（负责人） · university, owner"),
    ("editor", "大学（编辑） · university, editor"),
    ("e01", "企业（负责人） · enterprise, owner"),
    ("b01", "技术经理人 · broker"),
    ("f01", "中试与概念验证 · facility operator"),
    ("c370100", "市科技局 · city office"),
    ("admin", "省级管理员 · administrator"),
)


def login_table() -> str:
    """The log-ins as lines, the password last."""
    rows = [f"  {queries.address(key):<28} {words}" for key, words in LOGINS]
    return "\n".join([*rows, f"  password / 密码: {PASSWORD}"])

"""Numbers with their units in the reader's language: the Chinese units that people write, told in English.

A unit is free text; only its parts that are known here change, the rest stays as it was written.
"""

from __future__ import annotations

import re
from decimal import Decimal

from flask_babel import format_decimal

from marketplace.core.i18n import language

_SCALES = {"亿": 100_000_000, "万": 10_000}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# No msgids: these are not words of ours, and a Chinese reader sees what was typed.
_PARTS = {
    "次": "times",
    "倍": "times",
    "秒": "s",
    "分钟": "min",
    "小时": "h",
    "天": "days",
    "日": "days",
    "周": "weeks",
    "月": "months",
    "个月": "months",
    "年": "years",
    "毫米": "mm",
    "米": "m",
    "公里": "km",
    "亩": "mu",
    "平方米": "m²",
    "立方米": "m³",
    "升": "L",
    "克": "g",
    "公斤": "kg",
    "千克": "kg",
    "吨": "t",
    "台": "units",
    "套": "sets",
    "件": "pieces",
    "个": "pieces",
    "片": "pieces",
    "批": "batches",
    "人": "people",
}
_PER = {"days": "day", "weeks": "week", "months": "month", "years": "year", "units": "unit", "sets": "set"}
_PER |= {"pieces": "piece", "batches": "batch", "people": "person"}


def amount(value: str, unit: str, *, to: str = "") -> str:
    """12 元/m² / CNY 12/m²; with `to` a range."""
    unit = unit.strip()
    if language() == "zh":
        return f"{value}—{to} {unit}".strip() if to else f"{value} {unit}".strip()
    first, *others = unit.split("/")
    scale, name = _scale(first, value, to)
    numbers = " – ".join(_times(number, scale) for number in (value, to) if number)
    per = "".join(f"/{_PER.get(part, part)}" for part in (_part(other) for other in others))
    if name == "元":
        return f"CNY {numbers}{per}"
    return f"{numbers} {_part(name)}{per}".strip()


def _scale(unit: str, *values: str) -> tuple[int, str]:
    """万吨 is ten thousand times 吨; only numbers can be multiplied."""
    scale = _SCALES.get(unit[:1], 1)
    is_possible = len(unit) > 1 and all(_NUMBER.fullmatch(value) for value in values if value)
    return (scale, unit[1:]) if is_possible and scale > 1 else (1, unit)


def _times(value: str, scale: int) -> str:
    return value if scale == 1 else format_decimal(Decimal(value) * scale, "#,##0.##")


def _part(name: str) -> str:
    return _PARTS.get(name.strip(), name.strip())

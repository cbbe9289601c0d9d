"""The templates' filters: numbers, sizes and times as text for people."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint

NOTHING = "\N{EN DASH}"
UNITS = ("B", "KB", "MB", "GB", "TB")
TIME_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def number(value: float) -> str:
    """With thousands separators; one decimal if the value is below 100 and not whole."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def size(value: float) -> str:
    for unit in UNITS[:-1]:
        if value < 1024:
            return f"{number(value)} {unit}"
        value /= 1024
    return f"{number(value)} {UNITS[-1]}"


def age(seconds: float) -> str:
    """In the two largest units, such as 3 d 4 h."""
    rest = max(0, int(seconds))
    parts: list[str] = []
    for unit, length in TIME_UNITS:
        if rest >= length or (unit == "s" and not parts):
            parts.append(f"{rest // length} {unit}")
        rest %= length
    return " ".join(parts[:2])


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def figure(value: float | None, unit: str) -> str:
    """The same format as in plots.js."""
    if value is None:
        return NOTHING
    if unit == "bytes":
        return size(value)
    return f"{number(value)} ms" if unit == "ms" else number(value)


def init_blueprint(blueprint: Blueprint) -> None:
    filters: dict[str, Callable[..., str]] = {"number": number, "bytes": size, "age": age, "moment": moment, "figure": figure}
    for name, function in filters.items():
        blueprint.add_app_template_filter(function, name)

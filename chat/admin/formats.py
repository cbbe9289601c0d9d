"""Figures, sizes and times as a person reads them: filters of the templates."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint

NOTHING = "\N{EN DASH}"
UNITS = ("B", "KB", "MB", "GB", "TB")
SPANS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def number(value: float) -> str:
    """Thousands set apart; one decimal for what is small and not whole."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def size(value: float) -> str:
    for unit in UNITS[:-1]:
        if value < 1024:
            return f"{number(value)} {unit}"
        value /= 1024
    return f"{number(value)} {UNITS[-1]}"


def age(seconds: float) -> str:
    """The two largest units: 3 d 4 h."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, long in SPANS:
        if left >= long or (unit == "s" and not parts):
            parts.append(f"{left // long} {unit}")
        left %= long
    return " ".join(parts[:2])


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def figure(value: float | None, unit: str) -> str:
    """As the plots' script writes it."""
    if value is None:
        return NOTHING
    if unit == "bytes":
        return size(value)
    return f"{number(value)} ms" if unit == "ms" else number(value)


def init_blueprint(blueprint: Blueprint) -> None:
    filters: dict[str, Callable[..., str]] = {"number": number, "bytes": size, "age": age, "moment": moment, "figure": figure}
    for name, as_text in filters.items():
        blueprint.add_app_template_filter(as_text, name)

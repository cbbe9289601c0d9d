"""One module a measurement, each a function that takes a stage and sizes and yields rows."""

from statistics import median

from bench.load_generator import Answer
from bench.table import Row


def middle(answers: list[Answer], name: str) -> float:
    """The median of one figure over the runs."""
    return median(float(answer[name]) for answer in answers)


def all_exact(answers: list[Answer]) -> bool:
    return all(answer["exact"] for answer in answers)


def rate_row(what: str, answers: list[Answer], name: str, note: str = "", above: float | None = None) -> Row:
    """Deliveries a second: the median over the runs, and exact only if every run was."""
    value, cpu = middle(answers, name), middle(answers, "load_cpu")
    return Row(what, value, "deliveries/s", all_exact(answers), above, None, cpu, note, answers)

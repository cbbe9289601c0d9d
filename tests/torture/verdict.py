"""The verdict on a run: the checker's findings, and whether the run was hard enough to mean anything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat.audit import verification
from chat.audit.checker import Finding
from chat.audit.posters import Poster
from chat.audit.readers import Reader, Reason
from chat.audit.subscriptions import Row
from tests.torture import log_checker
from tests.torture.plan import Plan


@dataclass(frozen=True)
class Evidence:
    """Everything to compare at the end of the run."""

    head: int
    rows: Sequence[Row]
    log_ids: Sequence[int]
    readers: Sequence[Reader]
    posters: Sequence[Poster]
    injected: Counter[str] = field(default_factory=Counter)
    erased: Sequence[int] = ()
    wonders: Sequence[str] = ()  # of those who correct


def findings(evidence: Evidence) -> list[Finding]:
    """Every broken promise."""
    return [
        *log_checker.check_table([row.id for row in evidence.rows], evidence.head),
        *verification.check_posts(evidence.posters, evidence.rows),
        *log_checker.check_log(evidence.log_ids, evidence.head, evidence.erased),
        *(finding for reader in evidence.readers for finding in verification.check_reader(reader, evidence.rows, evidence.head)),
    ]


def surprises(evidence: Evidence) -> list[str]:
    """Responses that no fault explains, and readers that never got to the end."""
    return [*verification.surprises(evidence.readers, evidence.posters), *evidence.wonders]


def too_tame(evidence: Evidence, plan: Plan) -> list[str]:
    """Reasons why the run would prove nothing."""
    rooms = Counter(row.room_id for row in evidence.rows if row.recipient_id is None and row.kind == "message")
    quiet = [f"room {room}: {count} messages" for room, count in rooms.items() if count < plan.messages_a_room]
    steady = [f"{one.name}: {one.resumes} resumes" for one in evidence.readers if not one.habits.delay and one.resumes < plan.resumes_each]
    idle = [f"{one.name}: read nothing" for one in evidence.readers if not one.deliveries]
    absent = [f"{fault}: never happened" for fault in plan.faults if not evidence.injected[fault]]
    kinds = {row.kind for row in evidence.rows}
    absent += [f"nothing was {kind}" for kind in ("edited", "deleted", "reacted") if plan.correcting_pause and kind not in kinds]
    missing = [f"{len(rooms)} of {plan.rooms} rooms were used"] if len(rooms) < plan.rooms else []
    return quiet + steady + idle + absent + missing


def summary(evidence: Evidence) -> str:
    """One line for the person who ran it."""
    seen = sum(len(reader.deliveries) for reader in evidence.readers)
    resumes = sum(reader.resumes for reader in evidence.readers)
    refusals = sum(reader.reasons[reason] for reader in evidence.readers for reason in (Reason.REFUSED, Reason.ERROR))
    posts = sum(len(poster.acknowledged) for poster in evidence.posters)
    repeats = sum(poster.repeats for poster in evidence.posters)
    faults = ", ".join(f"{count} {name}" for name, count in sorted(evidence.injected.items()))
    return (
        f"{posts} posts acknowledged ({repeats} attempts repeated), head {evidence.head}, "
        f"{len(evidence.readers)} readers saw {seen} events over {resumes} resumes ({refusals} refused); "
        f"log {len(evidence.log_ids)} entries; {faults}"
    )

"""Compares what clients were told with the record. Pure: evidence in, counts and times out."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from faults.evidence import Attempt, Evidence, Follower, Post, Row

PROMPT_SECONDS = 2.0  # what takes longer is not well: a post until its answer, a delivery after the 201
ILL_SECONDS = 3.0  # a probe that says 200 while something has waited for longer than this says what is not so
NEVER = math.inf


@dataclass(frozen=True)
class Replay:
    """What a follower holds at the end, having forgotten what resets took back. Pairs of an id and a text."""

    held: frozenset[tuple[int, str]]
    withdrawn: int
    repeated: int
    reordered: int
    resets: int


@dataclass(frozen=True)
class Verdict:
    """Counts and seconds of one run; `never` is infinity. The fields are what the table's columns are made of."""

    posts: int  # accepted while the fault lasted and after
    results: dict[str, int]  # of all attempts since the fault began
    slowest_failure: tuple[float, str]  # seconds, and what it was
    longest_wait: float  # of a keyed post from the first attempt to its acceptance
    unanswered: int  # posts that were never accepted although they were sent again and again
    lost_posts: int
    lost: int
    repeated: int
    reordered: int
    phantom: int
    withdrawn: int
    resets: int
    doubled: int
    refused_but_landed: int
    behind: tuple[int, int]  # followers that did not reach the newest message, of all
    longest_silence: float
    slowest_delivery: float
    ends: dict[str, int]
    until_well: float
    well_parts: dict[str, float]
    readyz: dict[str, int]
    slowest_probe: float
    ready_while_ill: int
    ill_seconds: float
    problems: tuple[str, ...] = ()
    deliveries: int = 0
    notes: tuple[str, ...] = field(default=())


def judge(evidence: Evidence) -> Verdict:
    attempts = [attempt for post in evidence.posts for attempt in post.attempts if attempt.ended >= evidence.began]
    replays = [replay(follower) for follower in evidence.followers]
    parts = well_parts(evidence)
    ill = ill_times(evidence)
    probes = [probe for probe in evidence.probes if probe.begun >= evidence.began]
    return Verdict(
        posts=sum(attempt.accepted for attempt in attempts),
        results=dict(Counter(attempt.result for attempt in attempts)),
        slowest_failure=slowest_failure(attempts),
        longest_wait=longest_wait(evidence),
        unanswered=sum(1 for post in evidence.posts if post.key and post.attempts and not post.accepted),
        lost_posts=lost_posts(evidence),
        lost=sum(lost(follower, held.held, evidence.record) for follower, held in zip(evidence.followers, replays, strict=True)),
        repeated=sum(each.repeated for each in replays),
        reordered=sum(each.reordered for each in replays),
        phantom=sum(phantoms(each.held, evidence.record) for each in replays),
        withdrawn=sum(each.withdrawn for each in replays),
        resets=sum(each.resets for each in replays),
        doubled=doubled(evidence.posts, evidence.record),
        refused_but_landed=refused_but_landed(evidence.posts, evidence.record),
        behind=behind(evidence.followers, evidence.record),
        longest_silence=max(
            (s.seconds for f in evidence.followers for s in f.silences if s.begun + s.seconds > evidence.began), default=0.0
        ),
        slowest_delivery=slowest_delivery(evidence),
        ends=_sum(follower.ends for follower in evidence.followers),
        until_well=max(parts.values()),
        well_parts=parts,
        readyz=dict(Counter(_probe(probe.result, probe.state) for probe in probes)),
        slowest_probe=max((probe.seconds for probe in probes), default=0.0),
        ready_while_ill=sum(1 for probe in probes if probe.result == "200" and _covers(ill, probe.begun + probe.seconds)),
        ill_seconds=sum(end - begin for begin, end in ill),
        problems=tuple(dict.fromkeys(line for follower in evidence.followers for line in follower.problems)),
        deliveries=sum(len(each.held) for each in replays),
        notes=tuple(evidence.notes),
    )


def replay(follower: Follower) -> Replay:
    """A reset to a cursor makes the follower forget every event above it."""
    held: dict[int, str] = {}
    newest = withdrawn = repeated = reordered = resets = 0
    for kind, number, text, _ in follower.received:
        if kind == "reset":
            above = [each for each in held if each > number]
            withdrawn, resets, newest = withdrawn + len(above), resets + 1, min(newest, number)
            for each in above:
                del held[each]
            continue
        repeated += number in held
        reordered += number < newest
        held.setdefault(number, text)
        newest = max(newest, number)
    return Replay(frozenset(held.items()), withdrawn, repeated, reordered, resets)


def owed(follower: Follower, record: Iterable[Row]) -> set[tuple[int, str]]:
    """Messages of its rooms between its first cursor and its last: it will never ask for them again."""
    if follower.start is None or follower.cursor is None:
        return set()
    return {(row.id, row.text) for row in record if row.room in follower.rooms and follower.start < row.id <= follower.cursor}


def lost(follower: Follower, held: frozenset[tuple[int, str]], record: Iterable[Row]) -> int:
    """What it is owed and does not hold."""
    return len(owed(follower, record) - held)


def phantoms(held: frozenset[tuple[int, str]], record: Iterable[Row]) -> int:
    """What it holds and the record does not have, under this id with this text."""
    return len(held - {(row.id, row.text) for row in record})


def lost_posts(evidence: Evidence) -> int:
    """Accepted, and not in the record."""
    there = {(row.id, row.text) for row in evidence.record}
    return sum(1 for post in evidence.posts if (accepted := post.accepted) and (accepted.id, post.text) not in there)


def doubled(posts: Iterable[Post], record: Iterable[Row]) -> int:
    """Posts with a key whose text is in the record more than once."""
    counts = Counter(row.text for row in record)
    return sum(1 for post in posts if post.key and counts[post.text] > 1)


def refused_but_landed(posts: Iterable[Post], record: Iterable[Row]) -> int:
    """Posts without a key whose answer was a refusal, and that are in the record nevertheless. No answer is no refusal."""
    there = {row.text for row in record}
    return sum(1 for post in posts if post.key is None and post.text in there and any(map(_is_refusal, post.attempts)))


def _is_refusal(attempt: Attempt) -> bool:
    return attempt.status is not None and attempt.status >= 400


def behind(followers: Sequence[Follower], record: Iterable[Row]) -> tuple[int, int]:
    rows = list(record)
    stuck = [each for each in followers if (each.cursor or 0) < max((row.id for row in rows if row.room in each.rooms), default=0)]
    return len(stuck), len(followers)


def longest_wait(evidence: Evidence) -> float:
    """Of a post that is sent again until it is accepted; one that never was has waited until the end."""
    waits = [_waited(post, evidence.ended) for post in evidence.posts if post.key and post.attempts]
    return max((end - begin for begin, end in waits if end > evidence.began), default=0.0)


def _waited(post: Post, ended: float) -> tuple[float, float]:
    accepted = post.accepted
    return post.begun, accepted.ended if accepted else ended


def slowest_failure(attempts: Iterable[Attempt]) -> tuple[float, str]:
    return max(((attempt.seconds, attempt.result) for attempt in attempts if not attempt.accepted), default=(0.0, ""))


def slowest_delivery(evidence: Evidence) -> float:
    """Seconds from a 201 to the message's arrival at a follower that was there before the fault."""
    accepted = {post.text: post.accepted.ended for post in evidence.posts if post.accepted and post.accepted.ended >= evidence.began}
    present = [follower for follower in evidence.followers if not follower.late]
    return max((at - accepted[text] for one in present for _, _, text, at in one.received if text in accepted), default=0.0)


def well_parts(evidence: Evidence) -> dict[str, float]:
    """Seconds after the fault was over until posts, deliveries and probes were well, and stayed so."""
    lasts = {"posts": _last_bad_post(evidence), "followers": _last_bad_delivery(evidence), "readyz": _last_bad_probe(evidence)}
    return {name: max(0.0, last - evidence.over) for name, last in lasts.items()}


def _last_bad_post(evidence: Evidence) -> float:
    """When the last attempt began that failed or was slow; the time of a post that never was accepted has no end."""
    bad = [attempt for post in evidence.posts for attempt in post.attempts if not attempt.accepted or attempt.seconds > PROMPT_SECONDS]
    if any(post.key and post.attempts and not post.accepted for post in evidence.posts):
        return NEVER
    return max((attempt.ended for attempt in bad), default=-NEVER)


def _last_bad_delivery(evidence: Evidence) -> float:
    """When the last message arrived late, or should have arrived that never did. Never, if a follower did not reach the newest one."""
    if behind(evidence.followers, evidence.record)[0]:
        return NEVER
    accepted = {post.text: post.accepted.ended for post in evidence.posts if post.accepted}
    present = [follower for follower in evidence.followers if not follower.late]
    lates = [
        at for one in present for kind, _, text, at in one.received if kind == "event" and at - accepted.get(text, at) > PROMPT_SECONDS
    ]
    missing = [accepted[text] for one in present for _, text in owed(one, evidence.record) - replay(one).held if text in accepted]
    return max(max(lates, default=-NEVER), max(missing, default=-NEVER) + PROMPT_SECONDS)


def _last_bad_probe(evidence: Evidence) -> float:
    bad = [probe.begun + probe.seconds for probe in evidence.probes if probe.result != "200" or probe.seconds > PROMPT_SECONDS]
    return max(bad, default=-NEVER)


def ill_times(evidence: Evidence) -> list[tuple[float, float]]:
    """When a post had waited for an answer, or an accepted message for its delivery, for longer than ILL_SECONDS; since the fault began."""
    waits = [_waited(post, evidence.ended) for post in evidence.posts if post.key and post.attempts]
    waits += _delivery_waits(evidence)
    late = [(begin + ILL_SECONDS, end) for begin, end in waits if end - begin > ILL_SECONDS]
    return _union([(max(begin, evidence.began), end) for begin, end in late if end > evidence.began])


def _delivery_waits(evidence: Evidence) -> list[tuple[float, float]]:
    """From a 201 to the last follower that is owed the message; to the end, if one never got it."""
    arrived: dict[str, float] = {}
    counts: Counter[str] = Counter()
    present = [follower for follower in evidence.followers if not follower.late]
    for follower in present:
        for kind, _, text, at in follower.received:
            if kind == "event":
                arrived[text] = max(arrived.get(text, 0.0), at)
                counts[text] += 1
    audience = Counter(room for follower in present for room in follower.rooms)
    texts = {row.text for row in evidence.record}
    answered = [(post, accepted) for post in evidence.posts if (accepted := post.accepted) and post.text in texts]
    return [
        (accepted.ended, arrived.get(post.text, evidence.ended) if counts[post.text] >= audience[post.room] else evidence.ended)
        for post, accepted in answered
    ]


def _union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _covers(spans: Sequence[tuple[float, float]], moment: float) -> bool:
    place = bisect_left(spans, (moment, NEVER)) - 1
    return place >= 0 and spans[place][0] <= moment <= spans[place][1]


def _probe(result: str, state: str) -> str:
    return f"{result} {state}".strip() if result != "200" else result


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)

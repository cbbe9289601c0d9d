"""The audit's checker finds every kind of broken promise, and nothing in an exact reading."""

import pytest

from chat.audit.checker import (
    Fault,
    Finding,
    Reading,
    check_acknowledged,
    check_posted_once,
    check_reading,
    check_texts,
)
from tests.torture.log_checker import check_log, check_table

LOBBY = [2, 3, 5, 8, 9]  # ids of the lobby's messages: the others belong to rooms alice does not read
COMMITTED = {2: "hi", 3: "you", 5: "there"}


def alice_saw(*ids: int, start: int = 0, end: int = 9) -> list[Finding]:
    return check_reading(Reading("alice", start, end, ids), LOBBY)


def faults(findings: list[Finding]) -> dict[Fault, tuple[int, ...]]:
    return {finding.fault: finding.ids for finding in findings}


def test_an_exact_reading_has_no_findings() -> None:
    assert alice_saw(2, 3, 5, 8, 9) == []


def test_a_reader_is_owed_only_what_lies_between_its_cursors() -> None:
    assert alice_saw(5, 8, start=3, end=8) == []


def test_a_lost_event_is_found() -> None:
    assert faults(alice_saw(2, 3, 8, 9)) == {Fault.LOST: (5,)}


def test_a_reader_that_saw_nothing_lost_everything() -> None:
    assert faults(alice_saw()) == {Fault.LOST: tuple(LOBBY)}


def test_a_repeated_event_is_found() -> None:
    assert faults(alice_saw(2, 3, 3, 5, 8, 9)) == {Fault.REPEATED: (3,)}


def test_a_reordered_event_is_found() -> None:
    assert faults(alice_saw(2, 5, 3, 8, 9)) == {Fault.REORDERED: (3,)}


def test_a_page_sent_again_is_repeated_and_out_of_order() -> None:
    assert faults(alice_saw(2, 3, 5, 2, 3, 5, 8, 9)) == {Fault.REPEATED: (2, 3, 5), Fault.REORDERED: (2,)}


def test_an_event_of_another_room_is_foreign() -> None:
    assert faults(alice_saw(2, 3, 4, 5, 8, 9)) == {Fault.FOREIGN: (4,)}


def test_an_event_from_before_the_cursor_is_foreign() -> None:
    assert faults(alice_saw(3, 5, 8, 9, start=3)) == {Fault.FOREIGN: (3,)}


def test_a_text_that_differs_from_the_committed_one_is_altered() -> None:
    assert faults(check_texts("alice", [(2, "hi"), (3, "YOU")], COMMITTED)) == {Fault.ALTERED: (3,)}


def test_an_acknowledged_post_that_is_not_in_the_table_is_uncommitted() -> None:
    assert faults(check_acknowledged([(2, "hi"), (7, "lost")], COMMITTED)) == {Fault.UNCOMMITTED: (7,)}


def test_two_posts_acknowledged_with_one_id_are_found() -> None:
    assert faults(check_acknowledged([(2, "hi"), (2, "hi")], COMMITTED)) == {Fault.REPEATED: (2,)}


def test_a_retry_that_was_committed_again_is_found() -> None:
    assert faults(check_posted_once({2: "hi", 3: "you", 5: "hi"})) == {Fault.REPEATED: (2, 5)}


def test_a_dense_table_has_no_findings() -> None:
    assert check_table([1, 2, 3], head=3) == []


@pytest.mark.parametrize("ids", [[2, 3], [1, 3], [1, 2]])
def test_a_gap_in_the_table_is_found(ids: list[int]) -> None:
    assert faults(check_table(ids, head=3)) == {Fault.GAP: tuple({1, 2, 3} - set(ids))}


def test_the_ids_of_a_removed_room_are_no_gap() -> None:
    assert check_table([1, 3], head=3, removed={2}) == []
    assert check_log([1, 3], head=3, removed={2}) == []


def test_a_log_may_begin_anywhere_below_the_head() -> None:
    assert check_log([7, 8, 9], head=9) == []


def test_a_hole_in_the_log_is_found() -> None:
    assert faults(check_log([5, 7, 9], head=9)) == {Fault.GAP: (6, 8)}


def test_a_log_that_does_not_reach_the_head_is_behind() -> None:
    assert faults(check_log([5, 6], head=8)) == {Fault.BEHIND: (7, 8)}


def test_an_empty_log_is_behind_unless_nothing_was_ever_said() -> None:
    assert faults(check_log([], head=8)) == {Fault.BEHIND: (8,)}
    assert check_log([], head=0) == []


def test_a_log_entry_that_was_never_committed_is_found() -> None:
    assert faults(check_log([8, 9], head=8)) == {Fault.UNCOMMITTED: (9,)}


def test_a_finding_names_its_reader_and_the_first_ids() -> None:
    finding = check_reading(Reading("bob", 0, 100, ()), range(1, 21))[0]
    assert str(finding) == "bob: lost 1, 2, 3, 4, 5, 6, 7, 8 and 12 more"

"""Whose turn it is."""

from cango_ops.base.switchboard.call import Call, Limits
from cango_ops.base.switchboard.turns import Group, Turns


def call(name: str, group: str) -> Call:
    return Call(name, "127.0.0.1", 1, lambda: iter(()), group=group)


def turns(at_once: int, per_group: int, *names: str) -> Turns:
    made = Turns(Limits(at_once=at_once, at_once_per_group=per_group), open_at_most=100)
    for name in names:
        made.add(call(name, name[0]))
    return made


def taken(made: Turns) -> dict[str, Group]:
    """The names of all that may begin now."""
    begun = {}
    while turn := made.next():
        begun[turn[0].key] = turn[1]
    return begun


def test_groups_begin_in_the_order_in_which_they_were_added() -> None:
    assert list(taken(turns(9, 9, "b1", "b2", "a1", "a2"))) == ["b1", "b2", "a1", "a2"]


def test_full_group_lets_the_next_one_begin() -> None:
    assert list(taken(turns(9, 2, "a1", "a2", "a3", "b1", "b2", "b3"))) == ["a1", "a2", "b1", "b2"]


def test_place_given_back_goes_to_the_earliest_group_that_waits() -> None:
    made = turns(3, 2, "a1", "a2", "a3", "b1", "b2")
    begun = taken(made)

    made.ended(begun["a1"])

    assert list(taken(made)) == ["a3"]


def test_place_of_a_full_house_is_not_given_twice() -> None:
    made = turns(2, 2, "a1", "a2", "b1")
    begun = taken(made)

    assert list(begun) == ["a1", "a2"]
    assert made.next() is None
    assert (made.active, made.waiting) == (2, 1)


def test_call_added_while_its_group_is_under_way_has_its_turn() -> None:
    made = turns(9, 9, "a1")
    taken(made)

    made.add(call("a2", "a"))

    assert list(taken(made)) == ["a2"]


def test_forgetting_leaves_what_has_begun() -> None:
    made = turns(1, 1, "a1", "a2", "b1")
    begun = taken(made)

    assert made.forget_waiting() == 2
    assert made.next() is None
    made.ended(begun["a1"])
    assert (made.active, made.under_way, made.waiting) == (0, 0, 0)


def test_call_that_made_room_gives_no_second_place_back() -> None:
    made = turns(9, 1, "a1", "a2", "a3")
    begun = taken(made)

    made.make_room(begun["a1"])
    begun |= taken(made)
    made.ended(begun["a1"], counts=False)

    assert list(begun) == ["a1", "a2"]
    assert made.next() is None
    assert (made.active, made.under_way) == (1, 1)

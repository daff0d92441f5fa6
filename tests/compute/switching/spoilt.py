"""Puts something odd into a random place of a document, or takes something away."""

from hypothesis import strategies as st

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
)


def spoil(case, data):
    """Walks down to a random place and puts something odd there, or takes it away."""
    here = case
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        below = here[key]
        if not isinstance(below, (dict, list)) or not below or data.draw(st.integers(0, 3)) == 0:
            break
        here = below
    if data.draw(st.booleans()):
        del here[key]
    else:
        here[key] = data.draw(ODD)
    return case

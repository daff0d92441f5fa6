"""The one error of the verbs: what was asked for is not done, and why."""


class Refused(Exception):
    """In words, for whoever asked. is_right: it is the asker's right that lacks, not the thing that is wrong."""

    def __init__(self, why: str, *, is_right: bool = False) -> None:
        super().__init__(why)
        self.is_right = is_right


def by_now(state: str, reason: str) -> Refused:
    """Somebody was first: what it is by now, and why where that was written down."""
    return Refused(f"it is {state} by now" + (f" ({reason})" if reason else ""))

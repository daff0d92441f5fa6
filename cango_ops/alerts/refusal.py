"""Why a deed was not done, in words for the person who asked."""


class Refused(Exception):
    """is_right: it is not theirs to do; else it cannot be done as things stand."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right

"""A process that ends between two statements."""


class Lost(Exception):
    """The process ends here."""


def crash_at(number):
    """A wrapper of the connection under which the statement of this number, counted from 0, is never sent."""
    seen = [0]

    def wrap(execute, sql, params, many, context):
        seen[0] += 1
        if seen[0] == number + 1:
            raise Lost
        return execute(sql, params, many, context)

    return wrap

"""Dividing a whole number by weights so that nothing is lost. Pure."""


def shares(total: int, weights: list[float]) -> list[int]:
    """`total` split in proportion to `weights`, largest remainders first; the parts add up to `total`.

    Where there are enough, every weight above zero gets at least one.
    """
    present = sum(1 for weight in weights if weight > 0)
    floor = 1 if total >= present else 0
    spare = total - floor * present
    whole = sum(weights)
    exact = [spare * weight / whole for weight in weights]
    parts = [int(value) + (floor if weight > 0 else 0) for value, weight in zip(exact, weights, strict=True)]
    by_remainder = sorted(range(len(weights)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts

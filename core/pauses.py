"""How long the parts of the machine wait before they try again."""

REST_S = 5.0
LONGEST_S = 60.0


def back_off_s(attempt: int) -> float:
    """1, 2, 4, ... seconds for attempt 0, 1, 2, ..., a minute at most."""
    return min(LONGEST_S, 2.0 ** min(attempt, 10))

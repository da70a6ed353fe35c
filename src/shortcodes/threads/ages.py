"""Dates, and how long ago they are."""

from datetime import UTC, datetime, timedelta

from ..errors import quoted


def read_moment(text: str) -> datetime:
    """Return a date of ISO 8601 in UTC. One without an offset is in UTC, as those of Lemmy before 0.19 are.

    >>> read_moment("2024-11-22T01:30:00+01:30")
    datetime.datetime(2024, 11, 22, 0, 0, tzinfo=datetime.timezone.utc)

    Raises `ValueError`, with an example, for what is no date.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:  # OverflowError: an offset that leads out of the calendar
        raise ValueError(f"{quoted(text)} is no date; '2024-11-22T09:30:00Z' is one") from error


def age(moment: datetime, now: datetime) -> str:
    """Say how long ago something was, in its largest unit, rounded down.

    >>> age(read_moment("2021-08-21"), read_moment("2024-11-22"))
    '3 years ago'
    >>> age(read_moment("2024-11-22T09:02"), read_moment("2024-11-22T09:00"))
    'in 2 minutes'
    """
    earlier, later = sorted((moment, now.astimezone(UTC)))
    count, unit = _largest(earlier, later)
    if not count:
        return "just now"
    span = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{span} ago" if moment <= now else f"in {span}"


def _largest(earlier: datetime, later: datetime) -> tuple[int, str]:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if (later.day, later.time()) < (earlier.day, earlier.time()):
        months -= 1
    span = later - earlier
    for count, unit in (
        (months // 12, "year"),
        (months, "month"),
        (span.days, "day"),
        (span // timedelta(hours=1), "hour"),
        (span // timedelta(minutes=1), "minute"),
    ):
        if count > 0:
            return count, unit
    return 0, ""

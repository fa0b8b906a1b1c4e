"""What a schema cannot say of a query that is right: which parameters go together, and which names are time zones.

Only queries that are meant to be right are mended; those that are meant to be wrong are sent as they are.
"""

from datetime import datetime, timezone
from zoneinfo import available_timezones

import schemathesis

ZONES = available_timezones()


def instant(text):
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def mend_range(query):
    """The beginning comes before the end."""
    first, last = instant(query.get("from")), instant(query.get("to"))
    if first and last and first >= last:
        query["from"], query["to"] = query["to"], query["from"]
        if first == last:
            del query["to"]


def mend_place(query):
    """South is not north of north, and a radius is around something."""
    corners = str(query.get("bbox", "")).split(",")
    if len(corners) == 4:
        west, south, east, north = corners
        south, north = sorted((south, north), key=float)
        query["bbox"] = ",".join((west, south, east, north))
    if "near" not in query:
        query.pop("radius", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    query = case.query
    if not query or case.meta is None or case.meta.generation.mode.is_negative:
        return
    if query.get("tz") and query["tz"] not in ZONES:
        query["tz"] = "Europe/Madrid"
    mend_range(query)
    mend_place(query)

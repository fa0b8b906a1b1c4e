"""Corrects what a schema cannot express about a valid query: the parameters that go together, and the names of parameters and zones.

Only queries that are meant to be valid are corrected. Others are sent as they are.
"""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import schemathesis

ZONES = available_timezones()
CODES = {"so2", "no2", "co", "o3", "pm10", "pm2_5", "temperature"}


def instant(text, zone):
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=zone)


def correct_parameters(query):
    """A parameter has a code of the vocabulary, and one of its two names."""
    if "parameter" in query:
        query.pop("pollutant", None)
    for name in ("parameter", "pollutant"):
        value = query.get(name)
        codes = value if isinstance(value, list) else str(value).split(",")
        if value is not None and not set(codes) <= CODES:
            query[name] = ["no2"]


def correct_range(query):
    """The beginning comes before the end; a date begins by the clocks of the zone. The last hours have neither."""
    if "last" in query:
        query.pop("from", None)
        query.pop("to", None)
    if any(str(query.get(name)).startswith("-") for name in ("from", "to")):
        query.pop("to", None)
    if query.get("tz") and query["tz"] not in ZONES:
        query["tz"] = "Europe/Madrid"
    zone = ZoneInfo(query.get("tz") or "UTC")
    first, last = instant(query.get("from"), zone), instant(query.get("to"), zone)
    if first and last and first >= last:
        query["from"], query["to"] = query["to"], query["from"]
        if first == last:
            del query["to"]


def correct_averages(query):
    """What describes averages stands beside `every`; an index makes its own running means."""
    if "index" in query:
        query.pop("running", None)
        if query.get("every") not in (None, "1h", "1d"):
            query["every"] = "1d"
        if "stat" in query:
            query["stat"] = "mean"
        if str(query.get("format")).startswith("ngsi-ld"):
            query["format"] = "json"
        if query["index"] == "ca-aqhi":
            query["every"] = "1h"
        if query.get("interval") == "1d":
            query["interval"] = "1h"
    elif "every" not in query:
        for name in ("stat", "running", "interval", "capture"):
            query.pop(name, None)
    if query.get("stat") in ("max8h", "somo35"):
        query["stat"] = "mean"
    if "running" in query:
        query["every"], query["stat"] = "1h", "mean"
    if query.get("interval") == "1d" and query.get("every") in (None, "1h", "8h"):
        query["interval"] = "1h"


def correct_profile(query, path):
    """The rows of a profile have no time: they are all rows, and of formats without times."""
    if query.get("every") not in ("hour-of-day", "weekday", "month-of-year"):
        return
    is_text = query.get("format", "json") in ("json", "records", "columns", "ndjson", "csv", "csv-safe")
    if path == "/v1/latest" or not is_text:
        query["every"] = "1d"
    for name in ("cursor", "limit", "order"):
        query.pop(name, None)


def correct_units(query):
    """Particles and temperatures have no parts per billion, counts have no other unit, and ngsi-ld states none."""
    if "units" not in query:
        return
    for name in ("parameter", "pollutant"):
        if name in query:
            query[name] = ["no2"]
    if query.get("stat") == "count":
        query["stat"] = "mean"
    if query.get("format") == "ngsi-ld":
        query["format"] = "json"


def correct_page(query):
    """The form of the page sends empty values, and one parameter by one of its names. An index has its own averages."""
    if query.get("parameter"):
        query.pop("pollutant", None)
    for name in ("parameter", "pollutant"):
        if query.get(name, "") not in CODES | {""}:
            query[name] = "no2"
    if query.get("index") and query.get("every") not in (None, "", "1h", "1d"):
        query["every"] = "1d"
    if query.get("index") == "ca-aqhi" and query.get("every"):
        query["every"] = "1h"
    if query.get("index") and query.get("stat"):
        query["stat"] = "mean"


def correct_chart(query):
    """A calendar is of the days of one parameter, and only a calendar has a level."""
    if query.get("view") != "calendar":
        query.pop("level", None)
        return
    for name in ("running", "pollutant", "index"):
        query.pop(name, None)
    query.update(every="1d", stat="mean", parameter=["no2"])


def correct_place(query):
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
    correct_range(query)
    if case.operation.path == "/":
        correct_page(query)
    else:
        correct_parameters(query)
        correct_averages(query)
        correct_profile(query, case.operation.path)
        correct_units(query)
        correct_chart(query)
    correct_place(query)

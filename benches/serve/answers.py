"""The three answers that are served, the days that are asked for without a cache, and whether all give the same."""

import datetime
import gzip
import json
import os
import sys
import urllib.request

STATIONS = ["aq_alhambra", "aq_castellana", "aq_gracia", "aq_malagueta", "aq_montjuic"]
STATIONS += ["aq_pilar", "aq_retiro", "aq_rivas", "aq_salvia", "aq_triana"]
# How many stations, and how much time of them.
SIZES = {
    "1 KB": (1, datetime.timedelta(minutes=45)),
    "20 KB": (1, datetime.timedelta(days=1)),
    "200 KB": (10, datetime.timedelta(days=1)),
}
DAYS = [datetime.datetime(2016, 10, 2) + datetime.timedelta(days=day) for day in range(360)]


def instant(time):
    return time.isoformat(timespec="milliseconds") + "Z"


def target(size, day=DAYS[0]):
    """The query of an answer of this size, as path and query of its URL."""
    count, time = SIZES[size]
    stations = "&".join(f"station={station}" for station in STATIONS[:count])
    return f"/v1/air_quality?{stations}&from={instant(day)}&to={instant(day + time)}"


def file_of(size):
    """Where a server of files has the answer."""
    return "/" + size.replace(" ", "") + ".json"


def fetch(url, headers=None):
    """What comes over the wire, and whether it is compressed."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=30) as answer:
        return answer.read(), answer.headers.get("Content-Encoding") == "gzip"


def get(url, headers=None):
    body, compressed = fetch(url, headers)
    return gzip.decompress(body) if compressed else body


def write_files(base, folder):
    """What airq answers as files, plain and compressed, for those who serve files."""
    os.makedirs(folder, exist_ok=True)
    for size in SIZES:
        for ending, headers in (("", {}), (".gz", {"Accept-Encoding": "gzip"})):
            with open(folder + file_of(size) + ending, "wb") as file:
                file.write(fetch(base + target(size), headers)[0])


def write_targets(size, path):
    """A target a day, as wrk's script reads them."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("return {\n" + "".join(f'  "{target(size, day)}",\n' for day in DAYS) + "}\n")


def check(contenders, reference):
    """Ends the run unless every contender gives what the reference does, number for number."""
    for contender in contenders:
        for size in SIZES:
            days = DAYS[:3] if contender.varied else DAYS[:1]
            for day in days:
                expected = json.loads(get(reference + target(size, day)))
                given = json.loads(get(contender.url(size, day), contender.headers))
                if given != expected:
                    sys.exit(f"{contender.name} gives another answer of {size}, {day}: {str(given)[:300]} …")

"""Measures the services in turn, round by round, and writes docs/serve.md."""

import contextlib
import os
import re
import sys
import tempfile
import time

import answers
import load
import report
import services

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS_EACH", "2"))
CONNECTIONS = [int(number) for number in os.environ.get("CONNECTIONS", "32,64").split(",")]
MEMORY_REQUESTS = int(os.environ.get("MEMORY_REQUESTS", "1000000"))
SIZES = os.environ.get("SIZES", ",".join(answers.SIZES)).split(",")
ONLY = os.environ.get("ONLY", "")
BASELINE = os.environ.get("BASELINE")
GZIP = {"Accept-Encoding": "gzip"}


class Contender:
    """A service asked in one way."""

    def __init__(self, name, service, headers=None, files=False, varied=False):
        self.name, (self.base, self.pid), self.headers = name, service, headers or {}
        self.files, self.varied = files, varied

    def url(self, size, day=answers.DAYS[0]):
        return self.base + (answers.file_of(size) if self.files else answers.target(size, day))


def contenders(start, redis):
    """All that are measured, the first of them the reference."""
    memory = start.airq("airq-memory", "memory:")
    answers.write_files(memory[0], os.path.join(start.folder, "answers"))
    logging, bare, nginx = start.airq("airq-logging", "memory:", "info"), start.bare(), start.nginx()
    before = []
    if BASELINE:
        before.append(Contender("baseline, memory", start.airq("baseline-memory", "memory:", program=BASELINE)))
        uncached = start.airq("baseline-uncached", "none:", program=BASELINE)
        before.append(Contender("baseline, uncached", uncached, varied=True))
    only_redis = start.airq("airq-redis", f"{redis}?memory=0")
    return [
        Contender("airq, memory", memory),
        Contender("airq, memory, access log on", logging),
        Contender("airq, memory, gzip", memory, GZIP),
        Contender("airq, Redis only", only_redis),
        Contender("airq, Redis only, gzip", only_redis, GZIP),
        Contender("bare tiny_http", bare, files=True),
        Contender("nginx, file", nginx, files=True),
        Contender("nginx, file, gzip", nginx, GZIP, files=True),
        Contender("Flask, Redis", start.flask("flask-redis")),
        Contender("airq, uncached", start.airq("airq-uncached", "none:"), varied=True),
        Contender("Flask, uncached, dicts", start.flask("flask-dicts", "dicts", "off"), varied=True),
        Contender("Flask, uncached, orjson", start.flask("flask-orjson", "orjson", "off"), varied=True),
        Contender("Flask, uncached, json_agg", start.flask("flask-sql", "sql", "off"), varied=True),
        *before,
    ]


def race(entered, folder):
    """Runs of each contender by size and connections."""
    runs = {}
    for number in range(ROUNDS):
        for size in SIZES:
            for connections in CONNECTIONS:
                for contender in entered:
                    load.settle()
                    run = load.wrk(contender, size, connections, SECONDS, folder)
                    runs.setdefault((size, connections, contender.name), []).append(run)
        print(f"round {number + 1} of {ROUNDS}; load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return runs


def alone(uncached, urls, folder):
    """An uncached answer and the COPY of its rows, one at a time: milliseconds of each, round by round; and how many
    COPYs a second there are with all processors."""
    times = {size: [] for size in SIZES}
    for _ in range(max(ROUNDS, 5)):
        for size, taken in times.items():
            copy = load.copy_alone(urls["postgres"], size, 200)
            own = load.wrk(uncached, size, 1, max(SECONDS // 2, 1), folder).p50
            taken.append((own, copy, load.copies_at_once(urls["postgres"], size, 400)))
    return times


def memory(contender, folder):
    """What the process holds, in MiB, after each tenth of a million requests."""
    held, asked = [], 0
    while asked < MEMORY_REQUESTS:
        asked += load.wrk(contender, "20 KB", 64, 4, folder).requests
        with open(f"/proc/{contender.pid}/status", encoding="utf-8") as file:
            resident = [int(line.split()[1]) for line in file if line.startswith("VmRSS")]
        held.append((asked, resident[0] / 1024))
    return held


def main():
    began = time.time()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="airq-serve-"))
        # nginx's workers may be another user.
        os.chmod(folder, 0o755)
        urls = stack.enter_context(services.ground())
        entered = contenders(services.Services(stack, folder, urls), urls["redis"])
        answers.check(entered, entered[0].base)
        entered = [contender for contender in entered if re.search(ONLY, contender.name)]
        before = os.getloadavg()
        runs = race(entered, folder)
        uncached = [contender for contender in entered if contender.name == "airq, uncached"]
        copies = alone(uncached[0], urls, folder) if uncached else {}
        held = memory(entered[0], folder) if MEMORY_REQUESTS else []
    settings = f"{ROUNDS} rounds of {SECONDS} s, in {(time.time() - began) / 60:.0f} minutes"
    head = report.introduction(settings, (before, os.getloadavg()), " ".join(services.GUNICORN))
    text = report.document(runs, copies, held, head)
    print(text)
    if not ONLY and not BASELINE:
        with open("docs/serve.md", "w", encoding="utf-8") as file:
            file.write(text)


main()

"""Runs queries of one file with airq-cli and its peers, in turn, and writes their section of docs/peers.md.

airq-cli is measured as a whole process. A peer is measured in a warm process (worker.py), without its start-up.
"""

import datetime
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

from measure import (
    AIRQ,
    POLLUTANTS,
    ROUNDS,
    SCRATCH,
    machine,
    peak_of,
    simulate,
    timed,
    write_section,
)

ROWS = int(os.environ.get("ROWS", 2_000_000))
LONG = os.environ.get("LONG") == "1"
PEERS = ["DuckDB", "Polars"] + (["pandas"] if os.environ.get("PANDAS") != "0" else [])
# A simulated day has one row every 15 minutes from each of the 12 stations.
ROWS_A_DAY = 12 * 96
CITY = "Madrid"


@dataclass
class Job:
    """A query. `name` is the method of a peer in worker.py. `arguments` are those of airq-cli, without its source, for each
    contender of airq-cli. `time_digits` is the length of a time that identifies a row."""

    name: str
    title: str
    arguments: dict[str, str]
    time_digits: int
    least_ratios: dict[str, float]
    most_ratios: dict[str, float] = field(default_factory=dict)
    most_mib: int | None = None


INDEX = "airq-cli with --index eaqi-2024"
JOBS = [
    Job(
        "city_day",
        "One city, one day",
        {"airq-cli": f"query --city {CITY} --from {{begin}} --to {{end}} --format ndjson"},
        time_digits=len("2016-10-01 00:00:00.004"),
        least_ratios={"DuckDB": 2.5, "Polars": 2.5},
        most_mib=40,
    ),
    Job(
        "latest",
        "Newest row of each station",
        {"airq-cli": "latest --format ndjson"},
        time_digits=len("2016-10-01 00:00:00.004"),
        least_ratios={"DuckDB": 2, "Polars": 2},
    ),
    Job(
        "daily",
        "Daily means of six pollutants",
        {"airq-cli": "query --every 1d --format ndjson", INDEX: "query --every 1d --index eaqi-2024 --format ndjson"},
        time_digits=len("2016-10-01"),
        least_ratios={"DuckDB": 2, "Polars": 2},
        most_ratios={INDEX: 1.5},
    ),
    Job(
        "hourly",
        "Hourly means of six pollutants",
        {"airq-cli": "query --every 1h --format ndjson"},
        time_digits=len("2016-10-01 00"),
        least_ratios={"DuckDB": 3},
    ),
    Job(
        "stations",
        "Distinct stations",
        {"airq-cli": "stations --format json"},
        time_digits=0,
        least_ratios={"DuckDB": 2, "Polars": 2},
    ),
]


class Data:
    """A simulated file in a directory of its own, and the parameters of the queries."""

    def __init__(self, directory, rows):
        os.mkdir(directory)
        self.source = os.path.join(directory, "measurements.csv")
        stations = os.path.join(directory, "stations.csv")
        simulate(self.source, "--rows", str(rows))
        simulate(stations, "--stations")
        with open(stations, encoding="utf-8") as file:
            fields = [line.split(",") for line in file]
        self.city_stations = [station for station, _, city, *_ in fields if city == CITY]
        self.all_stations = [station for station, *_ in fields[1:]]
        day = datetime.date(2016, 10, 1) + datetime.timedelta(days=rows // ROWS_A_DAY // 2)
        self.begin, self.end = str(day), str(day + datetime.timedelta(days=1))

    def command(self, arguments):
        return [AIRQ, *arguments.format(begin=self.begin, end=self.end).split(), "--source", self.source]


class Worker:
    """The warm process of a peer."""

    def __init__(self, peer):
        script = os.path.join(os.path.dirname(__file__), "worker.py")
        self.peer = peer
        self.process = subprocess.Popen([sys.executable, script, peer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, job, data, out):
        """Returns the seconds and the peak memory in MiB of one run."""
        print(json.dumps({"job": job.name, "out": out, **vars(data)}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.peer} failed")
        return json.loads(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def rows_of(out, job):
    """Returns the rows of an answer: station, time and values."""
    with open(out, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    if job.name == "stations" and "stations" in rows[0]:
        rows = [{"station": station["id"]} for station in rows[0]["stations"]]
    return [
        (row["station"], row.get("time", "").replace("T", " ")[: job.time_digits], [row.get(name) for name in POLLUTANTS])
        for row in rows
    ]


def alike(row, other):
    """Reports whether two rows have the same station, time and values. airq-cli rounds averages to six decimals."""
    close = [a == b or None not in (a, b) and abs(a - b) <= 1e-6 for a, b in zip(row[2], other[2])]
    return row[:2] == other[:2] and all(close)


def check(scratch, workers):
    """Stops if a contender gives another answer for a small file of five whole days."""
    data = Data(os.path.join(scratch, "small"), 5 * ROWS_A_DAY)
    out = os.path.join(scratch, "answer")
    for job in JOBS:
        answers = {}
        for name, arguments in job.arguments.items():
            timed(data.command(arguments), out)
            answers[name] = rows_of(out, job)
        for worker in workers:
            worker.run(job, data, out)
            answers[worker.peer] = rows_of(out, job)
        expected = answers["airq-cli"]
        for name, rows in answers.items():
            if not rows or len(rows) != len(expected) or not all(map(alike, rows, expected)):
                sys.exit(f"{job.title}: {name} gives another answer than airq-cli")


def race(job, data, workers, out):
    """Returns the seconds of each run and the peak memory, by contender. Round 0 warms the peers and is not counted."""
    commands = {name: data.command(arguments) for name, arguments in job.arguments.items()}
    times = {name: [] for name in [*commands, *PEERS]}
    peaks = {name: peak_of(command, out) for name, command in commands.items()}
    for number in range(ROUNDS + 1):
        seconds = {name: timed(command, out) for name, command in commands.items()}
        for worker in workers:
            seconds[worker.peer], peaks[worker.peer] = worker.run(job, data, out)
        if number > 0:
            for name in times:
                times[name].append(seconds[name])
    return times, peaks


def table(times, peaks):
    airq = statistics.median(times["airq-cli"])
    lines = ["| | time, s | spread, s | airq-cli is × as fast | peak, MiB |", "|---|---|---|---|---|"]
    for name, seconds in sorted(times.items(), key=lambda item: statistics.median(item[1])):
        median = statistics.median(seconds)
        spread = f"{min(seconds):.3f} – {max(seconds):.3f}"
        lines.append(f"| {name} | {median:.3f} | {spread} | {median / airq:.1f} | {peaks[name]:.0f} |")
    return lines


def goals(job, times, peaks):
    """Returns a line for each goal of a job."""
    ratio = {name: statistics.median(seconds) / statistics.median(times["airq-cli"]) for name, seconds in times.items()}
    lines = [
        goal(f"at least {least:g} × as fast as {name}", f"{ratio[name]:.1f} ×", ratio[name] >= least)
        for name, least in job.least_ratios.items()
    ]
    for name, most in job.most_ratios.items():
        lines.append(goal(f"{name} in at most {most:g} × the time", f"{ratio[name]:.1f} ×", ratio[name] <= most))
    if job.most_mib:
        peak = peaks["airq-cli"]
        lines.append(goal(f"a peak of at most {job.most_mib} MiB", f"{peak:.0f} MiB", peak <= job.most_mib))
    return lines


def goal(text, measured, met):
    return f"- Goal {'met' if met else '**not met**'}: {text} ({measured})"


def long_file(scratch, workers):
    """Returns the peak memory of the first job on a file ten times as long, as text."""
    job, rows = JOBS[0], 10 * ROWS
    data = Data(os.path.join(scratch, "long"), rows)
    out = os.path.join(scratch, "out")
    peaks = {"airq-cli": peak_of(data.command(job.arguments["airq-cli"]), out)}
    for worker in workers:
        # pandas would need ten times the memory of its row in the table.
        if worker.peer != "pandas":
            peaks[worker.peer] = worker.run(job, data, out)[1]
    size = os.path.getsize(data.source) / 1e6
    os.remove(data.source)
    measured = ", ".join(f"{name} {peak:.0f}" for name, peak in peaks.items())
    return f"Peak memory on a file ten times as long ({rows:,} rows, {size:,.0f} MB), in MiB: {measured}."


def main():
    workers = [Worker(peer) for peer in PEERS]
    sections = []
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        check(scratch, workers)
        data = Data(os.path.join(scratch, "big"), ROWS)
        size = os.path.getsize(data.source)
        for job in JOBS:
            times, peaks = race(job, data, workers, os.path.join(scratch, "out"))
            sections.append("\n".join([f"### {job.title}", "", *table(times, peaks), "", *goals(job, times, peaks)]))
            print(sections[-1], end="\n\n", flush=True)
        if LONG:
            sections.insert(1, long_file(scratch, workers))
            print(sections[1])
    for worker in workers:
        worker.stop()
    versions = ", ".join(f"{peer} {importlib.metadata.version(peer.lower())}" for peer in PEERS)
    intro = (
        f"Measured by `make bench-peers` on {datetime.date.today()}: {ROWS:,} simulated rows of 12 stations in order of time, "
        f"{size / 1e6:.0f} MB, on a tmpfs. Each of {ROUNDS} rounds runs all contenders in turn; the times are medians. "
        f"{machine()}; {versions}.\n\n"
        "airq-cli is a whole process, with its start-up. A peer runs in a warm process with two threads, without its start-up, "
        "and with the columns declared; each of its queries is the fastest of the alternatives tried "
        "(`benches/peers/worker.py`). All write JSON to the tmpfs. All gave the same answers for a small file beforehand."
    )
    write_section("Queries of one file", "\n\n".join([intro, *sections]))

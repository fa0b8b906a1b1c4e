"""Runs the conversion of one file to JSON by airq-cli and its peers, in turn, and writes their section of docs/peers.md and
docs/peers.svg."""

import datetime
import json
import os
import shutil
import statistics
import sys
import tempfile

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

ROWS = int(os.environ.get("ROWS", 1_860_000))

DUCKDB = "import duckdb,sys; duckdb.sql(f\"copy (select * from read_csv('{sys.argv[1]}')) to '{sys.argv[2]}' (format json, array true)\")"
DUCKDB_TEXT = DUCKDB.replace("read_csv('{sys.argv[1]}')", "read_csv('{sys.argv[1]}', all_varchar = true)")
POLARS = "import polars,sys; polars.read_csv(sys.argv[1]).write_json(sys.argv[2])"
POLARS_LINES = "import polars,sys; polars.scan_csv(sys.argv[1]).sink_ndjson(sys.argv[2])"
PANDAS = "import pandas,sys; pandas.read_csv(sys.argv[1]).to_json(sys.argv[2], orient='records')"


def contenders(source):
    """Returns names and commands. A command writes to the path `{out}` or to standard output. The copy of the answer is the
    least that a contender has to write."""
    found = [
        ("airq-cli convert", [AIRQ, "convert", source]),
        ("airq-cli convert --threads 1", [AIRQ, "convert", "--threads", "1", source]),
        ("cp", ["cp", source, "{out}"]),
        ("cp of the answer", ["cp", answer_of(source), "{out}"]),
        ("DuckDB", python(DUCKDB, source)),
        ("DuckDB, all as text", python(DUCKDB_TEXT, source)),
        ("Polars, JSON", python(POLARS, source)),
        ("Polars, streamed NDJSON", python(POLARS_LINES, source)),
        ("pandas", python(PANDAS, source)),
        ("Miller", ["mlr", "--icsv", "--ojson", "-S", "cat", source]),
        ("xan, JSON", ["xan", "to", "json", source]),
        ("xan, NDJSON", ["xan", "to", "jsonl", source]),
    ]
    if shutil.which("zsv"):
        found.append(("zsv", ["zsv", "2json", "--object", source]))
    return found


def python(code, source):
    return [sys.executable, "-c", code, source, "{out}"]


def answer_of(source):
    return source + ".json"


def rows_of(out):
    """Returns the measurements in an answer of any of the contenders."""
    with open(out, encoding="utf-8") as file:
        text = file.read()
    if text.startswith("{\"query\""):
        return json.loads(text)["measurements"]
    if text.startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines()]


def check(source, scratch):
    """Stops if a contender gives other numbers than the first for a small file."""
    expected = None
    for name, command in contenders(source):
        if name.startswith("cp"):
            continue
        out = os.path.join(scratch, "checked")
        timed(command, out)
        numbers = [[float(row[key]) for key in POLLUTANTS] for row in rows_of(out)]
        if expected is None:
            expected = numbers
        # pandas prints ten digits.
        alike = len(numbers) == len(expected) and all(
            abs(a - b) <= 1e-9 * abs(b) + 1e-9 for one, other in zip(numbers, expected) for a, b in zip(one, other)
        )
        if not alike:
            sys.exit(f"{name} gives other numbers for the same file")


def race(source, scratch, to_null):
    times = {name: [] for name, _ in contenders(source)}
    out = "/dev/null" if to_null else os.path.join(scratch, "out")
    for _ in range(ROUNDS):
        for name, command in contenders(source):
            times[name].append(timed(command, out))
            if not to_null:
                os.remove(out)
    return times, {name: peak_of(command, out) for name, command in contenders(source)}


def table(title, size, times, peaks):
    airq = statistics.median(times["airq-cli convert"])
    lines = [f"### {title}", "", "| | MB of CSV a second | spread | airq-cli is × as fast | peak, MiB |", "|---|---|---|---|---|"]
    for name, spent in sorted(times.items(), key=lambda item: statistics.median(item[1])):
        speed = [size / seconds / 1e6 for seconds in spent]
        ratio = statistics.median(spent) / airq
        lines.append(
            f"| {name} | {statistics.median(speed):.0f} | {min(speed):.0f} – {max(speed):.0f} | {ratio:.1f} | {peaks[name]:.0f} |"
        )
    return "\n".join(lines) + "\n"


def drawing(size, times):
    bars = sorted(((size / statistics.median(spent) / 1e6, name) for name, spent in times.items()), reverse=True)
    most, height = bars[0][0], 28 * len(bars) + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="720" height="{height}" fill="#fff"/>',
        '<text x="10" y="20" font-weight="bold">CSV to JSON on a tmpfs, MB of CSV a second (more is better)</text>',
    ]
    for index, (speed, name) in enumerate(bars):
        y = 34 + 28 * index
        colour = "#2a78b5" if name.startswith("airq") else "#b9c4cc"
        lines.append(f'<text x="210" y="{y + 15}" text-anchor="end">{name}</text>')
        lines.append(f'<rect x="220" y="{y}" width="{420 * speed / most:.1f}" height="20" fill="{colour}"/>')
        lines.append(f'<text x="{226 + 420 * speed / most:.1f}" y="{y + 15}">{speed:.0f}</text>')
    return "\n".join(lines + ["</svg>", ""])


def main():
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        small, source = os.path.join(scratch, "small.csv"), os.path.join(scratch, "big.csv")
        simulate(small, "--by-station", "--rows", "5000")
        check(small, scratch)
        simulate(source, "--by-station", "--rows", str(ROWS))
        size = os.path.getsize(source)
        timed([AIRQ, "convert", source], answer_of(source))
        to_file = race(source, scratch, to_null=False)
        to_null = race(source, scratch, to_null=True)
    intro = (
        f"Measured by `make bench-peers` on {datetime.date.today()}: {ROWS:,} simulated rows, {size / 1e6:.0f} MB, read from a "
        f"tmpfs by whole processes. Each of {ROUNDS} rounds runs all contenders in turn; the speeds are medians. {machine()}. "
        "All gave the same numbers for a small file beforehand.\n\n"
    )
    text = intro + table("Into a file on the tmpfs", size, *to_file) + "\n" + table("Into /dev/null", size, *to_null)
    write_section("Conversion of one file", text)
    with open("docs/peers.svg", "w", encoding="utf-8") as file:
        file.write(drawing(size, to_file[0]))
    print(text)

"""The measurements as a page."""

import datetime
import platform
import statistics
import subprocess

WARM, BARE, NGINX, FLASK = "airq, memory", "bare tiny_http", "nginx, file", "Flask, Redis"
UNCACHED = "airq, uncached"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.processor()


def version(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def spread(numbers, digits=0):
    """A median with the least and the most."""
    middle, least, most = statistics.median(numbers), min(numbers), max(numbers)
    return f"{middle:,.{digits}f} ({least:,.{digits}f} – {most:,.{digits}f})"


def ratios(runs, size, connections, name, other):
    """How many times as many requests as the other, round by round."""
    pairs = zip(runs[size, connections, name], runs[size, connections, other])
    return [one.rate / two.rate for one, two in pairs]


def table(runs, size, connections):
    names = [name for where, count, name in runs if (where, count) == (size, connections)]
    lines = [
        f"### {size}, {connections} connections\n",
        f"| | requests a second | of {names[0]} | p50, ms | p99, ms | CPU, µs |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        own = runs[size, connections, name]
        of_first = spread(ratios(runs, size, connections, name, names[0]), 2)
        p50, p99, cpu = (statistics.median(getattr(run, what) for run in own) for what in ("p50", "p99", "cpu"))
        rate = spread([run.rate for run in own])
        lines.append(f"| {name} | {rate} | {of_first} | {p50:.2f} | {p99:.2f} | {cpu:.1f} |")
    return "\n".join(lines) + "\n"


def verdict(is_met):
    return "met" if is_met else "missed"


def of_speed(runs, place):
    """The goals of an answer's speed beside that of others."""
    lines = []
    flasks = [name for *where, name in runs if (*where,) == place and name.startswith("Flask, uncached")]
    best = max(flasks, key=lambda name: statistics.median(run.rate for run in runs[(*place, name)]))
    for name, other, goal in [(WARM, BARE, 0.9), (WARM, NGINX, 0.8), (WARM, FLASK, 10), (UNCACHED, best, 5)]:
        own = ratios(runs, *place, name, other)
        what = f"{name} ≥ {goal} × {other}, {place[0]}, {place[1]} connections"
        lines.append(f"| {what} | {spread(own, 2)} | {verdict(statistics.median(own) >= goal)} |")
    return lines


def goals(runs, copies, held):
    """Each goal beside what was measured."""
    lines = ["| goal | measured | |", "|---|---|---|"]
    places = list(dict.fromkeys((size, connections) for size, connections, _ in runs))
    for place in places:
        lines += of_speed(runs, place) if place[0] == "200 KB" else []
    if "200 KB" in copies:
        own = [airq / copy for airq, copy, _ in copies["200 KB"]]
        met = verdict(statistics.median(own) <= 1.3)
        lines.append(f"| an uncached day ≤ 1.3 × the time of its COPY alone | {spread(own, 2)} | {met} |")
    for size, connections in places:
        if connections == 64:
            own = [run.p99 for run in runs[size, connections, WARM]]
            met = verdict(statistics.median(own) <= 10)
            lines.append(f"| p99 warm ≤ 10 ms at 64 connections, {size} | {spread(own, 1)} ms | {met} |")
    if held:
        (_, first), (asked, last) = held[0], held[-1]
        met = verdict(last <= 1.1 * first)
        lines.append(f"| memory flat over {asked:,} requests | {first:.1f} MiB first, {last:.1f} MiB last | {met} |")
    return "\n".join(lines) + "\n"


def one_at_a_time(copies):
    lines = [
        "| | airq, uncached, ms | COPY by psql, ms | ratio | COPYs a second, all processors |",
        "|---|---|---|---|---|",
    ]
    for size, taken in copies.items():
        airq, copy, at_once = zip(*taken)
        ratio = spread([own / alone for own, alone in zip(airq, copy)], 2)
        lines.append(f"| {size} | {spread(airq, 2)} | {spread(copy, 2)} | {ratio} | {spread(at_once)} |")
    return (
        "\n".join(lines)
        + "\n\nThe last column is the database with nothing before it but psql, a session for each processor: about the most that a"
        + "\nserver can give that asks it for these rows each time.\n"
    )


INTRODUCTION = """# airq-server beside other servers

Made by `make bench-serve` on {today}: {settings}. {processor}, Linux {kernel}; {tools}. Load average before {before},
after {after}.

wrk, all services and PostgreSQL share the machine. Each round asks every service in turn; numbers are medians, in brackets
the least and the most; ratios are of the runs of one round. All were seen to give the same answer before they were timed.
*Uncached* asks for another day each time. *Bare tiny_http* is the same library with the same bytes in memory and nothing
else. Flask runs in gunicorn with `{gunicorn}`. Access logs are off but where named.
*CPU* is what the server's own processes spend on a request, without PostgreSQL and Redis: other work on the machine moves it
least.
"""


def introduction(settings, loads, gunicorn):
    tools = [version(["wrk", "-v"]).split(" Copyright")[0], version(["nginx", "-v"]), version(["psql", "-V"])]
    before, after = (" ".join(f"{number:.1f}" for number in load) for load in loads)
    return INTRODUCTION.format(
        today=datetime.datetime.now(datetime.UTC).date(),
        settings=settings,
        processor=processor(),
        kernel=platform.release(),
        tools=", ".join(tools),
        before=before,
        after=after,
        gunicorn=gunicorn,
    )


def document(runs, copies, held, head):
    """The page, below this introduction."""
    parts = [head]
    if {name for _, _, name in runs} >= {WARM, BARE, NGINX, FLASK, UNCACHED}:
        parts += ["## Goals\n", goals(runs, copies, held)]
    parts.append("## Requests\n")
    parts += [table(runs, size, count) for size, count in dict.fromkeys((size, count) for size, count, _ in runs)]
    if copies:
        parts += ["## Uncached, one at a time\n", one_at_a_time(copies)]
    if held:
        held = ", ".join(f"{megabytes:.1f} after {asked:,}" for asked, megabytes in held)
        parts += ["## Memory\n", f"Resident MiB of airq-server, warm, 20 KB, 64 connections: {held}.\n"]
    return "\n".join(parts)

"""One measurement: wrk against a URL, or psql with the same rows by COPY."""

import os
import re
import statistics
import subprocess
import sys
import time

import answers

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class Run:
    """What one run of wrk gave: requests a second, percentiles in milliseconds, the server's microseconds a request."""

    def __init__(self, text, cpu):
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        self.p50, self.p99 = (self.percentile(text, share) for share in ("50%", "99%"))
        self.cpu = cpu / max(self.requests, 1) * 1e6
        errors = re.findall(r"(Socket errors.*|Non-2xx.*)", text)
        if errors or not self.requests:
            sys.exit(f"wrk met errors, so nothing was measured: {errors}\n{text}")

    @staticmethod
    def percentile(text, share):
        number, unit = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", text).groups()
        return float(number) * UNITS[unit]


def cpu_seconds(pid):
    """What a process and its children have had of the processors."""
    spent = 0
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry) == pid or int(fields[1]) == pid:
            spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


def settle():
    """Waits until the machine is idle: what wrk no longer waits for, the services still answer."""
    for _ in range(50):
        before = processors()
        time.sleep(0.2)
        busy, idle = (now - then for now, then in zip(processors(), before))
        if busy < 0.1 * (busy + idle):
            return


def processors():
    """How long all processors were busy and idle, in ticks."""
    with open("/proc/stat", encoding="utf-8") as file:
        ticks = [int(number) for number in file.readline().split()[1:]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, idle


def wrk(contender, size, connections, seconds, folder):
    """Keeps so many connections busy for so long."""
    threads = min(2, connections)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    for name, value in contender.headers.items():
        command += ["-H", f"{name}: {value}"]
    if contender.varied:
        targets = os.path.join(folder, f"targets-{size.replace(' ', '')}.lua")
        answers.write_targets(size, targets)
        command += ["-s", os.path.join(HERE, "days.lua"), contender.base, "--", targets]
    else:
        command.append(contender.url(size))
    before = cpu_seconds(contender.pid)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command} failed: {done.stderr}{done.stdout}")
    return Run(done.stdout, cpu_seconds(contender.pid) - before)


COPY = (
    "copy (select station_id, time, so2, no2, co, o3, pm10, pm2_5 from measurements where station_id = any('{{{stations}}}') "
    "and time >= '{start}' and time < '{end}' order by station_id, time) to stdout (format csv, header);"
)


def copies(size, times):
    """A script of psql's: the COPY of each of so many days."""
    count, length = answers.SIZES[size]
    stations = ",".join(answers.STATIONS[:count])
    days = [answers.DAYS[number % len(answers.DAYS)] for number in range(times)]
    wanted = [COPY.format(stations=stations, start=answers.instant(d), end=answers.instant(d + length)) for d in days]
    return "\n".join(["\\o /dev/null", "\\timing on", *wanted])


def copy_alone(url, size, times):
    """The median time, in milliseconds, of the COPY of each of so many days in one session of psql."""
    done = subprocess.run(["psql", "-X", "-q", url], input=copies(size, times), capture_output=True, text=True, check=True)
    spent = [float(time) for time in re.findall(r"Time: ([\d.]+) ms", done.stdout)]
    if len(spent) != times:
        sys.exit(f"psql: {done.stdout}{done.stderr}")
    return statistics.median(spent)


def copies_at_once(url, size, times):
    """How many COPYs a second there are with as many sessions of psql as processors, each making so many."""
    sessions = os.cpu_count()
    began = time.monotonic()
    running = []
    for _ in range(sessions):
        psql = subprocess.Popen(["psql", "-X", "-q", url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        psql.stdin.write(copies(size, times))
        psql.stdin.close()
        running.append(psql)
    if any(psql.wait() for psql in running):
        sys.exit("psql failed")
    return sessions * times / (time.monotonic() - began)

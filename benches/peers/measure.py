"""Helpers of both races: settings, runs of whole processes, and the sections of docs/peers.md."""

import os
import platform
import subprocess
import sys
import time

ROUNDS = int(os.environ.get("ROUNDS", 5))
SCRATCH = os.environ.get("SCRATCH", "/dev/shm")
AIRQ = os.environ.get("AIRQ", "target/release/airq-cli")
DOCUMENT = "docs/peers.md"
POLLUTANTS = ("so2", "no2", "co", "o3", "pm10", "pm2_5")


def simulate(path, *options):
    """Writes what airq-simulate prints with these options."""
    with open(path, "wb") as out:
        subprocess.run(["target/release/airq-simulate", *options], stdout=out, check=True)


def start(command, out):
    """Starts a command that writes to the path `{out}` or to standard output."""
    with open(out, "wb") as stdout:
        return subprocess.Popen([part.replace("{out}", out) for part in command], stdout=stdout)


def timed(command, out):
    """Returns the seconds of one run."""
    began = time.perf_counter()
    code = start(command, out).wait()
    seconds = time.perf_counter() - began
    if code != 0:
        sys.exit(f"{command[:2]} failed")
    return seconds


def peak_of(command, out):
    """Returns the peak memory of one run in MiB. Reads /proc while the command runs, because the peak that wait4 returns
    includes the memory of this process."""
    child, peak = start(command, out), 0
    while child.poll() is None:
        peak = max(peak, peak_of_process(child.pid))
        time.sleep(0.002)
    return peak


def peak_of_process(pid):
    """Returns the peak memory of a process in MiB, or 0 after its end."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return max((int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM")), default=0)
    except OSError:
        return 0


def machine():
    """Returns the processors and the kernel, as text."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    processor = f"{len(names)} × {names[0]}" if names else platform.processor()
    return f"{processor}, Linux {platform.release()}"


def write_section(heading, text):
    """Replaces one section of the document, and keeps the others."""
    with open(DOCUMENT, encoding="utf-8") as file:
        title, *sections = file.read().rstrip().split("\n\n## ")
    others = [section for section in sections if not section.startswith(heading + "\n")]
    sections = sorted([*others, f"{heading}\n\n{text.rstrip()}"])
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write("\n\n## ".join([title, *sections]) + "\n")

"""What a process and those that it has begun use, by the kernel's own word."""

import os
from pathlib import Path


def family(pid):
    """A process and what it has begun."""
    pids = [str(pid)]
    for one in pids:
        children = Path(f"/proc/{one}/task/{one}/children")
        pids += children.read_text().split() if children.exists() else []
    return pids


def cpu_seconds(pid):
    total = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def peak_memory(pid):
    """In MiB; what several of a family share is counted for each."""
    peaks = [line for one in family(pid) for line in Path(f"/proc/{one}/status").read_text().splitlines() if "VmHWM" in line]
    return sum(int(line.split()[1]) for line in peaks) / 1024

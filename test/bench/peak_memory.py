#!/usr/bin/python3
"""Runs a command, and prints one JSON line: its last line of output, and the most memory that it and its descendants had.

Memory is the sum of the proportional set sizes (Pss of /proc/PID/smaps_rollup), read ten times a second.

    peak_memory.py COMMAND WORD…
"""

import json
import subprocess
import sys
import time


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            found = file.read().split()
    except OSError:
        return []
    return [pid for child in found for pid in [int(child), *children(int(child))]]


def kilobytes(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
most = 0
while process.poll() is None:
    most = max(most, sum(map(kilobytes, [process.pid, *children(process.pid)])))
    time.sleep(0.1)
output = process.stdout.read().strip().splitlines()
print(json.dumps({"text": output[-1] if output else "", "kilobytes": most, "status": process.returncode}))

#!/usr/bin/env python3
"""Run wc, ripgrep and nodecause over logs in turn and print what each took, as a Markdown table.

Wall and processor time are medians of the repetitions, memory is the most of them. The order turns with each repetition, so that
a machine that grows slower or faster is unfair to nobody. See bench/run, which makes the logs.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

LITERALS = Path(__file__).resolve().parent / "literals.txt"
COLUMNS = "log", "program", "wall s", "processor s", "MiB/s", "most memory MiB", "wall / rg", "processor / rg"
MIB = 1 << 20


def run(command, allowed):
    """(wall seconds, processor seconds, peak memory in bytes) of a command whose output nobody reads."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        sys.exit(f"{' '.join(command)} ended with status {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(log, programs, repetitions):
    """What each program took for a log: {name: [(wall, processor, memory)]}."""
    with open(log, "rb") as file:  # into the page cache, for all alike
        while file.read(MIB):
            pass
    names = list(programs)
    taken = {name: [] for name in names}
    for repetition in range(repetitions):
        turn = repetition % len(names)
        for name in names[turn:] + names[:turn]:
            command, allowed = programs[name]
            taken[name].append(run([*command, str(log)], allowed))
    return taken


def rows(log, taken, floor):
    """A table's rows for one log."""
    median = {name: [statistics.median(column) for column in zip(*all_of_it)] for name, all_of_it in taken.items()}
    for name, (wall, processor, _) in median.items():
        most = max(memory for _, _, memory in taken[name])
        yield (
            log.stem,
            name,
            f"{wall:.2f}",
            f"{processor:.2f}",
            f"{log.stat().st_size / MIB / wall:.0f}",
            f"{most / MIB:.0f}" if most > floor else f"under {floor / MIB:.0f}",
            f"{wall / median['rg'][0]:.2f}",
            f"{processor / max(median['rg'][1], 0.01):.2f}",
        )


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")[0].strip()


def machine():
    """The processor's name, how many there are, the memory and the load, as far as the system tells."""
    name, memory = platform.machine(), ""
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = next(line.split(": ")[1] for line in info.split("\n") if line.startswith("model name"))
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / MIB / 1024:.1f} GiB"
    except (OSError, StopIteration, ValueError):
        pass
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{name}, {os.cpu_count()} processors{memory}, {platform.system()} {platform.release()}, load {load} at the end"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--nodecause", required=True)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    if options.repetitions < 1:
        parser.error("at least one repetition")
    programs = {  # name: (command, statuses that are no failure)
        "wc": (["wc", "-l"], {0}),
        "rg": (["rg", "-c", "-F", "-f", str(LITERALS)], {0, 1}),
        "nodecause": ([options.nodecause], {0}),
    }
    # What a program inherits from this one before it starts counts as its memory: less than that cannot be told.
    floor = 1.1 * max(run(["true"], {0})[2] for _ in range(3))
    table = [COLUMNS]
    for log in options.logs:
        table += rows(log, measure(log, programs, options.repetitions), floor)
    sizes = ", ".join(f"{log.stem} {log.stat().st_size / MIB:.0f} MiB" for log in options.logs)
    print(f"- date: {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC")
    print(f"- machine: {machine()}")
    print(f"- programs: {first_line(options.nodecause, '--version')}; {first_line('rg', '--version')}; {first_line('wc', '--version')}")
    print(f"- commit: {first_line('git', 'describe', '--always', '--dirty')}")
    print(f"- logs: {sizes}; medians of {options.repetitions} repetitions in turn, output thrown away, logs in the page cache")
    print()
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    table.insert(1, tuple("-" * width for width in widths[:2]) + tuple("-" * (width - 1) + ":" for width in widths[2:]))
    for row in table:
        print("| " + " | ".join(cell.ljust(width) if at < 2 else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, widths))) + " |")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Turn a log of make_big_log.py (standard input) into journald's export form (standard output), for systemd-journal-remote.

Each entry gets the fields that journald adds to a service's output, so that the journal is as full as a real one.
"""
import re
import sys
from datetime import datetime, timezone

LINE = re.compile(rb"([A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{6}) (\S+) ([^\[:]+)(?:\[(\d+)\])?: (.*)", re.DOTALL)
YEAR = 2026
BOOT = b"5d0f1c2e9a3b4c6d8e7f001122334455"
MACHINE = b"0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def fields(match, begin):
    """The fields of one entry."""
    stamp, host, name, process, message = match.groups()
    time = datetime.strptime(f"{YEAR} {stamp.decode()}", "%Y %b %d %H:%M:%S.%f").replace(tzinfo=timezone.utc)
    micros = int(time.timestamp() * 1_000_000)
    yield b"__REALTIME_TIMESTAMP=%d" % micros
    yield b"__MONOTONIC_TIMESTAMP=%d" % (micros - begin + 10_000_000)
    yield b"_BOOT_ID=" + BOOT
    yield b"_MACHINE_ID=" + MACHINE
    yield b"_HOSTNAME=" + host
    yield b"PRIORITY=6"
    yield b"SYSLOG_IDENTIFIER=" + name
    yield b"MESSAGE=" + message
    if name == b"kernel":
        yield b"_TRANSPORT=kernel"
        return
    yield b"_PID=" + (process or b"1")
    yield from (b"_UID=0", b"_GID=0", b"_TRANSPORT=stdout", b"SYSLOG_FACILITY=3", b"_CAP_EFFECTIVE=1ffffffffff")
    yield b"_COMM=" + name
    yield b"_EXE=/usr/bin/" + name
    yield b"_CMDLINE=/usr/bin/" + name + b" --config=/etc/kubernetes/config.yaml"
    yield b"_SYSTEMD_UNIT=" + name + b".service"
    yield b"_SYSTEMD_CGROUP=/system.slice/" + name + b".service"
    yield b"_SYSTEMD_SLICE=system.slice"


def main():
    begin = int(datetime(YEAR, 1, 1, tzinfo=timezone.utc).timestamp() * 1_000_000)
    for line in sys.stdin.buffer:
        match = LINE.match(line.rstrip(b"\n"))
        if match:
            sys.stdout.buffer.write(b"\n".join(fields(match, begin)) + b"\n\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Make a large log for measuring, out of the samples.

    bench/make_big_log.py KIND SIZE [--seed N] > FILE       SIZE in bytes, or with K, M, G (of 1024)

  cascade   stretches of all samples, so mixed that 30 % of the lines hold a literal
  healthy   only samples in which nothing is wrong
  flood     95 % of the lines hold a literal

A literal is a line of literals.txt. The result is one node's `journalctl -o short-precise`. Stretches keep their lines'
order and pauses; one clock runs through all of them, and stamps inside a message move along with the one in front of it.
In each stretch, ids, uids, pods and pod addresses get new values, the same one wherever the same one was. So no line
is a repetition, and nothing is unlike a real log but the order of events. Same arguments and samples, same bytes.
"""
import argparse
import random
import re
import sys
from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate, repeat
from json import loads
from pathlib import Path

HERE = Path(__file__).resolve().parent
STRETCH = 20, 400  # entries taken in a row
LONGEST_PAUSE = 1_500_000  # microseconds; longer ones are cut to it
BETWEEN = 60_000  # microseconds at most between two stretches
YEAR = 2026  # the samples' stamps have none
START = datetime(YEAR, 3, 1)
HOST = "node-1"
HOSTS = re.compile(r"\b(?:worker-[12]|cp-1|node-a)\b")  # names of the samples' nodes
PIDS = {"kubelet": 1187, "containerd": 941, "systemd": 1}

STAMP = re.compile(r"([A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{6}) \S+ ([^ :\[]+)(?:\[\d+\])?: ")
KLOG_PID = re.compile(r"(?<=\.\d{6}) +\d+(?= [\w.-]+\.go:\d+\])")
VARIABLE = re.compile(
    r"(?P<klog>(?<=^[IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6})"
    r"|(?P<iso>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3,9})?(?=Z))"
    r"|(?P<uid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    r"|(?P<id>\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{12,64}\b)"
    r"|(?P<pod>(?<=-)[bcdfghjklmnpqrstvwxz2456789]{5}(?=[\"\\_/, \]]))"
    r"|(?P<address>(?<=\b10\.244\.)\d{1,3}\.\d{1,3}\b)"
)


class Entry:
    """A log record: what to print, as texts with slots between them, and what the mixer wants to know."""

    __slots__ = ("pause", "texts", "slots", "lines", "hits")

    def __init__(self, pause, time, program, message, hits):
        texts, slots, end = [], [], 0
        if program == "kubelet":
            message = KLOG_PID.sub(f"{PIDS[program]:>8}", message, count=1)
        message = HOSTS.sub(HOST, message)
        for match in VARIABLE.finditer(message):
            texts.append(message[end : match.start()])
            slots.append(slot(match.lastgroup, match[0], time))
            end = match.end()
        texts.append(message[end:] + "\n")
        pid = f"[{PIDS[program]}]" if program in PIDS else ""
        texts[0] = f" {HOST} {program}{pid}: {texts[0]}"
        self.pause, self.texts, self.slots = pause, texts, slots
        self.lines, self.hits = message.count("\n") + 1, hits


def slot(kind, text, time):
    """What to put in the place of a variable: (kind, text), or for a stamp (kind, its distance from the entry's time)."""
    if kind == "klog":
        return kind, micros(datetime.strptime(f"{YEAR}{text}", "%Y%m%d %H:%M:%S.%f") - time)
    if kind == "iso":
        second, _, fraction = text.partition(".")
        stamp = datetime.fromisoformat(f"{second}.{fraction[:6]:0<6}")
        return f"{kind}{len(fraction)}", micros(stamp - time)
    return kind, text


def micros(delta):
    return delta // timedelta(microseconds=1)


def read(journal, literals):
    """The entries of a journal."""
    records, found, before = [], [], None
    for line in journal.read_text(encoding="utf-8").split("\n")[:-1]:
        head = STAMP.match(line)
        if head:
            records.append((head[1], head[2], [line[head.end() :]]))
        elif records:
            records[-1][2].append(line)
    for stamp, program, message in records:
        time = datetime.strptime(f"{YEAR} {stamp}", "%Y %b %d %H:%M:%S.%f")
        pause = min(max(micros(time - (before or time)), 0), LONGEST_PAUSE)
        hits = sum(any(literal in line for literal in literals) for line in message)
        found.append(Entry(pause, time, program, "\n".join(message), hits))
        before = time
    return found


def series(samples, literals):
    """The entries of each sample with one node's journal: (those of quiet ones, those of incidents)."""
    quiet, incidents = [], []
    for truth in sorted(samples.glob("*/truth.json")):
        journal = truth.parent / "input" / "journal.log"
        if not journal.exists():
            continue
        entries = read(journal, literals)
        (quiet if loads(truth.read_text(encoding="utf-8"))["quiet"] else incidents).append(entries)
    return quiet, incidents


class Values:
    """New values for the variables of one stretch."""

    def __init__(self, rng):
        self.rng = rng
        self.known = {}

    def get(self, kind, text):
        value = self.known.get(text)
        if value is None:
            value = self.known[text] = self.make(kind, text)
        return value

    def make(self, kind, text):
        if kind == "pod":
            return "".join(self.rng.choices("bcdfghjklmnpqrstvwxz2456789", k=5))
        if kind == "address":
            return f"{self.rng.randrange(256)}.{self.rng.randrange(1, 255)}"
        if kind == "uid":
            digits = f"{self.rng.getrandbits(128):032x}"
            return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        return f"{self.rng.getrandbits(4 * len(text)):0{len(text)}x}"


class Clock:
    """The time in all the forms that a line may show. The second's text is made once a second."""

    def __init__(self):
        self.now = 0
        self.texts = {}

    def second(self, second):
        if second not in self.texts:
            if len(self.texts) > 4096:
                self.texts.clear()
            time = START + timedelta(seconds=second)
            self.texts[second] = (f"{time:%b %d %H:%M:%S}.", f"{time:%m%d %H:%M:%S}.", f"{time:%Y-%m-%dT%H:%M:%S}")
        return self.texts[second]

    def stamp(self):
        second, micro = divmod(self.now, 1_000_000)
        return f"{self.second(second)[0]}{micro:06d}"

    def show(self, kind, distance):
        second, micro = divmod(max(self.now + distance, 0), 1_000_000)
        if kind == "klog":
            return f"{self.second(second)[1]}{micro:06d}"
        width = int(kind[3:])
        return self.second(second)[2] + (f".{micro:06d}000"[: width + 1] if width else "")


def render(entry, clock, values):
    parts = [clock.stamp(), entry.texts[0]]
    for (kind, what), text in zip(entry.slots, entry.texts[1:]):
        parts.append(clock.show(kind, what) if isinstance(what, int) else values.get(kind, what))
        parts.append(text)
    return "".join(parts)


def stretches(series, most, rng):
    """Without end: some entries in a row, from anywhere in the series."""
    ends = list(accumulate(len(one) for one in series))
    least = min(STRETCH[0], most)
    while True:
        at = rng.randrange(ends[-1])
        which = bisect(ends, at)
        begin = at - (ends[which] - len(series[which]))
        yield series[which][begin : begin + rng.randint(least, most)]


def towards(share, drawn, total):
    """Of the stretches drawn, those that bring the share of lines with a literal nearer to the one wanted."""
    for entries in drawn:
        lines, hits = sum(entry.lines for entry in entries), sum(entry.hits for entry in entries)
        if (hits > share * lines) == (total.hits <= share * total.lines):
            yield entries


class Total:
    """What was written so far."""

    def __init__(self):
        self.lines, self.hits = 0, 0


def plan(kind, samples, total, rng):
    """The stretches that a log of this kind is made of, without end."""
    literals = (HERE / "literals.txt").read_text(encoding="utf-8").split("\n")[:-1]
    quiet, incidents = series(samples, literals)
    if not quiet or not incidents:
        sys.exit(f"{samples} holds no quiet sample or no incident: name the right directory with --samples")
    if kind == "healthy":
        return stretches(quiet, STRETCH[1], rng)
    if kind == "cascade":
        return towards(0.30, stretches(quiet + incidents, STRETCH[1], rng), total)
    only_hits = [[entry for entry in one if entry.hits == entry.lines] for one in incidents]
    flood = stretches([one for one in only_hits if one], STRETCH[1], rng)
    calm = stretches(quiet, STRETCH[0], rng)
    return (next(flood if total.hits <= 0.95 * total.lines else calm) for _ in repeat(None))


def write(kind, size, seed, samples, out):
    rng, clock, total = random.Random(f"{kind} {seed}"), Clock(), Total()
    left = size
    for entries in plan(kind, samples, total, rng):
        values, block = Values(rng), []
        clock.now += rng.randrange(BETWEEN)
        for position, entry in enumerate(entries):
            clock.now += entry.pause if position else 0
            block.append(render(entry, clock, values))
            total.lines += entry.lines
            total.hits += entry.hits
        data = "".join(block).encode("utf-8")
        if len(data) >= left:  # end with a whole line
            out.write(data[: data.rfind(b"\n", 0, left) + 1])
            break
        out.write(data)
        left -= len(data)
    part = 100 * total.hits / total.lines
    print(f"{kind}: some {total.lines} lines in {clock.now / 86_400e6:.1f} days, {part:.1f} % with a literal", file=sys.stderr)


def in_bytes(text):
    number, unit = re.fullmatch(r"(\d+)([KMG]?)", text.upper()).groups()
    return int(number) << {"": 0, "K": 10, "M": 20, "G": 30}[unit]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["cascade", "healthy", "flood"])
    parser.add_argument("size", type=in_bytes)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=Path, default=HERE.parent / "samples")
    options = parser.parse_args()
    try:
        write(options.kind, options.size, options.seed, options.samples, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""From measured lists to medians, tables, targets and RESULTS.md."""

import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess

NOTES = pathlib.Path(__file__).resolve().parent / "notes.md"  # what was not reached and why, by hand

# scenario -> rows of its table: metric, what it is, digits behind the point
ROWS = {
    "small": [("cpu_us", "CPU µs per request", 1)],
    "latency": [
        ("latency_p50_us", "p50 µs", 0), ("added_p50_us", "added p50 µs", 0),
        ("latency_p99_us", "p99 µs", 0), ("added_p99_us", "added p99 µs", 0),
    ],
    "throughput": [("rps", "requests/s", 0)],
    "prompt": [("cpu_us", "CPU µs per request", 0)],
    "ttft": [
        ("ttft_p50_us", "first token p50 µs", 0), ("added_ttft_p50_us", "added p50 µs", 0),
        ("ttft_p99_us", "first token p99 µs", 0), ("first_event_p50_us", "first event (role) p50 µs", 0),
    ],
    "chunks": [("chunk_cpu_us", "CPU µs per chunk", 2)],
    "streams": [
        ("lost_chunks", "lost chunks", 0), ("chunk_cpu_us", "CPU µs per chunk", 2),
        ("late_p99_ms", "ends late by, p99 ms", 1),
    ],
    "memory": [
        ("idle_mib", "idle MiB", 1), ("loaded_mib", "loaded MiB", 1), ("peak_mib", "peak MiB", 1),
        ("per_stream_kib", "KiB per idle stream", 1),
    ],
    "start": [("start_ms", "start to first answer, ms", 1)],
    "counts": [
        ("instructions", "user instructions per request", 0),
        ("calls", "system calls per request", 2),
    ],
    "tools": [
        ("rps", "requests/s", 0), ("cpu_us", "upstream CPU µs per request", 1),
        ("load_cpu_us", "load generator CPU µs per request", 1),
    ],
}

TITLES = {
    "small": "Small request, closed loop, everything on one core",
    "latency": "Latency of a small request at one connection, everything on one core",
    "throughput": "Throughput, proxy alone on its core",
    "prompt": "Prompts by size, 8 connections, everything on one core",
    "ttft": "Time to first token, one stream at a time, everything on one core",
    "chunks": "CPU per chunk of a stream, everything on one core",
    "streams": "Concurrent paced streams, proxy alone on its core",
    "memory": "Resident memory",
    "start": "Start",
    "counts": "Noise-free figures, small request",
    "tools": "The tools' own ceiling: load generator straight to the fake upstream, split cores",
}

COLUMNS = ("direct", "nginx", "nginx-nolog", "haproxy", "recloser", "translate")

METHOD = """\
- Every subject is measured in the same run, in turn, the order shifting from round to round. A cell
  is the median of the rounds with their range in brackets.
- CPU per request or chunk is the run time of the proxy's process, all threads, from
  `/proc/PID/task/*/schedstat`, before and after a load, divided by what the load generator counted;
  of nginx the worker process. On two noisy cores this, with proxy, upstream and load pinned to one
  core, is the figure to trust. *Proxy alone on its core* has the upstream and the load on the other.
- nginx and haproxy are Debian's, as plain proxies: one worker or thread, keep-alive on both sides
  with a pool of 512, no response buffering, access log on (nginx to a file, haproxy and recloser to
  their redirected output). recloser runs one worker.
- `recloser` relays an OpenAI request to an OpenAI upstream; `translate` sends the same request
  through the same process to an Anthropic upstream. Its targets compare with nginx relaying the
  OpenAI request.
- Each stream is checked by number: a missing, repeated or misplaced chunk, a wrong count of usage
  chunks, or no `[DONE]` is an error. Errors are listed under *Problems*, and no target is met by a
  run that had any.
- A target beside nginx is the median of the ratios of each round.
- *Added* is the proxy's figure less the median of the same figure without a proxy.
- Time to first token is to the first event of the stream, which the upstream sends at once: *paced*
  with 2 ms of silence between chunks, after which every cache is cold; *back to back* without pause.
- User instructions (`valgrind --tool=callgrind`) and system calls (`strace -f -c`) are the difference
  of a long and a short run, divided by the difference in requests, so that start and end do not count.
- Memory is VmRSS of the working process, each time a fresh one: idle after one request; loaded and
  peak after 256 connections of small requests and 64 of 100 KB prompts; per stream at 2,000 streams
  that have begun and say nothing more, less what it was before them.
- Start is from starting the process to the first answer through it, tried every 0.2 ms."""


class Outcome:
    def __init__(self, results, problems, settings, machine):
        self.results = results
        self.problems = problems
        self.settings = settings
        self.machine = machine
        self._derive()

    def _derive(self):
        """The figures that come from several measured ones."""
        results = self.results
        one = results.get("small", {}).get("1 connection")
        if one:
            add_difference(one, "latency_p50_us", "added_p50_us")
            add_difference(one, "latency_p99_us", "added_p99_us")
            results["latency"] = {"1 connection": one}
        if "ttft" in results:
            for measured in results["ttft"].values():
                add_difference(measured, "ttft_p50_us", "added_ttft_p50_us")
        direct = {case: {"direct": subjects["direct"]}
                  for case, subjects in results.get("throughput", {}).items() if "direct" in subjects}
        if direct:
            results["tools"] = direct

    def values(self, scenario, case, subject, metric):
        """One value for each round, or none at all."""
        return self.results.get(scenario, {}).get(case, {}).get(subject, {}).get(metric, [])

    def targets(self):
        """(what, measured, limit, met) of every target; met is None when it was not measured."""
        found = []

        def add(what, measured, most, form, unit, errors):
            limit = "≤ " + form.format(most) + unit
            if not measured:
                found.append((what, "—", limit, None))
                return
            middle = statistics.median(measured)
            shown = spread([form.format(v) for v in (middle, min(measured), max(measured))]) + unit
            if any(errors):  # the speed of wrong answers does not count
                found.append((what, shown + ", with wrong answers", limit, False))
            else:
                found.append((what, shown, limit, middle <= most))

        def beside_nginx(what, most, scenario, case, metric, subject="recloser"):
            # Round by round: what disturbs the machine for a while disturbs both.
            pairs = zip(self.values(scenario, case, subject, metric),
                        self.values(scenario, case, "nginx", metric))
            add(what, [ours / theirs for ours, theirs in pairs if theirs > 0], most,
                "{:.2f}", "× nginx", self.values(scenario, case, subject, "errors"))

        def at_most(what, most, scenario, case, metric, form, unit=""):
            add(what, self.values(scenario, case, "recloser", metric), most, form, unit,
                self.values(scenario, case, "recloser", "errors"))

        loops = ("1 connection", "8 connections", "64 connections", "256 connections")
        for case in loops:
            beside_nginx(f"relay, CPU per small request, {case}", 1.0, "small", case, "cpu_us")
        at_most("relay, user instructions per small request", 30_000,
                "counts", "64 connections", "instructions", "{:,.0f}")
        at_most("relay, system calls per small request", 5,
                "counts", "64 connections", "calls", "{:.2f}")
        for case in loops:
            beside_nginx(f"translate, CPU per small request, {case}", 1.5,
                         "small", case, "cpu_us", "translate")
        burst = ("chunks", "burst, 8 streams", "chunk_cpu_us")
        beside_nginx("relay, CPU per burst chunk", 1.0, *burst)
        beside_nginx("translate, CPU per burst chunk", 2.0, *burst, "translate")
        beside_nginx("added p50 at one connection", 1.1, "latency", "1 connection", "added_p50_us")
        for case in ("paced", "back to back"):
            beside_nginx(f"added time to first token, p50, {case}", 1.2,
                         "ttft", case, "added_ttft_p50_us")
        beside_nginx("relay, CPU per 100 KB prompt", 1.5, "prompt", "100 KB", "cpu_us")
        self._lossless(found)
        at_most("resident per idle stream", 14, "memory", "resident", "per_stream_kib", "{:.1f}", " KiB")
        at_most("resident when idle", 14, "memory", "resident", "idle_mib", "{:.1f}", " MiB")
        at_most("start to first answer", 50, "start", "to first answer", "start_ms", "{:.1f}", " ms")
        return found

    def _lossless(self, found):
        """A median would hide a loss: every round counts, and so does every failed stream."""
        for subject, kind in (("recloser", "relay"), ("translate", "translate")):
            kept = self.results.get("streams", {}).get("5000 streams", {}).get(subject)
            lost = kept and sum(kept["lost_chunks"])
            errors = kept and sum(kept["errors"])
            found.append((f"{kind}, 5,000 paced streams on one core",
                          "—" if kept is None else f"{lost} chunks lost, {errors} streams wrong",
                          "none lost", None if kept is None else lost == 0 and errors == 0))

    # -- writing ------------------------------------------------------------------------------------

    def tables(self):
        """(title, header, rows) of every scenario that was measured."""
        for scenario, metrics in ROWS.items():
            cases = self.results.get(scenario)
            if not cases:
                continue
            subjects = [c for c in COLUMNS if any(c in measured for measured in cases.values())]
            rows = []
            for case, measured in cases.items():
                for metric, label, digits in metrics:
                    cells = [cell(measured.get(s, {}).get(metric), digits) for s in subjects]
                    if any(c != "—" for c in cells):
                        rows.append([case, label, *cells])
            yield TITLES[scenario], ["case", "figure", *subjects], rows

    def target_rows(self):
        words = {True: "yes", False: "**no**", None: "not measured"}
        return [[what, measured, most, words[met]] for what, measured, most, met in self.targets()]

    def text(self):
        out = []
        for title, header, rows in self.tables():
            out += [title, aligned([header, *rows]), ""]
        out += ["Targets", aligned([["target", "measured", "limit", "met"], *self.target_rows()])]
        if self.problems:
            out += ["", "Problems", *("  " + p for p in self.problems)]
        return "\n".join(out)

    def markdown(self):
        settings = self.settings
        out = [
            "# Benchmark results", "",
            "Written by `bench/run.py` (`./dev bench`); do not edit. How it was measured: below.", "",
            f"{datetime.date.today()} · {settings.rounds} rounds"
            f" ({settings.slow_rounds} of streams and memory) of {settings.seconds:g} s"
            + (" · a `--quick` run, not to be relied on" if settings.quick else ""), "",
            *(f"- {name}: {value}" for name, value in self.machine.items()), "",
            "## Targets", "",
            *markdown_table(["target", "measured", "limit", "met"], self.target_rows()), "",
        ]
        for title, header, rows in self.tables():
            out += [f"## {title}", "", *markdown_table(header, rows), ""]
        out += self._calls()
        if NOTES.exists():
            out += ["## Notes", "", NOTES.read_text().strip(), ""]
        if self.problems:
            out += ["## Problems", "", *(f"- {p}" for p in self.problems), ""]
        out += ["## Method", "", METHOD, ""]
        return "\n".join(out)

    def _calls(self):
        lines = []
        for case, measured in self.results.get("counts", {}).items():
            for subject, kept in measured.items():
                if "calls_by_name" in kept:
                    calls = sorted(kept["calls_by_name"][0].items(), key=lambda call: -call[1])
                    named = ", ".join(f"{name} {count:g}" for name, count in calls)
                    lines.append(f"- {subject}, {case}: {named}")
        return ["### System calls by name, per request", "", *lines, ""] if lines else []

    def as_json(self):
        return {
            "date": str(datetime.date.today()),
            "machine": self.machine,
            "settings": vars(self.settings),
            "results": self.results,
            "targets": [dict(zip(("target", "measured", "limit", "met"), t)) for t in self.targets()],
            "problems": self.problems,
        }


def add_difference(measured, metric, name):
    if "direct" not in measured:
        return
    base = statistics.median(measured["direct"][metric])
    for subject, kept in measured.items():
        if subject != "direct" and metric in kept:
            kept[name] = [value - base for value in kept[metric]]


def cell(values, digits):
    if not values:
        return "—"
    middle = statistics.median(values)
    return spread([f"{value:,.{digits}f}" for value in (middle, min(values), max(values))])


def spread(shown):
    """Median, least and most, already formatted, as one cell."""
    middle, low, high = shown
    return middle if low == high else f"{middle} ({low}–{high})"


def aligned(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in rows)


def markdown_table(header, rows):
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return [line(header), line(["---"] * len(header)), *map(line, rows)]


def machine():
    """What a reader needs to compare, and nothing that names the machine."""
    cpu = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory_kib = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    return {
        "CPU": f"{os.cpu_count()} cores, {cpu}",
        "memory": f"{memory_kib / 1024 / 1024:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "nginx": version("nginx", "-v"),
        "haproxy": version("haproxy", "-v"),
        "load average before the run": f"{os.getloadavg()[0]:.2f}",
    }


def version(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
        return re.search(r"version:? (?:nginx/)?(\S+)", done.stdout.decode())[1]
    except (OSError, TypeError, subprocess.SubprocessError):
        return "not installed"

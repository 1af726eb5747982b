#!/usr/bin/env python3
"""Measures recloser beside nginx and haproxy. See README.md; the figures are in RESULTS.md."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is written outside build/bench

import proxies
import report
from proxies import PROXY_CORE, TOOL_CORE, WORK

SMALL_CONNECTIONS = (1, 8, 64, 256)
PROMPT_KB = (10, 100, 400)
BURST_CHUNKS = 1000
IDLE_STREAMS = 2000
STREAM_COUNTS = (100, 1000, 5000)
DESCRIPTORS_NEEDED = 2 * max(STREAM_COUNTS) + 1000  # a proxy holds two per stream


class Settings:
    def __init__(self, quick, rounds):
        self.quick = quick
        self.rounds = rounds or (1 if quick else 5)
        self.slow_rounds = min(self.rounds, 3)  # of the scenarios that take long and vary little
        self.seconds = 0.5 if quick else 2.0
        self.paced = "bench-paced-20-100" if quick else "bench-paced-20-250"
        self.paced_most = "bench-paced-10-500" if quick else "bench-paced-20-500"
        self.counted_requests = (200, 800) if quick else (500, 2500)


class Subject:
    """Something to measure: a server, and the prefix that sends a model name the way to be measured."""

    def __init__(self, name, make, prefix=""):
        self.name = name
        self.make = make
        self.prefix = prefix
        self.server = None


class Bench:
    def __init__(self, settings, tools, recloser, names):
        self.settings = settings
        self.tools = tools
        self.upstream = proxies.Upstream(tools / "bench_upstream")
        self.load_core = TOOL_CORE
        self.results = {}
        self.problems = []

        port = self.upstream.port
        gateway = lambda: proxies.Recloser(port, recloser)
        available = [
            Subject("direct", lambda: self.upstream),
            Subject("nginx", lambda: proxies.Nginx(port)),
            Subject("nginx-nolog", lambda: proxies.NginxWithoutLog(port)),
            Subject("haproxy", lambda: proxies.Haproxy(port)),
            Subject("recloser", gateway, "up/"),
            Subject("translate", gateway, "claude/"),
        ]
        self.subjects = [s for s in available if s.name in names]
        self.proxied = [s for s in self.subjects if s.name != "direct"]

    # -- running ------------------------------------------------------------------------------------

    def __enter__(self):
        self.upstream.start()
        running = {}
        for subject in self.subjects:
            if subject.name == "direct":
                subject.server = self.upstream
                continue
            key = "recloser" if subject.prefix else subject.name  # relay and translate share one
            if key not in running:
                running[key] = subject.make().start()
            subject.server = running[key]
            self.load(subject, "bench-small", connections=64, requests=2000)  # warm
        return self

    def __exit__(self, *_):
        for server in {id(s.server): s.server for s in self.subjects if s.server}.values():
            server.stop()
        self.upstream.stop()

    @contextlib.contextmanager
    def one_core(self):
        """Everything on the proxy's core, so that no cost hides in wake-ups across cores."""
        proxies.pin(self.upstream.pid(), PROXY_CORE)
        self.load_core = PROXY_CORE
        try:
            yield
        finally:
            proxies.pin(self.upstream.pid(), TOOL_CORE)
            self.load_core = TOOL_CORE

    def load_command(self, subject, model, server=None, **flags):
        """E.g. connections=8, stream=True become --connections 8 --stream."""
        server = server or subject.server
        command = [self.tools / "bench_load", "--to", f"127.0.0.1:{server.port}"]
        command += ["--model", subject.prefix + model]
        for name, value in flags.items():
            command += ["--" + name.replace("_", "-")] + ([] if value is True else [value])
        return [str(part) for part in command]

    def pin_load(self):
        proxies.die_with_parent()
        os.sched_setaffinity(0, {self.load_core})

    def load(self, subject, model, server=None, timeout=60, strict=False, **flags):
        """Runs the load generator; what it reports, plus the CPU time that the server spent on it.

        Wrong answers become a problem of the run, or with `strict` an exception.
        """
        server = server or subject.server
        children_before = resource.getrusage(resource.RUSAGE_CHILDREN)
        before = proxies.cpu_ns(server.pid())
        done = subprocess.run(
            self.load_command(subject, model, server, timeout=timeout, **flags),
            stdout=subprocess.PIPE,
            timeout=timeout + 30,
            preexec_fn=self.pin_load,
        )
        time.sleep(0.03)  # the server still has to notice the closed connections
        spent_us = (proxies.cpu_ns(server.pid()) - before) / 1000
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = json.loads(done.stdout)
        load_us = 1e6 * (
            children.ru_utime + children.ru_stime
            - children_before.ru_utime - children_before.ru_stime
        )
        out["cpu_us"] = spent_us / max(out["requests"], 1)
        out["chunk_cpu_us"] = spent_us / max(out["chunks"], 1)
        out["load_cpu_us"] = load_us / max(out["requests"], 1)
        if out["errors"]:
            what = (f"{model} {' '.join(f'{k}={v}' for k, v in flags.items())}: "
                    f"{out['errors']} errors, the first: {out['first_error']}")
            if strict:
                raise RuntimeError(what)
            self.problems.append(f"{subject.name}: {what}")
        return out

    def rounds(self, scenario, subjects, cases, count=None):
        """Takes every case with every subject in turn, `count` times over, and keeps the figures."""
        for number in range(count or self.settings.rounds):
            for case, measure in cases.items():
                turn = number % len(subjects)
                for subject in subjects[turn:] + subjects[:turn]:
                    progress(f"{scenario} {case}, round {number + 1}: {subject.name}")
                    self.keep(scenario, case, subject, measure)
            for subject in subjects:
                if subject.server:
                    subject.server.empty_logs()
        progress()

    def keep(self, scenario, case, subject, measure):
        try:
            measured = measure(subject)
        except (OSError, RuntimeError, LookupError, ValueError, subprocess.SubprocessError) as error:
            self.problems.append(f"{subject.name}: {scenario} {case}: {error}")
            return
        of_case = self.results.setdefault(scenario, {}).setdefault(case, {})
        kept = of_case.setdefault(subject.name, {})
        for metric, value in measured.items():
            kept.setdefault(metric, []).append(value)

    # -- scenarios ----------------------------------------------------------------------------------

    def small(self):
        """CPU per request, and at one connection the latency; everything on one core."""
        def at(connections):
            return lambda s: pick(
                self.load(s, "bench-small", connections=connections, duration=self.settings.seconds),
                "cpu_us", "rps", "latency_p50_us", "latency_p99_us", "errors")
        with self.one_core():
            self.rounds("small", self.subjects, {connections_case(n): at(n) for n in SMALL_CONNECTIONS})

    def throughput(self):
        """Requests per second with the proxy alone on its core."""
        def at(connections):
            return lambda s: pick(
                self.load(s, "bench-small", connections=connections, duration=self.settings.seconds),
                "rps", "cpu_us", "load_cpu_us", "errors")
        self.rounds("throughput", self.subjects, {connections_case(n): at(n) for n in (64, 256)})

    def prompt(self):
        def of(kb):
            return lambda s: pick(
                self.load(s, "bench-small", connections=8, duration=self.settings.seconds,
                          prompt=kb * 1000),
                "cpu_us", "rps", "latency_p50_us", "errors")
        with self.one_core():
            self.rounds("prompt", self.subjects, {f"{kb} KB": of(kb) for kb in PROMPT_KB})

    def ttft(self):
        """Streams one at a time: with silences, as real ones, and without, so that caches stay warm."""
        def of(model, chunks):
            return lambda s: pick(
                self.load(s, model, connections=1, duration=self.settings.seconds, stream=True,
                          expect_chunks=chunks),
                "ttft_p50_us", "ttft_p99_us", "first_event_p50_us", "errors")
        cases = {"paced": of("bench-paced-3-2", 3), "back to back": of("bench-burst-4", 4)}
        with self.one_core():
            self.rounds("ttft", self.subjects, cases)

    def chunks(self):
        """CPU per chunk of a stream."""
        paced_chunks = 50 if self.settings.quick else 200
        measured = ("chunk_cpu_us", "lost_chunks", "errors")
        cases = {
            "paced, 64 streams": lambda s: pick(
                self.load(s, f"bench-paced-{paced_chunks}-10", connections=64, requests=64,
                          stream=True, expect_chunks=paced_chunks), *measured),
            "burst, 8 streams": lambda s: pick(
                self.load(s, f"bench-burst-{BURST_CHUNKS}", connections=8, stream=True,
                          duration=self.settings.seconds, expect_chunks=BURST_CHUNKS), *measured),
        }
        with self.one_core():
            self.rounds("chunks", self.subjects, cases)

    def streams(self):
        """Many paced streams at once; the proxy alone on its core."""
        def of(count):
            model = self.settings.paced_most if count >= 5000 else self.settings.paced
            chunks, interval_ms = map(int, model.split("-")[2:])

            def measure(subject):
                out = self.load(subject, model, connections=count, requests=count, stream=True,
                                expect_chunks=chunks, ramp=count / 2500)
                out["late_p99_ms"] = out["latency_p99_us"] / 1000 - chunks * interval_ms
                return pick(out, "lost_chunks", "errors", "chunk_cpu_us", "late_p99_ms")
            return measure
        counts = STREAM_COUNTS
        if proxies.descriptor_limit() < DESCRIPTORS_NEEDED:
            counts = counts[:-1]
            self.problems.append("5,000 streams were left out: the limit of open files is too low")
        self.rounds("streams", self.subjects, {f"{n} streams": of(n) for n in counts},
                    self.settings.slow_rounds)

    def memory(self):
        """Resident memory, each time of a fresh process."""
        def measure(subject):
            with self.fresh(subject) as server:
                idle = proxies.memory_kib(server.pid())
                for size, connections in ((100, 256), (100_000, 64)):
                    self.load(subject, "bench-small", server, connections=connections, prompt=size,
                              duration=self.settings.seconds, strict=True)
                loaded = proxies.memory_kib(server.pid())
                peak = proxies.memory_kib(server.pid(), "VmHWM")
            with self.fresh(subject) as server:
                self.load(subject, "bench-small", server, connections=8, requests=1000,
                          strict=True)
                before = proxies.memory_kib(server.pid())
                with self.idle_streams(subject, server):
                    held = proxies.memory_kib(server.pid())
            return {"idle_mib": idle / 1024, "loaded_mib": loaded / 1024, "peak_mib": peak / 1024,
                    "per_stream_kib": (held - before) / IDLE_STREAMS}
        self.rounds("memory", self.proxied, {"resident": measure}, self.settings.slow_rounds)

    def start(self):
        def measure(subject):
            began = time.monotonic()
            with self.fresh(subject):
                return {"start_ms": (time.monotonic() - began) * 1000}
        subjects = [s for s in self.proxied if s.name != "translate"]  # the same process
        self.rounds("start", subjects, {"to first answer": measure}, max(self.settings.rounds, 5))

    def counts(self):
        """User instructions and system calls per request: the difference of a long and a short run."""
        def at(connections):
            def measure(subject):
                out = {}
                if shutil.which("valgrind"):
                    out["instructions"] = self.per_request(subject, connections, run_callgrind)["total"]
                if shutil.which("strace"):
                    calls = self.per_request(subject, connections, run_strace)
                    out["calls"] = calls.pop("total")
                    out["calls_by_name"] = {k: round(v, 3) for k, v in calls.items() if v >= 0.005}
                return out
            return measure
        cases = {connections_case(n): at(n) for n in ((64,) if self.settings.quick else (1, 64))}
        self.rounds("counts", self.proxied, cases, 1)

    def per_request(self, subject, connections, counted_run):
        few, many = self.settings.counted_requests
        totals = [counted_run(self, subject, connections, n) for n in (few, many)]
        if totals[1]["total"] <= totals[0]["total"]:
            raise RuntimeError(f"{counted_run.__name__} did not see the server's work")
        return {name: (totals[1][name] - totals[0].get(name, 0)) / (many - few) for name in totals[1]}

    @contextlib.contextmanager
    def fresh(self, subject):
        server = subject.make().start()
        try:
            yield server
        finally:
            server.stop()

    @contextlib.contextmanager
    def idle_streams(self, subject, server):
        """Holds IDLE_STREAMS streams that have begun and then say nothing."""
        command = self.load_command(subject, "bench-idle-120", server, connections=IDLE_STREAMS,
                                    requests=IDLE_STREAMS, stream=True, announce=True, ramp=1,
                                    timeout=60)
        holder = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  preexec_fn=self.pin_load)
        try:
            if b"streaming" not in holder.stderr.readline():  # ends with the holder's own time limit
                raise RuntimeError("the idle streams did not all begin")
            time.sleep(0.5)
            yield
        finally:
            holder.terminate()
            holder.wait()
            holder.stderr.close()


SCENARIOS = ("small", "throughput", "prompt", "ttft", "chunks", "streams", "memory", "start", "counts")


def connections_case(number):
    return "1 connection" if number == 1 else f"{number} connections"


def progress(text=""):
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def pick(measured, *names):
    return {name: measured[name] for name in names}


def counted(bench, subject, connections, requests, wrapper, target=None):
    """Starts a fresh server under a counting tool, has it serve, and ends it in good order."""
    server = subject.make().start(wrapper, wait=60)
    try:
        bench.load(subject, "bench-small", server, connections=connections, requests=requests,
                   strict=True)
        time.sleep(0.3)
    finally:
        server.stop(target(server) if target else None)


def run_callgrind(bench, subject, connections, requests):
    out = WORK / "callgrind.out"
    out.unlink(missing_ok=True)
    counted(bench, subject, connections, requests,
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"])
    found = re.search(r"^(?:totals|summary): (\d+)", out.read_text(errors="replace"), re.MULTILINE)
    if not found:
        raise RuntimeError("callgrind left no total")
    return {"total": int(found[1])}


def run_strace(bench, subject, connections, requests):
    out = WORK / "strace.out"
    out.unlink(missing_ok=True)
    counted(bench, subject, connections, requests, ["strace", "-f", "-c", "-o", out],
            target=lambda server: proxies.children_of(server.process.pid)[0])
    calls = {}
    for line in out.read_text().splitlines():
        columns = line.split()  # % time, seconds, usecs/call, calls, [errors], name
        if len(columns) >= 5 and columns[3].isdigit():
            calls[columns[-1]] = int(columns[3])
    if "total" not in calls:
        raise RuntimeError("strace left no total")
    return calls


def find_tools():
    """The load generator and the fake upstream: as CMake built them, or else built here."""
    for folder in (proxies.ROOT / "build/release/bench", proxies.ROOT / "build/release", WORK):
        if all((folder / tool).exists() for tool in ("bench_load", "bench_upstream")):
            return folder
    compiler = next(filter(shutil.which, ("clang++-16", "clang++-19", "clang++", "g++")), None)
    if not compiler:
        sys.exit("bench: no tools built, and no compiler to build them with")
    WORK.mkdir(parents=True, exist_ok=True)
    for tool, source in (("bench_load", "load.cpp"), ("bench_upstream", "fake_upstream.cpp")):
        subprocess.run([compiler, "-std=c++20", "-O2", proxies.HERE / source, "-o", WORK / tool],
                       check=True)
    return WORK


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, one round")
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="SCENARIO",
                        help="one of " + ", ".join(SCENARIOS) + "; may be repeated")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--subjects", default="direct,nginx,haproxy,recloser,translate",
                        help="what to measure (default %(default)s; there is also nginx-nolog)")
    parser.add_argument("--recloser", type=pathlib.Path, metavar="BINARY",
                        default=proxies.ROOT / "build/release/recloser")
    parser.add_argument("--write", action="store_true",
                        help="rewrite RESULTS.md even after a partial or quick run")
    options = parser.parse_args()

    names = options.subjects.split(",")
    if not options.recloser.exists():
        print(f"no {options.recloser.name} binary, measuring the others only", file=sys.stderr)
        names = [n for n in names if n not in ("recloser", "translate")]
    for subject, program in (("nginx", "nginx"), ("nginx-nolog", "nginx"), ("haproxy", "haproxy")):
        if subject in names and not shutil.which(program):
            print(f"{program} is not installed and left out", file=sys.stderr)
            names.remove(subject)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended too
    os.sched_setaffinity(0, {TOOL_CORE})
    proxies.raise_descriptor_limit(DESCRIPTORS_NEEDED)
    settings = Settings(options.quick, options.rounds)
    machine = report.machine()
    try:
        with Bench(settings, find_tools(), options.recloser.resolve(), names) as bench:
            for scenario in options.only or SCENARIOS:
                getattr(bench, scenario)()
    except RuntimeError as error:
        sys.exit(f"bench: {error}")

    outcome = report.Outcome(bench.results, bench.problems, settings, machine)
    print(outcome.text())
    (WORK / "results.json").write_text(json.dumps(outcome.as_json(), indent=1) + "\n")
    if options.write or not (options.quick or options.only):
        (proxies.HERE / "RESULTS.md").write_text(outcome.markdown())
    return 1 if bench.problems else 0


if __name__ == "__main__":
    sys.exit(main())

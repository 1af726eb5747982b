"""The processes of a benchmark, upstream and proxies, and what the kernel says of them."""

import ctypes
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "build" / "bench"  # everything temporary, and results.json

PROXY_CORE = 0
TOOL_CORE = 1


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def die_with_parent():
    """A benchmark that is killed leaves no server behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def pin(pid, core):
    """Moves every thread of a running process to one core."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {core})


def children_of(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def cpu_ns(pid):
    """CPU time of all threads, from the scheduler's own count, or from the coarse tick count."""
    try:
        tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
        total = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
        if total:
            return total
    except OSError:
        pass
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def memory_kib(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise LookupError(f"no {field} for {pid}")


SMALL_BODY = b'{"model":"%s","messages":[{"role":"user","content":"Hello"}]}'


def ask_once(port, model, timeout=10.0):
    """One small request on a connection of its own. True when it was answered with 200."""
    body = SMALL_BODY % model.encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer test\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
            s.sendall(head.encode() + body)
            return s.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


class Server:
    """A program with a port. `wrapper` is put before its command line (valgrind, strace)."""

    name = ""
    core = PROXY_CORE
    probe_model = "bench-small"

    def __init__(self):
        self.port = free_port()
        self.process = None
        self.folder = WORK / f"{self.name}-{self.port}"  # configuration and logs, gone after a good end
        self.log = self.folder / "output.log"

    def command(self, wrapped):
        raise NotImplementedError

    def start(self, wrapper=(), wait=30.0):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*map(str, wrapper), *map(str, self.command(bool(wrapper)))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=lambda: (die_with_parent(), os.sched_setaffinity(0, {self.core})),
            )
        deadline = time.monotonic() + wait
        while not ask_once(self.port, self.probe_model):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise RuntimeError(f"{self.name} does not answer, see {self.log}")
            time.sleep(0.0002)
        return self

    def pid(self):
        """The process that does the work."""
        return self.process.pid

    def empty_logs(self):
        """Access logs are on, and would fill the disk. They are open for appending."""
        os.truncate(self.log, 0)

    def stop(self, target=None):
        self.end(target)
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self, target=None):
        """SIGTERM, to `target` when the process that was started is only a wrapper; then patience."""
        if self.process is None:
            return
        if self.process.poll() is None:
            os.kill(target or self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


class Upstream(Server):
    name = "upstream"
    core = TOOL_CORE

    def __init__(self, binary):
        super().__init__()
        self.binary = binary

    def command(self, wrapped):
        return [self.binary, "--listen", f"127.0.0.1:{self.port}"]


class Nginx(Server):
    name = "nginx"

    def __init__(self, upstream_port):
        super().__init__()
        self.upstream_port = upstream_port
        self.access_log = self.folder / "access.log"

    def command(self, wrapped):
        # Under valgrind and strace there is one process to count, as with the others.
        config = self.folder / "nginx.conf"
        config.write_text(self.config(master="off" if wrapped else "on"))
        return ["nginx", "-p", self.folder, "-c", config, "-e", "stderr"]

    def config(self, master):
        temp_paths = "\n".join(
            f"  {kind}_temp_path {self.folder}/temp;"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return f"""
daemon off;
master_process {master};
user root;
worker_processes 1;
worker_rlimit_nofile {descriptor_limit()};
pid {self.folder}/pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
{temp_paths}
  access_log {self.access_log};
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  tcp_nodelay on;
  upstream fake {{
    server 127.0.0.1:{self.upstream_port};
    keepalive 512;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  server {{
    listen 127.0.0.1:{self.port} backlog=8192;
    location / {{
      proxy_pass http://fake;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""

    def pid(self):
        return (children_of(self.process.pid) or [self.process.pid])[0]

    def empty_logs(self):
        super().empty_logs()
        if self.access_log != "off":
            os.truncate(self.access_log, 0)


class NginxWithoutLog(Nginx):
    name = "nginx-nolog"

    def __init__(self, upstream_port):
        super().__init__(upstream_port)
        self.access_log = "off"


class Haproxy(Server):
    name = "haproxy"

    def __init__(self, upstream_port):
        super().__init__()
        self.upstream_port = upstream_port

    def command(self, wrapped):
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""
global
  nbthread 1
  maxconn 8000
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-keep-alive
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
frontend edge
  bind 127.0.0.1:{self.port} backlog 8192
  default_backend fake
backend fake
  server fake 127.0.0.1:{self.upstream_port} maxconn 8000 pool-max-conn 512
""")
        return ["haproxy", "-db", "-f", config]


class Recloser(Server):
    name = "recloser"
    probe_model = "up/bench-small"

    def __init__(self, upstream_port, binary):
        super().__init__()
        self.upstream_port = upstream_port
        self.binary = binary

    def config(self):
        """The one place that says how the gateway is set up, client keys included."""
        upstream = f"http://127.0.0.1:{self.upstream_port}"
        return f"""
server: {{listen: "127.0.0.1:{self.port}", workers: 1}}
providers:
  up: {{type: openai-compatible, base_url: "{upstream}/v1", api_key: x}}
  claude: {{type: anthropic, base_url: "{upstream}", api_key: x}}
"""

    def command(self, wrapped):
        config = self.folder / "recloser.yaml"
        config.write_text(self.config())
        listen = f"127.0.0.1:{self.port}"
        return [self.binary, "serve", "--config", config, "--listen", listen]


def descriptor_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def raise_descriptor_limit(wanted):
    """Raises this process's limit, which its children inherit, and returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limits in ((max(wanted, hard), max(wanted, hard)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            break
        except (ValueError, OSError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]

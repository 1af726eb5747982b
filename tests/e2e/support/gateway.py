"""The real binary as a process: written config in, base URL out, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import openai

from . import wire
from .process import die_with_parent
from .upstream import Upstream
from .wait import SLOW, until

ROOT = Path(__file__).parents[3]
BIN = Path(os.environ.get("RECLOSER_BIN") or ROOT / "build/release/recloser")
KEPT = ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE")

_TRUST = ssl.create_default_context()  # made once: it takes as long as a whole test

# Every secret that a test hands to the gateway; none may ever be seen in its output.
UP_KEY = "sk-test-up"
LOCAL_KEY = "sk-test-local"
CLAUDE_KEY = "sk-ant-test"
CLIENT_KEY = "sk-client-anything"
SECRETS = [UP_KEY, LOCAL_KEY, CLAUDE_KEY, CLIENT_KEY]


def default_config(up: Upstream, **more: Any) -> dict:
    """`up`: OpenAI, strict. `local`: a lenient local server. `claude`: Anthropic. `smart`: a route over two of them."""
    config = {
        "providers": {
            "up": {"type": "openai-compatible", "base_url": up.openai, "api_key": UP_KEY},
            "local": {"type": "openai-compatible", "base_url": up.local, "api_key": LOCAL_KEY},
            "claude": {"type": "anthropic", "base_url": up.root, "api_key": CLAUDE_KEY},
        },
        "routes": {"smart": {"targets": ["up/gpt-4o", "claude/claude-sonnet-4-5"]}},
        "server": {"access_log": "json"},
    }
    for name, value in more.items():
        config[name] = {**config.get(name, {}), **value}
    return config


def only(up: Upstream, *targets: str, **route: Any) -> dict:
    """The default config with one more route, `r`, over these targets."""
    return default_config(up, routes={"r": {"targets": list(targets), **route}})


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment without any provider key, and with a home that is empty."""
    return {k: os.environ[k] for k in KEPT if k in os.environ} | {"HOME": str(home)} | more


def run(home: Path, *args: str, env: dict[str, str] | None = None, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [str(BIN), *args], cwd=home, env=environment(home, **(env or {})), capture_output=True, text=True, timeout=timeout * SLOW
    )


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Gateway:
    def __init__(self, home: Path, config: dict | str | None, env: dict[str, str] | None = None, port: int | None = None):
        """`port`: one that the config itself listens on; otherwise `--listen` is given."""
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.v1 = f"{self.url}/v1"
        self.log_path = home / "gateway.log"
        self.config_path = home / "gateway.yaml"
        command = [str(BIN), "serve"] if port else [str(BIN), "serve", "--listen", f"127.0.0.1:{self.port}"]
        if config is not None:
            self.write_config(config)
            command += ["--config", str(self.config_path)]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=home,
                env=environment(home, **(env or {})),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent,
            )
        until(self.alive, f"the gateway answers /healthz; it said: {self.log()[-2000:]}", 10)

    def write_config(self, config: dict | str) -> None:
        # JSON is YAML
        self.config_path.write_text(config if isinstance(config, str) else json.dumps(config, indent=2))

    def alive(self) -> bool:
        assert self.process.poll() is None, f"the gateway ended with {self.process.returncode}:\n{self.log()}"
        try:
            return wire.ask(self.port, wire.request("GET", "/healthz")).status == 200
        except OSError:
            return False

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def log_lines(self) -> list[dict]:
        """The JSON lines of the log."""
        found = []
        for line in self.log().splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                found.append(value)
        return found

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait_exit(self, seconds: float = 10) -> int:
        return self.process.wait(seconds * SLOW)

    def stop(self) -> None:
        """Ends it as an operator would, and checks that it left well and told no secret."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            code = self.wait_exit()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the gateway did not end on SIGTERM:\n{self.log()[-4000:]}") from None
        assert code == 0, f"exit code {code}:\n{self.log()[-4000:]}"
        for secret in SECRETS:
            assert secret not in self.log(), f"the log has the secret {secret}"

    # --- asking it

    def wire(self, **options: Any) -> wire.Wire:
        return wire.Wire(self.port, **options)

    def get(self, target: str, **options: Any) -> wire.Response:
        return wire.ask(self.port, wire.request("GET", target, **options))

    def post(self, target: str, body: Any, **options: Any) -> wire.Response:
        """`body` as bytes goes out as it is, anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return wire.ask(self.port, wire.request("POST", target, data, **options))

    def chat(self, model: str, text: str = "hi there", **fields: Any) -> wire.Response:
        """A chat call by hand: all response headers and the exact body can be seen."""
        body = {"model": model, "messages": [{"role": "user", "content": text}]} | fields
        return self.post("/v1/chat/completions", body)

    def client(self, **options: Any) -> openai.OpenAI:
        """The official SDK. It does not retry, unless asked to."""
        http = openai.DefaultHttpxClient(verify=_TRUST)
        settings = {"base_url": self.v1, "api_key": CLIENT_KEY, "max_retries": 0, "timeout": 30 * SLOW, "http_client": http}
        return openai.OpenAI(**(settings | options))

"""The fake upstream as a process of its own, and the remote control for it."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import wire
from .process import die_with_parent
from .wait import until


@dataclass
class Received:
    """One request that the fake upstream received."""

    method: str
    target: str
    headers: dict[str, str]
    head: bytes
    body: bytes
    connection: int
    sent: int
    done: bool
    cut_at: float | None
    vendor: str
    aside: bool  # it asked for credentials or for facts about a model

    def json(self) -> Any:
        return json.loads(self.body)


class Upstream:
    def __init__(self, certificate: Path | None = None, key: Path | None = None) -> None:
        """With a certificate it speaks TLS."""
        command = [sys.executable, str(Path(__file__).parents[1] / "fake_upstream.py")]
        if certificate:
            command += ["--certificate", str(certificate), "--key", str(key)]
        self.tls = ssl.create_default_context(cafile=str(certificate)) if certificate else None
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().decode().rpartition(":")[2])
        self.root = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self.openai = f"{self.root}/v1"
        self.local = f"{self.root}/local/v1"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def _call(self, method: str, path: str, value: Any = None) -> Any:
        body = b"" if value is None else json.dumps(value).encode()
        return wire.ask(self.port, wire.request(method, path, body, host=f"127.0.0.1:{self.port}"), self.tls).json()

    def next(self, *behaviours: dict) -> None:
        """Queues misbehaviours for the next POST requests; fake_upstream.py lists what they can say."""
        self._call("POST", "/__control", {"next": behaviours})

    def reset(self) -> None:
        self._call("POST", "/__reset")

    def everything(self) -> list[Received]:
        return [
            Received(
                r["method"], r["target"], {n.lower(): v for n, v in r["headers"]}, base64.b64decode(r["head"]),
                base64.b64decode(r["body"]), r["connection"], r["sent"], r["done"], r["cut_at"], r["vendor"], r["aside"],
            )
            for r in self._call("GET", "/__requests")
        ]  # fmt: skip

    def requests(self) -> list[Received]:
        """The inference requests. A gateway may look for models, health and credentials at any time: they do not count."""
        return [r for r in self.everything() if r.method == "POST" and not r.aside]

    def last(self) -> Received:
        return self.requests()[-1]

    def service_account(self) -> dict:
        """A Google key file made for this run, whose token_uri is the fake."""
        return self._call("GET", "/__service_account")

    def connections(self) -> dict:
        return self._call("GET", "/__connections")

    def wait_for_request(self, count: int = 1) -> Received:
        return until(lambda: len(self.requests()) >= count and self.requests()[count - 1], "the request reaches the upstream")

    def wait_for_cut(self) -> float:
        """When the gateway left the last request before its end. Unix time."""
        return until(lambda: self.last().cut_at, "the gateway cuts its upstream request")

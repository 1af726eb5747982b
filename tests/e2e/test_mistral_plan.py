"""Mistral: a model that the key's plan does not have."""

from __future__ import annotations

from collections.abc import Callable

from support.gateway import Gateway, default_config
from support.rules import check_error
from support.upstream import Upstream


def test_a_limit_of_none_is_no_limit_that_passes(start: Callable[..., Gateway], upstream: Upstream) -> None:
    section = {"base_url": f"{upstream.root}/mistral/v1", "api_key": "mistral-test"}
    gateway = start(default_config(upstream, providers={"mistral": section}))
    upstream.next({"fail": "quota"})
    error = check_error(gateway.chat("mistral/mistral-small-latest"), 404, "model_not_found")
    assert "plan" in error["message"]
    assert len(upstream.requests()) == 1
    assert gateway.chat("mistral/mistral-small-latest").status == 200  # the lane is not benched

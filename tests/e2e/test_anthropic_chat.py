"""Chat over Anthropic, as the official OpenAI Python SDK sees it. The fake refuses whatever Anthropic refuses, so a 200
proves that the translation is one that Anthropic takes."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from support.gateway import Gateway, only
from support.rules import check_completion, check_error
from support.samples import CLOCK, PDF, PDF_URL, PNG, PNG_URL, WEATHER, City, called, say, tool_answer
from support.upstream import Upstream

MODEL = "claude/claude-sonnet-4-5"  # thinks with a budget
ADAPTIVE = "claude/claude-sonnet-4-6"
NEWEST = "claude/claude-sonnet-5-5"  # no sampling, no forced tools, thinks by default


def sent(upstream: Upstream) -> dict:
    return upstream.last().json()


def test_a_question_gets_its_answer(client: openai.OpenAI, upstream: Upstream) -> None:
    answer = client.chat.completions.create(model=MODEL, **say("Grüße 漢字 😀"))
    assert check_completion(answer.model_dump())["content"] == "Grüße 漢字 😀"
    assert answer.choices[0].finish_reason == "stop"
    assert sent(upstream)["model"] == "claude-sonnet-4-5"
    assert sent(upstream)["max_tokens"] >= 4096, "Anthropic must have one; the client gave none"


def test_the_provider_gets_its_own_key_and_version(client: openai.OpenAI, upstream: Upstream) -> None:
    client.chat.completions.create(model=MODEL, **say("hi"))
    seen = upstream.last()
    assert "sk-ant-test" in (seen.headers.get("x-api-key"), seen.headers.get("authorization", "").removeprefix("Bearer "))
    assert seen.headers["anthropic-version"] == "2023-06-01"
    assert b"sk-client-anything" not in seen.head


def test_leading_system_and_developer_messages_become_the_system_prompt(client: openai.OpenAI, upstream: Upstream) -> None:
    history: list = [
        {"role": "system", "content": "be short"},
        {"role": "developer", "content": [{"type": "text", "text": "be kind"}]},
        {"role": "user", "content": "hi"},
    ]
    client.chat.completions.create(model=MODEL, messages=history)
    system = sent(upstream)["system"]
    text = system if isinstance(system, str) else "\n".join(b["text"] for b in system)
    assert text.index("be short") < text.index("be kind")
    assert [m["role"] for m in sent(upstream)["messages"]] == ["user"]


def test_later_system_messages_stay_in_their_place(client: openai.OpenAI, upstream: Upstream) -> None:
    history: list = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "system", "content": "now in French"},
        {"role": "user", "content": "three"},
    ]
    answer = client.chat.completions.create(model=MODEL, messages=history)
    assert answer.choices[0].message.content and "now in French" in json.dumps(sent(upstream)["messages"][2:])


@pytest.mark.parametrize(
    "history",
    [
        [{"role": "assistant", "content": "hello"}, {"role": "user", "content": "hi"}],
        [{"role": "system", "content": "only system"}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": [{"type": "text", "text": " "}, {"type": "text", "text": "hi"}]}],
        [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}, {"role": "user", "content": "b"}],
        [{"role": "user", "content": "a", "name": "bob"}],
        [{"role": "user", "content": "a"}, called(("c1", "weather", "")), {"role": "user", "content": "never answered"}],
        [{"role": "user", "content": "a"}, tool_answer("ghost", "orphan"), {"role": "user", "content": "b"}],
        [{"role": "user", "content": "a"}, called(("c1", "weather", "{}")), tool_answer("c1", ""), called(("c1", "weather", "{}")), tool_answer("c1", "again")],
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "refusal": "no"}, {"role": "user", "content": "b"}],
    ],
)  # fmt: skip
def test_odd_histories_that_openai_takes_are_made_fit(gateway: Gateway, history: list) -> None:
    answer = gateway.post("/v1/chat/completions", {"model": ADAPTIVE, "messages": history, "tools": [WEATHER]})
    assert answer.status == 200, answer.body


def test_a_conversation_that_ends_with_the_assistant_is_made_fit_or_refused_but_never_sent_as_it_is(
    gateway: Gateway, upstream: Upstream
) -> None:
    history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b "}]
    answer = gateway.post("/v1/chat/completions", {"model": ADAPTIVE, "messages": history})
    if answer.status != 200:
        check_error(answer, 400, fault="client")
        assert not upstream.requests()


def test_usage_counts_cached_tokens_inside_the_prompt(client: openai.OpenAI, upstream: Upstream) -> None:
    part = {"type": "text", "text": "one two three four five six", "cache_control": {"type": "ephemeral"}}
    first = client.chat.completions.create(model=MODEL, **say([part])).usage
    second = client.chat.completions.create(model=MODEL, **say([part])).usage
    assert sent(upstream)["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}
    assert first and second and first.prompt_tokens == second.prompt_tokens
    assert first.prompt_tokens_details and first.prompt_tokens_details.cached_tokens == 0
    assert second.prompt_tokens_details and second.prompt_tokens_details.cached_tokens == second.prompt_tokens // 2
    assert first.prompt_tokens_details.model_dump().get("cache_write_tokens") == first.prompt_tokens // 2


def test_cache_marks_reach_system_tools_and_messages(gateway: Gateway, upstream: Upstream) -> None:
    mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    body = {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "long"} | mark]},
            {"role": "user", "content": [{"type": "text", "text": "hi"} | mark]},
        ],
        "tools": [WEATHER | mark],
    }
    assert gateway.post("/v1/chat/completions", body).status == 200
    seen = sent(upstream)
    for block in (seen["system"][0], seen["messages"][0]["content"][0], seen["tools"][0]):
        assert block["cache_control"] == mark["cache_control"]


def test_parallel_tool_calls_come_whole(client: openai.OpenAI, upstream: Upstream) -> None:
    answer = client.chat.completions.create(model=MODEL, tools=[WEATHER, CLOCK], **say("call tools"))
    calls = check_completion(answer.model_dump())["tool_calls"]
    assert [c["function"]["name"] for c in calls] == ["weather", "clock"]
    assert json.loads(calls[0]["function"]["arguments"])["id"] == 9007199254740993
    assert calls[1]["function"]["arguments"] == "{}"
    assert answer.choices[0].message.content is None
    assert sent(upstream)["tools"][0]["input_schema"] == WEATHER["function"]["parameters"]


def test_text_beside_tool_calls_is_kept(client: openai.OpenAI) -> None:
    message = client.chat.completions.create(model=MODEL, tools=[CLOCK], **say("say first, then call tools")).choices[0].message
    assert message.content == "I will call the tools." and message.tool_calls


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"tool_choice": "auto"}, {"type": "auto"}),
        ({"tool_choice": "none"}, {"type": "none"}),
        ({"tool_choice": "required"}, {"type": "any"}),
        ({"tool_choice": {"type": "function", "function": {"name": "clock"}}}, {"type": "tool", "name": "clock"}),
        ({"parallel_tool_calls": False}, {"type": "auto", "disable_parallel_tool_use": True}),
        ({"parallel_tool_calls": False, "tool_choice": "required"}, {"type": "any", "disable_parallel_tool_use": True}),
    ],
)
def test_tool_choice_is_translated(gateway: Gateway, upstream: Upstream, fields: dict, wanted: dict) -> None:
    assert gateway.chat(MODEL, "call tools", tools=[WEATHER, CLOCK], **fields).status == 200
    assert sent(upstream)["tool_choice"] == wanted


@pytest.mark.parametrize("fields", [{"tool_choice": "auto"}, {"tools": [], "tool_choice": "required"}, {"parallel_tool_calls": False}])
def test_tool_choice_without_tools_is_dropped(gateway: Gateway, fields: dict) -> None:
    assert gateway.chat(MODEL, **fields).status == 200


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "clock"}}])
def test_models_without_forced_tools_get_auto_and_the_client_hears_of_it(gateway: Gateway, choice: Any) -> None:
    answer = gateway.chat(NEWEST, "call tools", tools=[WEATHER, CLOCK], tool_choice=choice)
    assert answer.status == 200, answer.body
    assert "tool_choice" in (answer.header("x-recloser-dropped") or "")
    assert check_completion(answer.json())["tool_calls"][-1]["function"]["name"] == "clock"


def test_tool_results_are_merged_into_one_turn(client: openai.OpenAI, upstream: Upstream) -> None:
    history: list = [
        {"role": "user", "content": "call tools"},
        called(("call_a", "weather", '{"city": "Ulm", "id": 9007199254740993}'), ("call_b", "clock", "")),
        tool_answer("call_b", "noon"),
        tool_answer("call_a", [{"type": "text", "text": "sunny"}]),
    ]
    answer = client.chat.completions.create(model=MODEL, messages=history, tools=[WEATHER, CLOCK])
    assert (answer.choices[0].message.content or "").startswith("tool said: ")
    assert len(sent(upstream)["messages"]) == 3
    assert sent(upstream)["messages"][1]["content"][0]["input"]["id"] == 9007199254740993


def test_tool_call_ids_of_other_providers_are_made_fit(client: openai.OpenAI) -> None:
    history: list = [
        {"role": "user", "content": "call tools"},
        called(("functions.weather:0", "weather", "{}"), ("call|" + "x" * 200, "clock", "{}")),
        tool_answer("functions.weather:0", "sunny"),
        tool_answer("call|" + "x" * 200, "noon"),
        {"role": "user", "content": "thanks"},
    ]
    assert client.chat.completions.create(model=MODEL, messages=history, tools=[WEATHER, CLOCK]).choices[0].message.content == "thanks"


def test_structured_output_parses(client: openai.OpenAI, upstream: Upstream) -> None:
    city = client.chat.completions.parse(model=MODEL, response_format=City, **say("a city")).choices[0].message.parsed
    assert city and city.people == 9007199254740993
    assert sent(upstream)["output_config"]["format"]["type"] == "json_schema"


def test_schemas_with_keywords_that_anthropic_refuses_are_made_fit(gateway: Gateway) -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": 5},
            "s": {"type": "string", "pattern": "^a", "minLength": 1, "format": "regex"},
            "l": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "null"}]}, "minItems": 1},
            "o": {"type": "object", "properties": {"x": {"type": "number"}}},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    answer = gateway.chat(MODEL, "json please", response_format=wanted)
    assert answer.status == 200, answer.body
    assert set(json.loads(check_completion(answer.json())["content"])) == {"n", "s", "l", "o"}


def test_json_mode_becomes_an_instruction(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway.chat(MODEL, "as json", response_format={"type": "json_object"}).status == 200
    assert "json" in json.dumps(sent(upstream)["system"]).lower()


def test_images_and_pdfs_reach_claude(client: openai.OpenAI) -> None:
    parts = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": PNG_URL, "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF_URL}},
    ]
    answer = client.chat.completions.create(model=MODEL, **say(parts)).choices[0].message.content
    assert answer == (
        f"look [image image/png {len(PNG)} bytes] [image https://example.com/a.png] [document application/pdf {len(PDF)} bytes]"
    )


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/bmp;base64,AA=="}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,***"}},
        {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "hologram"},
    ],
)
def test_parts_that_claude_cannot_take_are_a_bad_request(gateway: Gateway, part: dict) -> None:
    check_error(gateway.post("/v1/chat/completions", {"model": MODEL} | say([part])), 400)


# ---------------------------------------------------------------------------------------------------- thinking


@pytest.mark.parametrize(("effort", "budget"), [("low", 1024), ("medium", 4096), ("high", 16384)])
def test_reasoning_effort_becomes_a_budget(client: openai.OpenAI, upstream: Upstream, effort: Any, budget: int) -> None:
    answer = client.chat.completions.create(model=MODEL, reasoning_effort=effort, max_completion_tokens=2000, **say("why"))
    assert sent(upstream)["thinking"]["type"] == "enabled" and sent(upstream)["thinking"]["budget_tokens"] == budget
    assert sent(upstream)["max_tokens"] == 2000 + budget
    message = answer.choices[0].message
    assert message.content == "why"
    assert message.reasoning_content == "Let me think about: why"
    assert answer.usage and answer.usage.completion_tokens_details and answer.usage.completion_tokens_details.reasoning_tokens == 15


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
def test_reasoning_effort_becomes_adaptive_thinking_on_newer_models(client: openai.OpenAI, upstream: Upstream, effort: Any) -> None:
    for model in (ADAPTIVE, "claude/claude-opus-4-8", NEWEST):
        message = client.chat.completions.create(model=model, reasoning_effort=effort, **say("why")).choices[0].message
        assert sent(upstream)["thinking"] == {"type": "adaptive", "display": "summarized"}
        assert sent(upstream)["output_config"]["effort"] == effort
        assert message.reasoning_content == "Let me think about: why"


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
@pytest.mark.parametrize("model", [MODEL, ADAPTIVE, "claude/claude-opus-4-8", NEWEST, "claude/claude-haiku-4-5"])
def test_every_effort_is_taken_by_every_model(gateway: Gateway, model: str, effort: str) -> None:
    answer = gateway.chat(model, reasoning_effort=effort, temperature=0.5, max_tokens=3000)
    assert answer.status == 200, answer.body
    if effort == "none" and model != NEWEST:
        assert not check_completion(answer.json()).get("reasoning_content")


def test_a_small_answer_is_not_thought_about(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway.chat(MODEL, reasoning_effort="high", max_tokens=16).status == 200
    assert sent(upstream).get("thinking", {}).get("type") in (None, "disabled")


def test_anthropics_own_thinking_member_is_passed_on(gateway: Gateway, upstream: Upstream) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2048}
    assert gateway.chat(MODEL, thinking=thinking, max_tokens=4000).status == 200
    assert sent(upstream)["thinking"] == thinking


def test_forced_tools_and_thinking_do_not_collide(gateway: Gateway) -> None:
    answer = gateway.chat(MODEL, "hi", tools=[CLOCK], tool_choice="required", reasoning_effort="low")
    assert answer.status == 200, answer.body
    assert answer.header("x-recloser-dropped")


def test_a_thinking_tool_loop_goes_on_although_the_client_drops_the_thinking(client: openai.OpenAI) -> None:
    fields: dict = {"model": MODEL, "reasoning_effort": "low", "tools": [WEATHER]}
    history: list = [{"role": "user", "content": "call tools"}]
    first = client.chat.completions.create(messages=history, **fields).choices[0].message
    assert first.tool_calls
    call = first.tool_calls[0]
    history += [called((call.id, call.function.name, call.function.arguments)), tool_answer(call.id, "sunny")]
    assert client.chat.completions.create(messages=history, **fields).choices[0].message.content == "tool said: sunny"


# ---------------------------------------------------------------------------------------------------- parameters


def test_what_anthropic_has_no_place_for_is_dropped_and_named(gateway: Gateway, upstream: Upstream) -> None:
    fields = {"seed": 1, "logit_bias": {"5": 1}, "presence_penalty": 0.5, "frequency_penalty": 0.5, "min_p": 0.1}
    answer = gateway.chat(MODEL, **fields)
    assert answer.status == 200, answer.body
    dropped = answer.header("x-recloser-dropped") or ""
    for name in fields:
        assert name in dropped


def test_nothing_dropped_nothing_said(gateway: Gateway) -> None:
    assert gateway.chat(MODEL, max_tokens=100, temperature=0.5).header("x-recloser-dropped") is None


def test_a_temperature_over_one_is_clamped_and_named(gateway: Gateway, upstream: Upstream) -> None:
    answer = gateway.chat(MODEL, temperature=1.7)
    assert sent(upstream)["temperature"] == 1
    assert "temperature" in (answer.header("x-recloser-dropped") or "")


def test_temperature_and_top_p_together_send_only_one(gateway: Gateway) -> None:
    answer = gateway.chat(MODEL, temperature=0.5, top_p=0.5)
    assert answer.status == 200 and "top_p" in (answer.header("x-recloser-dropped") or "")


def test_newer_models_get_no_sampling(gateway: Gateway, upstream: Upstream) -> None:
    answer = gateway.chat("claude/claude-opus-4-8", temperature=0.5, top_p=0.9)
    assert answer.status == 200, answer.body
    assert not {"temperature", "top_p"} & set(sent(upstream))


def test_stop_sequences_cut_and_blank_ones_are_left_out(gateway: Gateway, upstream: Upstream) -> None:
    answer = check_completion(gateway.chat(MODEL, "one STOP two", stop=["STOP", " \n"]).json())
    assert answer["content"] == "one "
    assert sent(upstream)["stop_sequences"] == ["STOP"]
    assert gateway.chat(MODEL, "one STOP two", stop="STOP").json()["choices"][0]["finish_reason"] == "stop"


def test_the_user_becomes_metadata(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway.chat(MODEL, user="u-1").status == 200
    assert sent(upstream)["metadata"] == {"user_id": "u-1"}


@pytest.mark.parametrize(("tier", "wanted"), [("auto", "auto"), ("default", "standard_only"), ("priority", "auto"), ("flex", None)])
def test_service_tiers_are_mapped(gateway: Gateway, upstream: Upstream, tier: str, wanted: str | None) -> None:
    assert gateway.chat(MODEL, service_tier=tier).status == 200
    assert sent(upstream).get("service_tier") == wanted


def test_a_max_tokens_over_the_models_limit_is_clamped_and_named(gateway: Gateway) -> None:
    answer = gateway.chat(MODEL, max_tokens=500_000)
    assert answer.status == 200, answer.body
    assert "max_tokens" in (answer.header("x-recloser-dropped") or "")


@pytest.mark.parametrize("fields", [{"n": 2}, {"modalities": ["audio"], "audio": {"voice": "x", "format": "wav"}}, {"max_tokens": 0}])
def test_what_would_change_the_meaning_is_a_bad_request(gateway: Gateway, upstream: Upstream, fields: dict) -> None:
    error = check_error(gateway.chat(MODEL, **fields), 400, fault="client")
    assert error["param"] in fields
    assert not upstream.requests()


def test_strict_routes_refuse_what_they_would_drop(start: Any, upstream: Upstream) -> None:
    answer = start(only(upstream, MODEL, strict=True)).chat("r", seed=7)
    assert answer.status == 400 and "seed" in answer.json()["error"]["message"]
    assert not upstream.requests()


def test_route_defaults_fill_in_what_the_client_left_out(start: Any, upstream: Upstream) -> None:
    gateway = start(only(upstream, MODEL, defaults={"max_tokens": 8192}))
    gateway.chat("r")
    assert sent(upstream)["max_tokens"] == 8192
    gateway.chat("r", max_tokens=5)
    assert sent(upstream)["max_tokens"] == 5


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"), ("stop_sequence", "stop"), ("pause_turn", "stop"), ("brand_new", "stop"), ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"), ("refusal", "content_filter"),
    ],
)  # fmt: skip
def test_stop_reasons_are_mapped(gateway: Gateway, reason: str, finish: str) -> None:
    answer = gateway.chat(MODEL, f"finish: {reason}")
    assert answer.json()["choices"][0]["finish_reason"] == finish
    if reason == "refusal":
        assert check_completion(answer.json())["refusal"] == "I cannot help with that."


def test_the_same_conversation_goes_on_with_another_provider(client: openai.OpenAI) -> None:
    history: list = [{"role": "user", "content": "call tools"}]
    for model in (MODEL, "up/gpt-4o", NEWEST, ADAPTIVE):
        message = client.chat.completions.create(model=model, messages=history, tools=[WEATHER]).choices[0].message
        assert message.tool_calls
        call = message.tool_calls[0]
        history += [
            called((call.id, call.function.name, call.function.arguments)),
            tool_answer(call.id, "sunny"),
            {"role": "user", "content": "call tools"},
        ]

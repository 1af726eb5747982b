"""The fake Bedrock is right: boto3 runs straight against it, and it refuses what the vendor refuses. Needs no gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.config
import pytest
from botocore.exceptions import ClientError, EventStreamError
from botocore.loaders import Loader

from fake.aws import credentials, eventstream, sigv4
from fake.bedrock import models
from fake.bedrock.shapes import SHAPES
from support import wire
from support.samples import PDF, PNG
from support.upstream import Upstream

SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
LLAMA = "meta.llama3-1-8b-instruct-v1:0"
ONCE = botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False)
WEATHER: dict = {"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}}}}}
CLOCK: dict = {"toolSpec": {"name": "clock", "inputSchema": {"json": {"type": "object", "properties": {}}}}}


def client(upstream: Upstream, **keys: str) -> Any:
    given: Any = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": credentials.FIXED["AKIDEXAMPLE"]} | keys
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=upstream.root, config=ONCE, **given)


@pytest.fixture(scope="module")
def _client(_upstreams: tuple[Upstream, Upstream]) -> Any:
    return client(_upstreams[0])


@pytest.fixture
def bedrock(_client: Any, upstream: Upstream) -> Any:
    """The SDK with good keys, and a fake upstream that has forgotten the tests before."""
    return _client


def say(*blocks: Any, **members: Any) -> dict:
    content = [{"text": b} if isinstance(b, str) else b for b in blocks]
    return {"messages": [{"role": "user", "content": content}]} | members


def put_together(events: Any) -> tuple[list[dict], str, dict]:
    """The blocks of a stream, its stop reason, its usage."""
    found: dict[int, dict] = {}
    reason, usage, order = "", {}, []
    for event in events:
        (name,) = event
        order.append(name)
        inner = event[name]
        block = found.setdefault(inner.get("contentBlockIndex", -1), {"text": "", "input": "", "reasoning": "", "signature": ""})
        if name == "contentBlockStart":
            block |= inner["start"]["toolUse"]
        elif name == "contentBlockDelta":
            delta = inner["delta"]
            block["text"] += delta.get("text", "")
            block["input"] += delta.get("toolUse", {}).get("input", "")
            block["reasoning"] += delta.get("reasoningContent", {}).get("text", "")
            block["signature"] += delta.get("reasoningContent", {}).get("signature", "")
        elif name == "messageStop":
            reason = inner["stopReason"]
        elif name == "metadata":
            usage = inner["usage"]
    assert order[0] == "messageStart" and order[-2:] == ["messageStop", "metadata"]
    found.pop(-1)
    return list(found.values()), reason, usage


def test_it_answers(bedrock: Any) -> None:
    answer = bedrock.converse(modelId=LLAMA, system=[{"text": "be kind"}], **say("hi there"))
    assert answer["output"]["message"] == {"role": "assistant", "content": [{"text": "hi there"}]}
    assert (answer["stopReason"], answer["usage"]) == ("end_turn", {"inputTokens": 4, "outputTokens": 3, "totalTokens": 7})
    assert answer["ResponseMetadata"]["RequestId"]


def test_it_streams(bedrock: Any) -> None:
    blocks, reason, usage = put_together(bedrock.converse_stream(modelId=SONNET, **say("one two Zürich 😀"))["stream"])
    assert ([b["text"] for b in blocks], reason) == (["one two Zürich 😀"], "end_turn")
    assert usage == {"inputTokens": 4, "outputTokens": 5, "totalTokens": 9}


@pytest.mark.parametrize("name", [SONNET, LLAMA, "mistral.mistral-large-2407-v1:0", models.PROFILE_ARN])
def test_parallel_calls_go_round(bedrock: Any, name: str) -> None:
    tools = {"tools": [WEATHER, CLOCK]}
    question = say('call tools with {"city": "Zürich 😀"}', toolConfig=tools)
    blocks, reason, _ = put_together(bedrock.converse_stream(modelId=name, **question)["stream"])
    assert [b["name"] for b in blocks] == ["weather", "clock"]
    assert [json.loads(b["input"]) for b in blocks] == [{"city": "Zürich 😀"}] * 2
    assert reason == ("end_turn" if name == LLAMA else "tool_use")
    whole = bedrock.converse(modelId=name, **question)["output"]["message"]
    assert [b["toolUse"]["toolUseId"] for b in whole["content"]] == [b["toolUseId"] for b in blocks]
    results = [{"toolResult": {"toolUseId": b["toolUseId"], "content": [{"json": {"sky": "blue"}}]}} for b in blocks]
    history = [*question["messages"], whole, {"role": "user", "content": results}]
    again = bedrock.converse(modelId=name, messages=history, toolConfig=tools)
    assert again["output"]["message"]["content"] == [{"text": 'tool said: {"sky":"blue"} | {"sky":"blue"}'}]


def test_a_call_without_arguments_has_no_deltas(bedrock: Any) -> None:
    blocks, _, _ = put_together(
        bedrock.converse_stream(modelId=SONNET, toolConfig={"tools": [CLOCK]}, **say("call tools with {}"))["stream"]
    )
    assert [(b["name"], b["input"]) for b in blocks] == [("clock", "")]


def test_it_thinks(bedrock: Any) -> None:
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    blocks, _, _ = put_together(
        bedrock.converse_stream(modelId=SONNET, additionalModelRequestFields=thinking, inferenceConfig={"maxTokens": 5000}, **say("why"))[
            "stream"
        ]
    )
    assert (blocks[0]["reasoning"], blocks[1]["text"]) == ("Let me think about: why", "why") and blocks[0]["signature"]
    whole = bedrock.converse(modelId=SONNET, additionalModelRequestFields=thinking, inferenceConfig={"maxTokens": 5000}, **say("why"))
    history = [*say("why")["messages"], whole["output"]["message"], *say("and")["messages"]]
    assert bedrock.converse(modelId=SONNET, messages=history)["stopReason"] == "end_turn"
    plain = bedrock.converse(modelId="openai.gpt-oss-120b-1:0", **say("think aloud"))["output"]["message"]["content"]
    assert plain[0]["reasoningContent"]["reasoningText"] == {"text": "Let me think about: think aloud"}


def test_media_limits_stops_and_caches(bedrock: Any) -> None:
    picture = {"image": {"format": "png", "source": {"bytes": PNG}}}
    paper = {"document": {"format": "pdf", "name": "document-1", "source": {"bytes": PDF}}}
    answer = bedrock.converse(modelId=SONNET, **say("look", picture, paper))
    assert answer["output"]["message"]["content"][0]["text"] == f"look [image png {len(PNG)} bytes] [document pdf {len(PDF)} bytes]"
    cut = bedrock.converse(modelId=SONNET, inferenceConfig={"maxTokens": 1}, **say("a b"))
    assert (cut["stopReason"], cut["output"]["message"]["content"]) == ("max_tokens", [{"text": "a "}])
    stop = bedrock.converse(
        modelId=SONNET, inferenceConfig={"stopSequences": ["b"]}, additionalModelResponseFieldPaths=["/stop_sequence"], **say("a b c")
    )
    assert (stop["stopReason"], stop["additionalModelResponseFields"]) == ("stop_sequence", {"stop_sequence": "b"})
    marked = say("one two", {"cachePoint": {"type": "default"}})
    first, second = (bedrock.converse(modelId=SONNET, **marked)["usage"] for _ in range(2))
    assert (first["cacheWriteInputTokens"], first["cacheReadInputTokens"], first["inputTokens"]) == (1, 0, 1)
    assert (second["cacheWriteInputTokens"], second["cacheReadInputTokens"]) == (0, 1)


def test_structured_output_counting_and_invoke(bedrock: Any) -> None:
    schema = json.dumps({"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False})
    wanted = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}}
    answer = bedrock.converse(modelId=SONNET, outputConfig=wanted, **say("x"))
    assert json.loads(answer["output"]["message"]["content"][0]["text"]) == {"n": 9007199254740993}
    assert bedrock.count_tokens(modelId=SONNET, input={"converse": say("one two")})["inputTokens"] == 2
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "a b"}]}
    said = json.loads(bedrock.invoke_model(modelId=SONNET, body=json.dumps(body), contentType="application/json")["body"].read())
    assert said["content"] == [{"type": "text", "text": "a b"}]
    stream = bedrock.invoke_model_with_response_stream(modelId=SONNET, body=json.dumps(body), contentType="application/json")["body"]
    events = [json.loads(e["chunk"]["bytes"]) for e in stream]
    assert events[0]["type"] == "message_start" and events[-1]["type"] == "message_stop"


# ---------------------------------------------------------------------------------------------------- against the vendor's model


@pytest.fixture(scope="module")
def shapes() -> dict:
    return Loader().load_service_model("bedrock-runtime", "service-2")["shapes"]


def test_the_shapes_are_the_vendors(shapes: dict) -> None:
    for name, ours in SHAPES.structures.items():
        theirs = shapes[name]
        assert set(ours) <= set(theirs["members"]), name
        required = {m for m in theirs.get("required", []) if theirs["members"][m].get("location") != "uri"}
        assert {m for m, type_ in ours.items() if type_.endswith("!")} == required, name
        assert (name in SHAPES.unions) == theirs.get("union", False), name
        for member, type_ in ours.items():
            if type_.rstrip("!") in SHAPES.structures:
                assert theirs["members"][member]["shape"] == type_.rstrip("!"), f"{name}.{member}"
    for name, (least, most, pattern) in SHAPES.texts.items():
        if name in shapes:
            assert (shapes[name].get("min", 0), shapes[name].get("max"), shapes[name].get("pattern")) == (least, most, pattern), name
    for name, words in SHAPES.words.items():
        assert shapes[name]["enum"] == words, name


def test_the_answers_have_the_vendors_members(upstream: Upstream, shapes: dict) -> None:
    def fits(value: Any, name: str) -> None:
        shape = shapes[name]
        if shape.get("type") == "structure" and name != "Document":
            assert set(value) <= set(shape["members"]) and set(shape.get("required", [])) <= set(value), (name, value)
            for member, inner in value.items():
                fits(inner, shape["members"][member]["shape"])
        elif shape.get("type") == "list":
            for inner in value:
                fits(inner, shape["member"]["shape"])
        elif "enum" in shape:
            assert value in shape["enum"], (name, value)

    body = say(
        "call tools say first",
        toolConfig={"tools": [WEATHER]},
        additionalModelRequestFields={"thinking": {"type": "enabled", "budget_tokens": 1024}},
    )
    answer = post(upstream, SONNET, body | {"inferenceConfig": {"maxTokens": 2000}})
    assert answer.status == 200 and len(answer.json()["output"]["message"]["content"]) == 3
    fits(answer.json(), "ConverseResponse")


def test_frames_are_the_vendors() -> None:
    """The frames of providers-native.md §8.2, which the vendor's library made."""
    assert eventstream.event("contentBlockDelta", b'{"contentBlockIndex":0,"delta":{"text":"Hi"}}').hex() == (
        "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d74797065070010617070"
        "6c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461"
        "223a7b2274657874223a224869227d7d1f944657"
    )
    assert eventstream.unmodelled_error("InternalError", "oops").hex() == (
        "0000005800000048154692c10d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f646507000d496e7465726e616c4572726f720e3a"
        "6572726f722d6d6573736167650700046f6f707353235f76"
    )


@pytest.mark.parametrize(
    ("target", "signature"),
    [
        ("/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse", "13c051ea277357259ee12f7a1a0aae31aaa1deca5a3dff3fb2d566fc464b5fd2"),
        (
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Aapplication-inference-profile%2Fabc123/converse",
            "90484d254786f4af19ae774ca74920ed62e97b1b819001699ab66ec8f460c417",
        ),
    ],
)
def test_signatures_are_the_vendors(target: str, signature: str) -> None:
    """The vectors of providers-native.md §8.1."""
    headers = {"content-type": "application/json", "host": "bedrock-runtime.us-east-1.amazonaws.com", "x-amz-date": "20261122T070000Z"}
    body = b'{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":16}}'
    canonical = sigv4.canonical_request("POST", target, headers, sorted(headers), body)
    assert sigv4.sign(credentials.FIXED["AKIDEXAMPLE"], headers["x-amz-date"], "us-east-1", "bedrock", canonical) == signature


# ---------------------------------------------------------------------------------------------------- credentials


def failure(call: Any, *args: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as failed:
        call(*args, **members)
    return failed.value.response["Error"]["Code"]


def test_it_knows_good_signatures_from_bad_ones(upstream: Upstream) -> None:
    def code(**keys: str) -> str:
        return failure(client(upstream, **keys).converse, modelId=LLAMA, **say("x"))

    assert code(aws_secret_access_key="wrong") == "InvalidSignatureException"
    assert code(aws_access_key_id="AKIDNOBODY") == "UnrecognizedClientException"
    assert code(aws_session_token="made up") == "UnrecognizedClientException"


def test_it_wants_a_signature_of_now_for_this_service(upstream: Upstream) -> None:
    body = json.dumps(say("x")).encode()

    def code(
        stamp: str, service: str = "bedrock", path: str = LLAMA.replace(":", "%3A"), signed: str = "host;x-amz-date", sent: bytes = body
    ) -> str:
        headers = {"host": f"127.0.0.1:{upstream.port}", "x-amz-date": stamp, "x-amz-target": "x"}
        canonical = sigv4.canonical_request("POST", f"/model/{path}/converse", headers, signed.split(";"), body)
        signature = sigv4.sign(credentials.FIXED["AKIDEXAMPLE"], stamp, "us-east-1", service, canonical)
        scope = f"AKIDEXAMPLE/{stamp[:8]}/us-east-1/{service}/aws4_request"
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
        if signed == "host;x-amz-date":
            del headers["x-amz-target"]
        reply = wire.ask(upstream.port, wire.request("POST", f"/model/{path}/converse", sent, headers=dict(headers)))
        return (reply.header("x-amzn-errortype") or "").partition(":")[0] or str(reply.status)

    now, old = (time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - ago)) for ago in (0, 600))
    assert code(now) == "200" and code(now, path=LLAMA) == "200"
    assert code(old) == "InvalidSignatureException"
    assert code(now, service="s3") == "InvalidSignatureException"
    assert code(now, sent=body + b" ") == "InvalidSignatureException"
    assert code(now, signed="host") == "InvalidSignatureException"
    assert code(now, signed="x-amz-date;x-amz-target") == "InvalidSignatureException"


def test_bearer_keys(upstream: Upstream) -> None:
    """By hand: boto3 sends them over TLS only."""

    def ask(key: str) -> wire.Response:
        raw = json.dumps(say("x")).encode()
        return wire.ask(upstream.port, wire.request("POST", f"/model/{LLAMA}/converse", raw, headers={"authorization": f"Bearer {key}"}))

    assert ask("ABSKtest").status == 200
    for key in ("ABSKwrong", "sk-test"):
        assert ask(key).status == 403 and (ask(key).header("x-amzn-errortype") or "").startswith("AccessDeniedException")


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[pytest.MonkeyPatch]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    yield monkeypatch


def from_session(upstream: Upstream) -> Any:
    return boto3.Session().client("bedrock-runtime", region_name="us-east-1", endpoint_url=upstream.root, config=ONCE)


def test_keys_from_the_instance(upstream: Upstream, no_keys: pytest.MonkeyPatch) -> None:
    no_keys.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", upstream.root)
    assert from_session(upstream).converse(modelId=LLAMA, **say("x"))["stopReason"] == "end_turn"
    assert "Credential=ASIAINSTANCE/" in upstream.last().headers["authorization"] and upstream.last().headers["x-amz-security-token"]
    assert [(r.method, r.target) for r in upstream.everything()][:3] == [
        ("PUT", "/latest/api/token"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", "/latest/meta-data/iam/security-credentials/fake-role"),
    ]


def test_keys_from_the_container(upstream: Upstream, no_keys: pytest.MonkeyPatch) -> None:
    no_keys.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{upstream.root}/v1/credentials")
    no_keys.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", credentials.POD_TOKEN)
    assert from_session(upstream).converse(modelId=LLAMA, **say("x"))["stopReason"] == "end_turn"
    assert "Credential=ASIACONTAINER/" in upstream.last().headers["authorization"]


def test_the_instance_wants_its_token_and_keys_expire(upstream: Upstream) -> None:
    def ask(method: str, path: str, **headers: str) -> wire.Response:
        return wire.ask(upstream.port, wire.request(method, path, headers={n.replace("_", "-"): v for n, v in headers.items()}))

    keys = "/latest/meta-data/iam/security-credentials/fake-role"
    assert ask("PUT", "/latest/api/token").status == 400
    assert ask("GET", keys).status == 401
    token = ask("PUT", "/latest/api/token", x_aws_ec2_metadata_token_ttl_seconds="60").body.decode()
    assert ask("GET", keys, x_aws_ec2_metadata_token=token + "x").status == 401
    assert ask("GET", "/v1/credentials").status == 401
    upstream.next({"fail": "rate_limit"}, {"on": "GET", "path": "/latest/meta-data", "lifetime": -1})
    found = ask("GET", keys, x_aws_ec2_metadata_token=token).json()
    stale = client(
        upstream, aws_access_key_id=found["AccessKeyId"], aws_secret_access_key=found["SecretAccessKey"], aws_session_token=found["Token"]
    )
    assert failure(stale.converse, modelId=LLAMA, **say("x")) == "ThrottlingException", "the behaviour without a path waited for inference"
    assert failure(stale.converse, modelId=LLAMA, **say("x")) == "ExpiredTokenException"


# ---------------------------------------------------------------------------------------------------- refusals

USE = {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {}}}
RESULT = {"toolResult": {"toolUseId": "t1", "content": [{"text": "x"}]}}
TOOLS = {"toolConfig": {"tools": [WEATHER]}}
POINT = {"cachePoint": {"type": "default"}}
THINK = {"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}, "inferenceConfig": {"maxTokens": 2000}}


def chat(*contents: list, **members: Any) -> dict:
    turns = [
        {"role": ("user", "assistant")[i % 2], "content": [{"text": b} if isinstance(b, str) else b for b in c]}
        for i, c in enumerate(contents)
    ]
    return {"messages": turns} | members


def used(**members: Any) -> dict:
    return chat(
        ["x"],
        [{"toolUse": USE["toolUse"] | members}],
        [{"toolResult": RESULT["toolResult"] | {"toolUseId": members.get("toolUseId", "t1")}}],
        **TOOLS,
    )


def result(**members: Any) -> dict:
    return chat(["x"], [USE], [{"toolResult": RESULT["toolResult"] | members}], **TOOLS)


def spec(**members: Any) -> dict:
    return say("x", toolConfig={"tools": [{"toolSpec": WEATHER["toolSpec"] | members}]})


def settings(**members: Any) -> dict:
    return say("x", inferenceConfig=members)


MISTRAL, TITAN, OSS, NEWEST = (
    "mistral.mistral-large-2407-v1:0",
    "amazon.titan-text-lite-v1",
    "openai.gpt-oss-120b-1:0",
    "eu.anthropic.claude-sonnet-5-5",
)
REFUSALS: dict[str, tuple[str, dict, str]] = {
    "an unknown field": (SONNET, say("x", model="y"), "extraneous key [model] is not permitted"),
    "an unknown field deep down": (SONNET, say({"text": "x", "cache_control": {}}), "#/messages/0/content/0: extraneous key [cache_control]"),
    "a wrong type": (SONNET, settings(maxTokens="5"), "STRING_VALUE can not be converted to Integer"),
    "two things in a block": (SONNET, say({"text": "x", "cachePoint": {"type": "default"}}), "exactly one of"),
    "no messages": (SONNET, {"messages": []}, "must start with a user message"),
    "the assistant first": (SONNET, {"messages": [{"role": "assistant", "content": [{"text": "x"}]}]}, "must start with a user message"),
    "no alternation": (SONNET, {"messages": say("x")["messages"] * 2}, "must alternate between user and assistant roles"),
    "a bad role": (SONNET, {"messages": [{"role": "tool", "content": []}]}, "enum value set: [user, assistant, system]"),
    "an empty content": (SONNET, {"messages": [{"role": "user", "content": []}]}, "messages.0 is empty"),
    "a blank text": (SONNET, say(" "), "messages.0.content.0 is blank"),
    "text that is not in a list": (SONNET, {"messages": [{"role": "user", "content": "x"}]}, "can not be converted to List"),
    "system text for Titan": (TITAN, say("x", system=[{"text": "y"}]), "doesn't support system messages"),
    "an empty system text": (SONNET, say("x", system=[{"text": ""}]), "length greater than or equal to 1"),
    "a picture for Llama": (LLAMA, say("x", {"image": {"format": "png", "source": {"bytes": "AA=="}}}), "doesn't support the image content block"),
    "a BMP": (SONNET, say({"image": {"format": "bmp", "source": {"bytes": "AA=="}}}), "enum value set: [png, jpeg, gif, webp]"),
    "broken base64": (SONNET, say({"image": {"format": "png", "source": {"bytes": "*"}}}), "can not be converted to Blob"),
    "a document alone": (SONNET, say({"document": {"format": "pdf", "name": "a", "source": {"bytes": "AA=="}}}), "text block must be included"),
    "a document with a dot": (SONNET, say("x", {"document": {"format": "pdf", "name": "a.pdf", "source": {"bytes": "AA=="}}}), "can only contain alphanumeric"),
    "a document with two spaces": (SONNET, say("x", {"document": {"format": "pdf", "name": "a  b", "source": {"bytes": "AA=="}}}), "consecutive whitespace"),
    "one name for two documents": (SONNET, say("x", *[{"document": {"format": "pdf", "name": "a", "source": {"bytes": "AA=="}}}] * 2), "must be unique"),
    "a long tool id": (SONNET, used(toolUseId="t" * 65), "'messages.2.member.content.1.member.toolUse.toolUseId' failed to satisfy constraint: Member must have length less than or equal to 64"),
    "an odd tool id": (SONNET, used(toolUseId="a/b"), "regular expression pattern: [a-zA-Z0-9_.:-]+"),
    "a tool id that Mistral cannot take": (MISTRAL, used(toolUseId="t1"), "Tool call id has to be defined"),
    "input that is a text": (SONNET, used(input="{}"), "messages.1.content.0.toolUse.input is invalid"),
    "a result that is a list": (SONNET, result(content=[{"json": [1]}]), "toolResult.content.0.json is invalid"),
    "an empty result": (SONNET, result(content=[]), "is empty"),
    "a status for Llama": (LLAMA, result(status="error"), "doesn't support the status field"),
    "a call without its result": (SONNET, chat(["x"], [USE], ["y"], **TOOLS), "Expected toolResult blocks at messages.2.content for the following Ids: t1"),
    "a result without a call": (SONNET, chat(["x"], ["y"], [RESULT], **TOOLS), "exceeds the number of toolUse blocks"),
    "a call at the end": (SONNET, chat(["x"], [USE], **TOOLS), "Expected toolResult blocks"),
    "tool history without tools": (SONNET, chat(["x"], [USE], [RESULT]), "The toolConfig field must be defined"),
    "a call by the user": (SONNET, say(USE, **TOOLS), "not allowed in a message with the role user"),
    "tools for DeepSeek": ("deepseek.r1-v1:0", say("x", **TOOLS), "doesn't support tool use"),
    "no tools": (SONNET, say("x", toolConfig={"tools": []}), "'toolConfig.tools'"),
    "an empty description": (SONNET, spec(description=""), "length greater than or equal to 1"),
    "a bad tool name": (SONNET, spec(name="a b"), "regular expression pattern: [a-zA-Z0-9_-]+"),
    "a schema that is no object": (SONNET, spec(inputSchema={"json": {"type": "string"}}), "must be one of the following: object"),
    "strict on the newest": (NEWEST, spec(strict=True), "strict: Extra inputs are not permitted"),
    "a forced tool on Llama": (LLAMA, say("x", toolConfig={"tools": [WEATHER], "toolChoice": {"any": {}}}), "doesn't support the toolConfig.toolChoice.any field"),
    "a forced tool that is not there": (SONNET, say("x", toolConfig={"tools": [WEATHER], "toolChoice": {"tool": {"name": "y"}}}), "is not one of"),
    "too hot": (SONNET, settings(temperature=1.5), "value less than or equal to 1"),
    "temperature on the newest": (NEWEST, settings(temperature=0.5), "sampling parameters"),
    "temperature and top_p": (SONNET, settings(temperature=0.5, topP=0.5), "cannot both be specified"),
    "stops on gpt-oss": (OSS, settings(stopSequences=["x"]), "doesn't support the stopSequences field"),
    "a cache point for Llama": (LLAMA, say("x", POINT), "extraneous key [cachePoint] is not permitted"),
    "five cache points": (SONNET, say("x", *[POINT] * 5), "maximum of 4"),
    "an extra field of another model": (LLAMA, say("x", additionalModelRequestFields={"top_k": 5}), "top_k: Extra inputs are not permitted"),
    "a small thinking budget": (SONNET, say("x", additionalModelRequestFields={"thinking": {"type": "enabled", "budget_tokens": 5}}), "greater than or equal to 1024"),
    "unsigned reasoning": (SONNET, chat(["x"], [{"reasoningContent": {"reasoningText": {"text": "y"}}}, "z"], ["x"]), "signature: Field required"),
    "forged reasoning": (SONNET, chat(["x"], [{"reasoningContent": {"reasoningText": {"text": "y", "signature": "c2ln"}}}, "z"], ["x"]), "Invalid `signature`"),
    "thinking left out of a tool loop": (SONNET, chat(["x"], [USE], [RESULT], **TOOLS, **THINK), "Expected `thinking`"),
    "a schema for a model without": (LLAMA, say("x", outputConfig={"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}}), "textFormat"),
    "an unknown model": ("acme.model-1", say("x"), "The provided model identifier is invalid"),
    "a model that needs a profile": ("anthropic.claude-sonnet-5-5", say("x"), "on-demand throughput isn’t supported"),
}  # fmt: skip


def post(upstream: Upstream, model: str, body: Any, call: str = "converse") -> wire.Response:
    target = f"/model/{model.replace(':', '%3A')}/{call}"
    return wire.ask(upstream.port, wire.request("POST", target, json.dumps(body).encode(), headers={"authorization": "Bearer ABSKtest"}))


@pytest.mark.parametrize("case", REFUSALS)
def test_it_refuses(upstream: Upstream, case: str) -> None:
    model, body, words = REFUSALS[case]
    refused = post(upstream, model, body)
    name = (refused.header("x-amzn-errortype") or "").partition(":")[0]
    assert refused.status == 400 and name in ("ValidationException", "SerializationException"), refused.body
    assert words in refused.json()["message"], refused.body


# ---------------------------------------------------------------------------------------------------- misbehaviour


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("rate_limit", 429, "ThrottlingException"), ("permission", 403, "AccessDeniedException"), ("timeout", 408, "ModelTimeoutException"),
     ("model_error", 424, "ModelErrorException"), ("overloaded", 503, "ServiceUnavailableException")],
)  # fmt: skip
def test_failures_look_like_the_vendors(upstream: Upstream, bedrock: Any, name: str, status: int, code: str) -> None:
    upstream.next({"fail": name})
    with pytest.raises(ClientError) as failed:
        bedrock.converse(modelId=LLAMA, **say("x"))
    assert failed.value.response["Error"]["Code"] == code and failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("name", "code"),
    [("rate_limit", "throttlingException"), ("stream_error", "modelStreamErrorException"), ("unmodelled", "InternalError")],
)
@pytest.mark.parametrize("after", [-1, 2])
def test_exceptions_break_streams(upstream: Upstream, bedrock: Any, name: str, code: str, after: int) -> None:
    upstream.next({"error_event": {"after": after, "fail": name}})
    with pytest.raises(EventStreamError, match=code):
        list(bedrock.converse_stream(modelId=LLAMA, **say("a b c"))["stream"])


def test_frames_come_in_pieces_and_broken(upstream: Upstream, bedrock: Any) -> None:
    upstream.next({"split": 1}, {"flip": {"event": 1, "byte": 120}}, {"flip": {"event": 1, "byte": 3}}, {"malformed": True})
    assert put_together(bedrock.converse_stream(modelId=LLAMA, **say("a b c"))["stream"])[0][0]["text"] == "a b c"
    for _ in range(3):
        with pytest.raises(Exception, match="(?i)checksum|length"):
            list(bedrock.converse_stream(modelId=LLAMA, **say("a b c"))["stream"])

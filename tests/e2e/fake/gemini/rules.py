"""What generateContent refuses, beyond unknown fields and wrong types."""

from __future__ import annotations

import re
from typing import Any

from ..protojson import decode, refuse
from . import signatures
from .fields import CONTINUATION_TOKEN, MIME_TYPES, Model

TOOL_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$")
DATA = {
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall",
    "toolResponse",
}  # fmt: skip


def check(body: dict, name: str, model: Model, route: str) -> None:
    """`route` says who reads the thought signatures: developer/MODEL or vertex/PROJECT/MODEL."""
    vertex = route.startswith("vertex")
    if body.get("cachedContent"):
        if body["cachedContent"] != "cachedContents/known":
            raise refuse("CachedContent not found (or permission denied)")
        if {"systemInstruction", "tools", "toolConfig"} & set(body):
            raise refuse("CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.")
    if body.get("continuationToken", CONTINUATION_TOKEN) != CONTINUATION_TOKEN:
        raise refuse("Invalid continuation token.")
    check_contents(body.get("contents"), vertex)
    if "systemInstruction" in body:
        if not model.system:
            raise refuse(f"Developer instruction is not enabled for models/{name}")
        check_parts(body["systemInstruction"], "system_instruction", vertex, {"text"})
    check_calls(body["contents"])
    signatures.check(body["contents"], route, model.major >= 3)
    declared = check_tools(body.get("tools", []), model)
    check_tool_config(body, declared)
    check_config(body.get("generationConfig", {}), body, name, model, bool(declared), vertex)


# ---------------------------------------------------------------------------------------------------- contents


def check_contents(contents: Any, vertex: bool) -> None:
    if not contents:
        raise refuse("* GenerateContentRequest.contents: contents is not specified\n")
    for i, content in enumerate(contents):
        role = content.get("role")
        if role not in ("user", "model") and (role is not None or vertex):
            raise refuse("Please use a valid role: user, model.")
        if role is None:
            content["role"] = "user"
        check_parts(content, f"contents[{i}]", vertex, None)
    if contents[0]["role"] != "user":
        raise refuse("Please ensure that multiturn requests start with a user turn.")


def check_parts(content: dict, where: str, vertex: bool, allowed: set[str] | None) -> None:
    parts = content.get("parts")
    if not parts:
        raise refuse(f"* GenerateContentRequest.{where}.parts: contents.parts must not be empty.\n")
    for j, part in enumerate(parts):
        here = f"{where}.parts[{j}]"
        kinds = sorted(set(part) & DATA)
        if len(kinds) > 1:
            raise refuse(f"Invalid value at '{here}' (oneof), oneof field 'data' is already set. Cannot set '{kinds[1]}'")
        if not kinds or (kinds == ["text"] and not part["text"] and "thoughtSignature" not in part):
            raise refuse(f"* GenerateContentRequest.{here}.data: required oneof field 'data' must have one initialized field\n")
        if allowed and kinds[0] not in allowed:
            raise refuse(f"{here}: only text is allowed here")
        check_part(part, here, content.get("role"), vertex)


def check_part(part: dict, where: str, role: str | None, vertex: bool) -> None:
    if "inlineData" in part:
        check_blob(part["inlineData"], where)
    if "fileData" in part:
        uri, kind = part["fileData"].get("fileUri", ""), part["fileData"].get("mimeType")
        ours = (
            ("gs://", "https://", "http://")
            if vertex
            else ("https://generativelanguage.googleapis.com/", "https://www.youtube.com/", "https://youtu.be/")
        )
        if not uri.startswith(ours):
            raise refuse(f"Invalid or unsupported file uri: {uri}")
        if not kind and vertex:
            raise refuse(f"* {where}.file_data.mime_type: mimeType must be set")
    for kind, owner in (("functionCall", "model"), ("functionResponse", "user")):
        if kind in part:
            if role != owner:
                raise refuse(f"* {where}: {kind} is only allowed in a {owner} turn")
            if not TOOL_NAME.match(part[kind].get("name", "")):
                raise refuse(
                    f"* GenerateContentRequest.{where}.{'function_call' if owner == 'model' else 'function_response'}.name: Name cannot be empty.\n"
                )
    if "functionResponse" in part:
        if "response" not in part["functionResponse"]:
            raise refuse(f"* GenerateContentRequest.{where}.function_response.response: required field is not set\n")
        for inner in part["functionResponse"].get("parts", []):
            check_blob(inner.get("inlineData", {}), where)
    if part.get("thought") and role != "model":
        raise refuse(f"* {where}: thought is only allowed in a model turn")


def check_blob(blob: dict, where: str) -> None:
    if blob.get("mimeType") not in MIME_TYPES:
        raise refuse(f"Unsupported MIME type: {blob.get('mimeType')}")
    data = decode(blob.get("data", ""))
    if not data:
        raise refuse(f"* GenerateContentRequest.{where}.inline_data.data: required field is not set\n")


def check_calls(contents: list[dict]) -> None:
    """A content with calls follows a user content; the very next content answers every call, in any order."""
    for i, content in enumerate(contents):
        calls = [p["functionCall"] for p in content["parts"] if "functionCall" in p]
        answers = [p["functionResponse"] for p in content["parts"] if "functionResponse" in p]
        before: dict = contents[i - 1] if i else {"role": "model", "parts": []}
        if calls and before["role"] != "user":
            raise refuse("Please ensure that function call turn comes immediately after a user turn or after a function response turn.")
        asked = [p["functionCall"] for p in before["parts"] if "functionCall" in p]
        if answers and not asked:
            raise refuse("Please ensure that function response turn comes immediately after a function call turn.")
        if len(answers) != len(asked):
            raise refuse(
                "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
            )
        check_pairs(asked, answers)
        if calls and i + 1 == len(contents):
            raise refuse("Please ensure that function response turn comes immediately after a function call turn.")


def check_pairs(asked: list[dict], answers: list[dict]) -> None:
    if sorted(c["name"] for c in asked) != sorted(a["name"] for a in answers):
        raise refuse("Please ensure that the function response names match the function call names of the function call turn.")
    by_id = {c["id"]: c["name"] for c in asked if c.get("id")}
    for answer in answers:
        if answer.get("id") and by_id.get(answer["id"]) != answer["name"]:
            raise refuse(f"Function response id {answer['id']} does not match any function call id of the function call turn.")


# ---------------------------------------------------------------------------------------------------- tools and schemas


def check_tools(tools: list[dict], model: Model) -> list[str]:
    declared: list[str] = []
    for i, tool in enumerate(tools):
        for j, one in enumerate(tool.get("functionDeclarations", [])):
            where = f"tools[{i}].function_declarations[{j}]"
            if not TOOL_NAME.match(one.get("name", "")):
                raise refuse(
                    f"* GenerateContentRequest.{where}.name: Invalid function name. Must start with a letter or an underscore. "
                    "Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n"
                )
            if "parameters" in one and "parametersJsonSchema" in one:
                raise refuse(f"* GenerateContentRequest.{where}: parameters and parameters_json_schema are mutually exclusive\n")
            if "parameters" in one:
                check_schema(one["parameters"], f"{where}.parameters", model)
                if one["parameters"].get("type") != "OBJECT":
                    raise refuse(f"* GenerateContentRequest.{where}.parameters: schema should be of type OBJECT\n")
            check_json_schema(one.get("parametersJsonSchema", True), f"{where}.parameters_json_schema")
            declared.append(one["name"])
    for name in declared:
        if declared.count(name) > 1:
            raise refuse(f"Duplicate function declaration found: {name}")
    if len(declared) > 512:
        raise refuse("at most 512 function declarations can be specified")
    if declared and model.major < 3 and any(set(t) - {"functionDeclarations"} for t in tools):
        raise refuse("Tool use with function calling is unsupported")
    return declared


def check_tool_config(body: dict, declared: list[str]) -> None:
    config = body.get("toolConfig", {}).get("functionCallingConfig", {})
    names = config.get("allowedFunctionNames", [])
    if names and config.get("mode") not in ("ANY", "VALIDATED"):
        raise refuse("Function calling config is set without allowed function calling mode ANY.")
    for name in names:
        if name not in declared:
            raise refuse(f"allowed_function_names contains a name that is not declared: {name}")
    if config.get("mode") in ("ANY", "VALIDATED") and not declared:
        raise refuse("Function calling config is set without function_declarations.")


def check_schema(schema: dict, where: str, model: Model) -> None:
    """The OpenAPI subset. Unknown keywords have been refused before."""
    here = f"* GenerateContentRequest.{where}"
    kind = schema.get("type")
    if kind is None and "anyOf" not in schema:
        raise refuse(f"{here}.type: must be specified\n")
    if "enum" in schema and kind != "STRING":
        raise refuse(f"{here}.enum: only allowed for STRING type\n")
    if any(word == "" for word in schema.get("enum", [])):
        raise refuse(f"{here}.enum[0]: cannot be empty\n")
    if kind == "ARRAY" and "items" not in schema:
        raise refuse(f"{here}.items: missing field.\n")
    if "properties" in schema and kind != "OBJECT":
        raise refuse(f"{here}.properties: only allowed for OBJECT type\n")
    if kind == "OBJECT" and schema.get("properties") == {} and model.major < 3:
        raise refuse(f"{here}.properties: should be non-empty for OBJECT type\n")
    if kind == "STRING" and schema.get("format") not in (None, "enum", "date-time"):
        raise refuse(f"{here}.format: only 'enum' and 'date-time' are supported for STRING type\n")
    for i, name in enumerate(schema.get("required", [])):
        if name not in schema.get("properties", {}):
            raise refuse(f"{here}.required[{i}]: property is not defined\n")
    for name, inner in schema.get("properties", {}).items():
        check_schema(inner, f"{where}.properties[{name}]", model)
    if "items" in schema:
        check_schema(schema["items"], f"{where}.items", model)
    for i, inner in enumerate(schema.get("anyOf", [])):
        check_schema(inner, f"{where}.any_of[{i}]", model)


def check_json_schema(schema: Any, where: str, root: Any = None) -> None:
    """The JSON Schema subset: a $ref has no other neighbours than $-words and leads somewhere."""
    root = schema if root is None else root
    if isinstance(schema, list):
        for inner in schema:
            check_json_schema(inner, where, root)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        if any(not name.startswith("$") for name in schema):
            raise refuse(f"* GenerateContentRequest.{where}: $ref can not have other properties beside it\n")
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target.get(step) if isinstance(target, dict) else None
        if target is None:
            raise refuse(f"* GenerateContentRequest.{where}: reference to undefined schema: {schema['$ref']}\n")
    for inner in schema.values():
        check_json_schema(inner, where, root)


# ---------------------------------------------------------------------------------------------------- generationConfig


def check_range(config: dict, field: str, low: float, high: float) -> None:
    if field in config and not low <= float(config[field]) <= high:
        raise refuse(f"* GenerateContentRequest.generation_config.{field}: must be in the range [{low}, {high}], got {config[field]}\n")


def check_config(config: dict, body: dict, name: str, model: Model, functions: bool, vertex: bool) -> None:
    for field, low, high in (
        ("temperature", 0, 2), ("topP", 0, 1), ("topK", 1, 1000), ("maxOutputTokens", 1, 65_536), ("candidateCount", 1, 8),
        ("presencePenalty", -2, 2), ("frequencyPenalty", -2, 2), ("seed", -(1 << 31), (1 << 31) - 1),
    ):  # fmt: skip
        check_range(config, field, low, high)
    if len(config.get("stopSequences", [])) > 5:
        raise refuse(f"The number of stop sequences must be at most 5, got {len(config['stopSequences'])}")
    if "" in config.get("stopSequences", []):
        raise refuse("* GenerateContentRequest.generation_config.stop_sequences: must not be empty\n")
    if int(config.get("candidateCount", 1)) > model.candidates:
        raise refuse("Multiple candidates is not enabled for this model")
    if not model.penalties and not vertex and {"presencePenalty", "frequencyPenalty"} & set(config):
        raise refuse(f"Penalty is not enabled for models/{name}")
    if "logprobs" in config:
        if not config.get("responseLogprobs"):
            raise refuse("logprobs can only be set when response_logprobs is true")
        check_range(config, "logprobs", 1, 20)
    check_thinking(config.get("thinkingConfig"), name, model)
    check_output(config, body, model, functions)


def check_thinking(thinking: dict | None, name: str, model: Model) -> None:
    if thinking is None:
        return
    if not model.thinks:
        raise refuse(f"Thinking is not enabled for models/{name}")
    level, budget = thinking.get("thinkingLevel"), thinking.get("thinkingBudget")
    if level is not None and budget is not None:
        raise refuse("You can only set only one of thinking budget and thinking level.")
    if level is not None and not model.levels:
        raise refuse("Thinking level is not supported for this model.")
    if level is not None and level not in model.levels:
        raise refuse(f"Thinking level {level} is not supported for this model.")
    if budget is not None:
        low, high = model.budget or (1, 32_768)
        value = int(budget)
        if value == 0 and not model.can_switch_off:
            raise refuse("Budget 0 is invalid. This model only works in thinking mode.")
        if value not in (-1, 0) and not low <= value <= high:
            raise refuse(f"The thinking budget {value} is invalid. Please choose a value between {low} and {high}.")


def check_output(config: dict, body: dict, model: Model, functions: bool) -> None:
    kind = config.get("responseMimeType", "text/plain")
    if kind not in ("text/plain", "application/json", "text/x.enum"):
        raise refuse(
            f"* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, got {kind}\n"
        )
    schemas = [s for s in ("responseSchema", "responseJsonSchema") if s in config]
    if len(schemas) > 1:
        raise refuse("response_schema and response_json_schema are mutually exclusive")
    if schemas and kind != "application/json":
        raise refuse(f"Function calling or a response schema needs response_mime_type 'application/json', got '{kind}'")
    if "responseSchema" in config:
        check_schema(config["responseSchema"], "generation_config.response_schema", model)
    check_json_schema(config.get("responseJsonSchema"), "generation_config.response_json_schema")
    if functions and kind == "application/json":
        mode = body.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode", "AUTO")
        if model.major < 3 or mode != "AUTO":
            raise refuse("Function calling with a response mime type: 'application/json' is unsupported")

"""What Converse refuses, beyond shapes (providers-native.md §4.4)."""

from __future__ import annotations

import json
import re
from typing import Any

from .. import anthropic
from ..aws.errors import refuse
from ..reply import is_int
from .models import Model

FORMAT_NAME = re.compile(r"^[a-zA-Z0-9()\[\]-]+( [a-zA-Z0-9()\[\]-]+)*$")
EXTRA_FIELDS = {
    "claude": {"thinking", "output_config", "top_k", "anthropic_beta", "tool_choice"},
    "nova": {"inferenceConfig", "reasoningConfig"},
    "gpt-oss": {"reasoning_effort"},
    "llama": set(), "mistral": {"top_k"}, "titan": set(), "deepseek": set(),
}  # fmt: skip


def unsupported(what: str) -> Exception:
    return refuse(f"This model doesn't support {what}.")


def check(body: dict, model: Model) -> None:
    check_turns(body.get("messages"))
    for i, message in enumerate(body["messages"]):
        check_content(message, f"messages.{i}", model)
    check_system(body.get("system", []), model)
    check_tool_pairs(body["messages"], model)
    check_tools(body, model)
    check_inference(body, model)
    check_extra_fields(body, model)
    check_output(body.get("outputConfig", {}), model)
    if len(body.get("requestMetadata", {})) > 16:
        raise refuse("requestMetadata: at most 16 entries")
    markers = sum(1 for block in cacheable(body) if "cachePoint" in block)
    if markers and not model.cache:
        raise refuse(
            "Malformed input request: #/messages/0/content/0: extraneous key [cachePoint] is not permitted, please reformat your input and try again."
        )
    if markers > 4:
        raise refuse(f"A maximum of 4 blocks with cache_control may be provided. Found {markers}.")


def cacheable(body: dict) -> list[dict]:
    """Everything that can hold a cache point, in the order of the prompt: tools, system, messages."""
    found = body.get("toolConfig", {}).get("tools", []) + body.get("system", [])
    return found + [block for message in body["messages"] for block in message["content"]]


# ---------------------------------------------------------------------------------------------------- messages


def check_turns(messages: Any) -> None:
    if not messages:
        raise refuse("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
    if messages[0]["role"] != "user":
        raise refuse("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
    for i, message in enumerate(messages):
        if message["role"] == "system":
            raise unsupported("the system role in messages")
        if i and message["role"] == messages[i - 1]["role"]:
            raise refuse(
                "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and "
                "assistant roles and try again."
            )
        if not message["content"]:
            raise refuse(
                f"The content field in the Message object at messages.{i} is empty. Add a ContentBlock object to the content field and try again."
            )


USER_ONLY = {"image", "document", "toolResult", "audio", "video", "guardContent"}
ASSISTANT_ONLY = {"toolUse", "reasoningContent", "citationsContent"}


def check_content(message: dict, where: str, model: Model) -> None:
    role, content = message["role"], message["content"]
    kinds = [next(iter(block)) for block in content]
    names = []
    for j, (kind, block) in enumerate(zip(kinds, content)):
        here = f"{where}.content.{j}"
        if kind in (USER_ONLY if role == "assistant" else ASSISTANT_ONLY):
            raise refuse(f"The {kind} content block at {here} is not allowed in a message with the role {role}.")
        if kind == "text" and not block["text"].strip():
            raise refuse(f"The text field in the ContentBlock object at {here} is blank. Add text to the text field, and try again.")
        if kind in ("image", "document") and not model.media:
            raise unsupported(f"the {kind} content block that you provided")
        if kind == "document":
            names.append(check_document(block["document"], here))
        if kind == "toolUse" and not isinstance(block["toolUse"]["input"], dict):
            raise refuse(f"The format of the value at {here}.toolUse.input is invalid. Provide a json object for the field and try again.")
        if kind == "toolResult":
            check_result(block["toolResult"], here, model)
        if kind == "reasoningContent":
            check_reasoning(block["reasoningContent"], here, model)
    if names and "text" not in kinds:
        raise refuse("A text block must be included along with documents")  # the document alone says nothing
    if len(set(names)) != len(names):
        raise refuse("Document names must be unique within a conversation.")
    if len(names) > 5 or kinds.count("image") > 20:
        raise refuse("Too many images or documents: at most 20 images and 5 documents are allowed.")


def check_document(document: dict, where: str) -> str:
    if not FORMAT_NAME.match(document["name"]):
        raise refuse(
            f"The document file name at {where} can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and "
            "square brackets. The name can't contain more than one consecutive whitespace character."
        )
    return document["name"]


def check_result(result: dict, where: str, model: Model) -> None:
    if not result["content"]:
        raise refuse(f"The content field in the ToolResultBlock object at {where} is empty. Add content and try again.")
    if "status" in result and not model.status:
        raise unsupported("the status field in toolResult")
    for k, inner in enumerate(result["content"]):
        if "json" in inner and not isinstance(inner["json"], dict):
            raise refuse(
                f"The format of the value at {where}.toolResult.content.{k}.json is invalid. Provide a json object for the field and try again."
            )
        if inner.get("text") == "":
            raise refuse(f"The text field in the ToolResultContentBlock object at {where}.toolResult.content.{k} is blank.")


def check_reasoning(block: dict, where: str, model: Model) -> None:
    text = block.get("reasoningText")
    if text is None:
        return
    if model.family != "claude":
        raise unsupported("the reasoningContent content block that you provided")
    if "signature" not in text:
        raise refuse(f"The model returned the following errors: {where}.thinking.signature: Field required")
    if text["signature"] != anthropic.signature(text["text"], model.claude):
        raise refuse(f"The model returned the following errors: {where}: Invalid `signature` in `thinking` block")


def check_system(system: list[dict], model: Model) -> None:
    if system and not model.system:
        raise refuse(
            "This model doesn't support system messages. Try again without a system message or use a model that supports system messages."
        )
    for i, block in enumerate(system):
        if "text" in block and not block["text"].strip():
            raise refuse(
                f"The text field in the SystemContentBlock object at system.{i} is blank. Add text to the text field, and try again."
            )


# ---------------------------------------------------------------------------------------------------- tools


def ids(message: dict, kind: str) -> list[str]:
    return [block[kind]["toolUseId"] for block in message["content"] if kind in block]


def check_tool_pairs(messages: list[dict], model: Model) -> None:
    for i, message in enumerate(messages):
        asked = ids(messages[i - 1], "toolUse") if i else []
        answered = ids(message, "toolResult")
        if len(answered) > len(asked):
            raise refuse(f"The number of toolResult blocks at messages.{i}.content exceeds the number of toolUse blocks of previous turn.")
        if message["role"] == "user" and sorted(asked) != sorted(answered):
            raise refuse(
                f"Expected toolResult blocks at messages.{i}.content for the following Ids: {', '.join(asked)}, but found: {', '.join(answered) or 'None'}"
            )
        made = ids(message, "toolUse")
        if len(set(made)) != len(made):
            raise refuse(f"The toolUse blocks at messages.{i}.content contain duplicate Ids: {', '.join(made)}")
        for one in made + answered:
            if not re.fullmatch(model.tool_id, one):
                raise refuse(
                    f"The model returned the following errors: Tool call id has to be defined. Invalid id: {one}, pattern {model.tool_id}"
                )
        if made and i + 1 == len(messages):
            raise refuse(
                f"Expected toolResult blocks at messages.{i + 1}.content for the following Ids: {', '.join(made)}, but found: None"
            )


def check_tools(body: dict, model: Model) -> None:
    config = body.get("toolConfig")
    if config is None:
        if any(kind in block for message in body["messages"] for block in message["content"] for kind in ("toolUse", "toolResult")):
            raise refuse("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
        return
    if not model.tools:
        raise unsupported("tool use")
    if not config["tools"]:
        raise refuse(
            "1 validation error detected: Value '[]' at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1"
        )
    names = []
    for i, tool in enumerate(config["tools"]):
        if "toolSpec" not in tool:
            continue
        spec = tool["toolSpec"]
        schema = spec["inputSchema"]["json"]
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise refuse(f"The value at toolConfig.tools.{i}.toolSpec.inputSchema.json.type must be one of the following: object.")
        if "strict" in spec and not model.strict_tools:
            raise refuse(f"The model returned the following errors: tools.{i}.custom.strict: Extra inputs are not permitted")
        names.append(spec["name"])
    if len(set(names)) != len(names):
        raise refuse("The tool names in toolConfig.tools must be unique.")
    for kind, value in config.get("toolChoice", {}).items():
        if kind not in model.choices:
            raise refuse(
                f"This model doesn't support the toolConfig.toolChoice.{kind} field. Remove toolConfig.toolChoice.{kind} and try again."
            )
        if kind == "tool" and value["name"] not in names:
            raise refuse(f"The tool {value['name']} in toolConfig.toolChoice.tool is not one of toolConfig.tools.")


# ---------------------------------------------------------------------------------------------------- settings


def check_inference(body: dict, model: Model) -> None:
    config = body.get("inferenceConfig", {})
    if config.get("stopSequences") and not model.stop:
        raise refuse("This model doesn't support the stopSequences field. Remove stopSequences and try again.")
    if model.claude == "claude-sonnet-5-5" and {"temperature", "topP"} & set(config):
        raise refuse("The model returned the following errors: sampling parameters are not supported on this model")
    if model.family == "claude" and {"temperature", "topP"} <= set(config):
        raise refuse(
            "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )
    last = body["messages"][-1]
    if last["role"] == "assistant" and model.family == "claude":
        text = last["content"][-1].get("text", "")
        if text != text.rstrip():
            raise refuse("The model returned the following errors: messages: final assistant content cannot end with trailing whitespace")


def check_extra_fields(body: dict, model: Model) -> None:
    extra = body.get("additionalModelRequestFields")
    if extra is None:
        return
    if not isinstance(extra, dict):
        raise refuse("The format of the additionalModelRequestFields field is invalid. Provide a json object for the field and try again.")
    for name in extra:
        if name not in EXTRA_FIELDS[model.family]:
            raise refuse(f"The model returned the following errors: {name}: Extra inputs are not permitted")
    thinking = extra.get("thinking")
    if thinking is None:
        return
    claude = anthropic.MODELS[model.claude]
    kind = thinking.get("type")
    if not {"enabled": claude.budget, "adaptive": claude.adaptive, "disabled": claude.can_disable}.get(kind, False):
        raise refuse(f"The model returned the following errors: thinking.type: '{kind}' is not supported on this model")
    if kind == "enabled":
        budget = thinking.get("budget_tokens")
        if not is_int(budget) or budget < 1024:
            raise refuse(
                "The model returned the following errors: thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
            )
        if budget >= body.get("inferenceConfig", {}).get("maxTokens", 4096):
            raise refuse("The model returned the following errors: `max_tokens` must be greater than `thinking.budget_tokens`")
    if kind != "disabled":
        if body.get("inferenceConfig", {}).get("temperature", 1) != 1:
            raise refuse("The model returned the following errors: `temperature` may only be set to 1 when thinking is enabled.")
        if {"any", "tool"} & set(body.get("toolConfig", {}).get("toolChoice", {})):
            raise refuse("The model returned the following errors: Thinking may not be enabled when tool_choice forces tool use.")
    messages = body["messages"]
    if kind == "enabled" and ids(messages[-1], "toolResult") and "reasoningContent" not in messages[-2]["content"][0]:
        raise refuse("The model returned the following errors: messages: Expected `thinking` or `redacted_thinking`, but found `tool_use`.")


def check_output(config: dict, model: Model) -> None:
    wanted = config.get("textFormat")
    if wanted is None:
        return
    if not model.structured:
        raise unsupported("the outputConfig.textFormat field")
    try:
        schema = json.loads(wanted["structure"]["jsonSchema"]["schema"])
    except ValueError:
        raise refuse("outputConfig.textFormat.structure.jsonSchema.schema is not valid JSON") from None
    if not isinstance(schema, dict) or (schema.get("type") == "object" and schema.get("additionalProperties") is not False):
        raise refuse("outputConfig: For 'object' type, 'additionalProperties' must be explicitly set to false")

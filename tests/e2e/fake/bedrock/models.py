"""The models of the fake Bedrock, and what each of them takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    family: str  # claude, nova, llama, mistral, gpt-oss, titan, deepseek
    on_demand: bool = True  # callable by its bare id
    system: bool = True
    tools: bool = True
    choices: tuple[str, ...] = ("auto", "any", "tool")
    media: bool = True
    stop: bool = True
    cache: bool = False
    status: bool = False  # of a tool result
    structured: bool = False  # outputConfig.textFormat
    strict_tools: bool = False
    reasons: bool = False  # shows reasoning when the text says `think aloud`
    tool_id: str = r"[a-zA-Z0-9_.:-]{1,64}"
    says_end_turn: bool = False  # also when it calls tools
    claude: str = ""  # the name that the fake Anthropic knows it by


SONNET = Model("claude", False, cache=True, status=True, structured=True, strict_tools=True, claude="claude-sonnet-4-5")
NEWEST = Model("claude", False, choices=("auto",), cache=True, status=True, claude="claude-sonnet-5-5")
MODELS: dict[str, Model] = {
    "anthropic.claude-sonnet-4-5-20250929-v1:0": SONNET,
    "anthropic.claude-sonnet-5-5": NEWEST,
    "anthropic.claude-3-haiku-20240307-v1:0": Model("claude", status=True, claude="claude-haiku-4-5"),
    "amazon.nova-lite-v1:0": Model("nova", cache=True, status=True),
    "amazon.titan-text-lite-v1": Model("titan", system=False, tools=False, media=False),
    "meta.llama3-1-8b-instruct-v1:0": Model("llama", choices=("auto",), media=False, says_end_turn=True),
    "mistral.mistral-large-2407-v1:0": Model("mistral", choices=("auto", "any"), media=False, tool_id="[a-zA-Z0-9]{9}"),
    "openai.gpt-oss-120b-1:0": Model("gpt-oss", media=False, stop=False, reasons=True),
    "deepseek.r1-v1:0": Model("deepseek", tools=False, media=False, reasons=True),
}  # fmt: skip
PROFILES = ("us.", "eu.", "apac.", "jp.", "au.", "global.")
PROFILE_ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123"
ARNS = {PROFILE_ARN: SONNET}


def find(name: str) -> Model | None:
    """By id, by inference profile, or by ARN."""
    for prefix in PROFILES:
        if name.startswith(prefix):
            return MODELS.get(name.removeprefix(prefix))
    return MODELS.get(name) or ARNS.get(name)

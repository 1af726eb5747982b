"""The messages of generateContent, field by field, and the models with what each takes (providers-native.md §2.3, §2.5, §2.7)."""

from __future__ import annotations

from dataclasses import dataclass

from ..protojson import Messages

CATEGORIES = tuple(
    "HARM_CATEGORY_" + name for name in ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT", "CIVIC_INTEGRITY")
)
THRESHOLDS = ("OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE")
TYPES = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")

COMMON: Messages = {
    "GenerateContentRequest": {
        "model": "string", "contents": "[Content]", "systemInstruction": "Content", "tools": "[Tool]", "toolConfig": "ToolConfig",
        "safetySettings": "[SafetySetting]", "generationConfig": "GenerationConfig", "cachedContent": "string",
        "continuationToken": "string",
    },
    "Content": {"role": "string", "parts": "[Part]"},
    "Part": {
        "text": "string", "inlineData": "Blob", "fileData": "FileData", "functionCall": "FunctionCall",
        "functionResponse": "FunctionResponse", "executableCode": "struct", "codeExecutionResult": "struct", "thought": "bool",
        "thoughtSignature": "bytes", "videoMetadata": "struct", "mediaResolution": "struct",
    },
    "Blob": {"mimeType": "string", "data": "bytes"},
    "FileData": {"mimeType": "string", "fileUri": "string"},
    "FunctionCall": {"name": "string", "args": "struct"},
    "FunctionResponse": {"name": "string", "response": "struct", "parts": "[FunctionResponsePart]"},
    "FunctionResponsePart": {"inlineData": "Blob"},
    "Tool": {
        "functionDeclarations": "[FunctionDeclaration]", "googleSearch": "struct", "googleSearchRetrieval": "struct",
        "codeExecution": "struct", "urlContext": "struct", "computerUse": "struct", "googleMaps": "struct",
    },
    "FunctionDeclaration": {
        "name": "string", "description": "string", "parameters": "Schema", "parametersJsonSchema": "value", "response": "Schema",
        "responseJsonSchema": "value",
    },
    "Schema": {
        "type": TYPES, "format": "string", "title": "string", "description": "string", "nullable": "bool", "enum": "[string]",
        "items": "Schema", "minItems": "int", "maxItems": "int", "properties": "{Schema}", "required": "[string]",
        "minProperties": "int", "maxProperties": "int", "minLength": "int", "maxLength": "int", "pattern": "string",
        "minimum": "number", "maximum": "number", "anyOf": "[Schema]", "default": "value", "example": "value",
        "propertyOrdering": "[string]",
    },
    "ToolConfig": {"functionCallingConfig": "FunctionCallingConfig", "retrievalConfig": "struct"},
    "FunctionCallingConfig": {"mode": ("AUTO", "ANY", "NONE", "VALIDATED"), "allowedFunctionNames": "[string]"},
    "SafetySetting": {"category": CATEGORIES, "threshold": THRESHOLDS},
    "GenerationConfig": {
        "candidateCount": "int", "stopSequences": "[string]", "maxOutputTokens": "int", "temperature": "number", "topP": "number",
        "topK": "number", "seed": "int", "presencePenalty": "number", "frequencyPenalty": "number", "responseLogprobs": "bool",
        "logprobs": "int", "responseMimeType": "string", "responseSchema": "Schema", "responseJsonSchema": "value",
        "responseModalities": "[string]", "thinkingConfig": "ThinkingConfig", "speechConfig": "struct", "imageConfig": "struct",
        "mediaResolution": "string", "responseFormat": "[struct]",
    },
    "ThinkingConfig": {
        "includeThoughts": "bool", "thinkingBudget": "int", "thinkingLevel": ("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"),
    },
}  # fmt: skip

ONLY_DEVELOPER: Messages = {
    "GenerateContentRequest": {"serviceTier": ("STANDARD", "FLEX", "PRIORITY"), "store": "bool"},
    "Part": {"partMetadata": "struct", "toolCall": "struct", "toolResponse": "struct"},
    "FunctionCall": {"id": "string"},
    "FunctionResponse": {"id": "string"},
    "Tool": {"fileSearch": "struct", "mcpServers": "[struct]"},
    "ToolConfig": {"includeServerSideToolInvocations": "bool"},
    "CountTokensRequest": {"contents": "[Content]", "generateContentRequest": "GenerateContentRequest"},
    "EmbedContentRequest": {
        "model": "string", "content": "Content", "taskType": "string", "title": "string", "outputDimensionality": "int",
    },
    "BatchEmbedContentsRequest": {"requests": "[EmbedContentRequest]"},
}  # fmt: skip
ONLY_VERTEX: Messages = {
    "GenerateContentRequest": {"labels": "{string}", "modelArmorConfig": "struct"},
    "Blob": {"displayName": "string"},
    "FileData": {"displayName": "string"},
    "FunctionCallingConfig": {"streamFunctionCallArguments": "bool"},
    "GenerationConfig": {"audioTimestamp": "bool", "routingConfig": "struct", "modelConfig": "struct"},
    "SafetySetting": {"method": ("SEVERITY", "PROBABILITY")},
    "CountTokensRequest": {
        "contents": "[Content]", "model": "string", "systemInstruction": "Content", "tools": "[Tool]",
        "generationConfig": "GenerationConfig", "instances": "[struct]",
    },
    "EmbedContentRequest": {"content": "Content", "embedContentConfig": "EmbedContentConfig"},
    "EmbedContentConfig": {
        "taskType": "string", "title": "string", "outputDimensionality": "int", "autoTruncate": "bool",
    },
    "PredictRequest": {"instances": "[struct]", "parameters": "struct", "labels": "{string}"},
}  # fmt: skip


def joined(more: Messages) -> Messages:
    return {name: COMMON.get(name, {}) | more.get(name, {}) for name in COMMON | more}


DEVELOPER, VERTEX = joined(ONLY_DEVELOPER), joined(ONLY_VERTEX)


@dataclass(frozen=True)
class Model:
    """What one model takes."""

    major: int = 3  # the generation
    levels: tuple[str, ...] = ()  # of thinkingLevel
    budget: tuple[int, int] | None = None  # range of thinkingBudget
    can_switch_off: bool = False  # a budget of 0
    methods: tuple[str, ...] = ("generateContent", "countTokens", "createCachedContent", "batchGenerateContent")
    system: bool = True
    penalties: bool = True  # on the Developer API
    candidates: int = 1

    @property
    def thinks(self) -> bool:
        return bool(self.levels or self.budget)


MODELS: dict[str, Model] = {
    "gemini-2.0-flash": Model(2, candidates=8),
    "gemini-2.5-flash": Model(2, budget=(1, 24_576), can_switch_off=True, penalties=False, candidates=8),
    "gemini-2.5-flash-lite": Model(2, budget=(512, 24_576), can_switch_off=True, penalties=False, candidates=8),
    "gemini-2.5-pro": Model(2, budget=(128, 32_768), penalties=False, candidates=8),
    "gemini-3-pro-preview": Model(3, levels=("LOW", "HIGH")),
    "gemini-3-flash": Model(3, levels=("MINIMAL", "LOW", "MEDIUM", "HIGH")),
    "gemini-3.8-flash": Model(3, levels=("LOW", "MEDIUM", "HIGH")),
    "gemini-4-hydrogen": Model(4, levels=("LOW", "MEDIUM", "HIGH", "XHIGH")),
    "gemma-3-27b-it": Model(2, system=False),
    "gemini-embedding-001": Model(2, methods=("embedContent",)),
}  # fmt: skip

MIME_TYPES = {
    "image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", "application/pdf", "text/plain", "text/html", "text/csv",
    "audio/wav", "audio/mp3", "audio/mpeg", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac", "video/mp4", "video/mpeg",
    "video/webm", "video/quicktime",
}  # fmt: skip
CONTINUATION_TOKEN = "bmV4dA=="

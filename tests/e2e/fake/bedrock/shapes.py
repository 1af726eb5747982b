"""The shapes of a Converse request. test_fake_bedrock.py compares them with the vendor's own service model."""

from __future__ import annotations

from ..aws.shapes import Shapes

SHAPES = Shapes(
    structures={
        "ConverseRequest": {
            "messages": "[Message]", "system": "[SystemContentBlock]", "inferenceConfig": "InferenceConfiguration",
            "toolConfig": "ToolConfiguration", "guardrailConfig": "GuardrailConfiguration", "additionalModelRequestFields": "json",
            "promptVariables": "json", "additionalModelResponseFieldPaths": "[FieldPath]", "requestMetadata": "{MetadataValue}",
            "performanceConfig": "PerformanceConfiguration", "serviceTier": "ServiceTier", "outputConfig": "OutputConfig",
        },
        "Message": {"role": "ConversationRole!", "content": "[ContentBlock]!"},
        "ContentBlock": {
            "text": "String", "image": "ImageBlock", "document": "DocumentBlock", "video": "json", "audio": "AudioBlock",
            "toolUse": "ToolUseBlock", "toolResult": "ToolResultBlock", "guardContent": "json", "cachePoint": "CachePointBlock",
            "reasoningContent": "ReasoningContentBlock", "citationsContent": "json", "searchResult": "json",
        },
        "ImageBlock": {"format": "ImageFormat!", "source": "ImageSource!"},
        "ImageSource": {"bytes": "blob", "s3Location": "S3Location"},
        "S3Location": {"uri": "S3Uri!", "bucketOwner": "AccountId"},
        "DocumentBlock": {
            "format": "DocumentFormat", "name": "DocumentBlockNameString!", "source": "DocumentSource!", "context": "String",
            "citations": "CitationsConfig",
        },
        "DocumentSource": {"bytes": "blob", "s3Location": "S3Location", "text": "String", "content": "[DocumentContentBlock]"},
        "DocumentContentBlock": {"text": "String"},
        "CitationsConfig": {"enabled": "bool!"},
        "AudioBlock": {"format": "AudioFormat!", "source": "AudioSource!"},
        "AudioSource": {"bytes": "blob", "s3Location": "S3Location"},
        "ToolUseBlock": {"toolUseId": "ToolUseId!", "name": "ToolName!", "input": "json!", "type": "ToolUseType"},
        "ToolResultBlock": {"toolUseId": "ToolUseId!", "content": "[ToolResultContentBlock]!", "status": "ToolResultStatus", "type": "String"},
        "ToolResultContentBlock": {
            "json": "json", "text": "String", "image": "ImageBlock", "document": "DocumentBlock", "video": "json", "searchResult": "json",
        },
        "CachePointBlock": {"type": "CachePointType!", "ttl": "CacheTTL"},
        "ReasoningContentBlock": {"reasoningText": "ReasoningTextBlock", "redactedContent": "blob"},
        "ReasoningTextBlock": {"text": "String!", "signature": "String"},
        "SystemContentBlock": {"text": "NonEmptyString", "guardContent": "json", "cachePoint": "CachePointBlock"},
        "InferenceConfiguration": {
            "maxTokens": "int(1,)", "temperature": "float(0,1)", "topP": "float(0,1)", "stopSequences": "[NonEmptyString]",
        },
        "ToolConfiguration": {"tools": "[Tool]!", "toolChoice": "ToolChoice"},
        "Tool": {"toolSpec": "ToolSpecification", "systemTool": "SystemTool", "cachePoint": "CachePointBlock"},
        "ToolSpecification": {"name": "ToolName!", "description": "NonEmptyString", "inputSchema": "ToolInputSchema!", "strict": "bool"},
        "ToolInputSchema": {"json": "json"},
        "SystemTool": {"name": "ToolName!"},
        "ToolChoice": {"auto": "AutoToolChoice", "any": "AnyToolChoice", "tool": "SpecificToolChoice"},
        "AutoToolChoice": {},
        "AnyToolChoice": {},
        "SpecificToolChoice": {"name": "ToolName!"},
        "GuardrailConfiguration": {"guardrailIdentifier": "String", "guardrailVersion": "String", "trace": "GuardrailTrace"},
        "PerformanceConfiguration": {"latency": "PerformanceConfigLatency"},
        "ServiceTier": {"type": "ServiceTierType!"},
        "OutputConfig": {"textFormat": "OutputFormat", "effort": "OutputConfigEffortString"},
        "OutputFormat": {"type": "OutputFormatType!", "structure": "OutputFormatStructure!"},
        "OutputFormatStructure": {"jsonSchema": "JsonSchemaDefinition"},
        "JsonSchemaDefinition": {"schema": "String!", "name": "String", "description": "String"},
    },
    unions=frozenset({
        "ContentBlock", "ImageSource", "DocumentSource", "DocumentContentBlock", "AudioSource", "ToolResultContentBlock",
        "ReasoningContentBlock", "SystemContentBlock", "Tool", "ToolInputSchema", "ToolChoice", "OutputFormatStructure",
    }),
    texts={
        "String": (0, None, None), "NonEmptyString": (1, None, None), "S3Uri": (1, 1024, r"s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?"),
        "AccountId": (0, None, "[0-9]{12}"), "DocumentBlockNameString": (1, 200, None), "ToolUseId": (1, 64, "[a-zA-Z0-9_.:-]+"),
        "ToolName": (1, 64, "[a-zA-Z0-9_-]+"), "OutputConfigEffortString": (0, 16, None), "FieldPath": (1, 256, None),
        "MetadataValue": (0, 256, r"[a-zA-Z0-9\s:_@$#=/+,-.]{0,256}"),
    },
    words={
        "ConversationRole": ["user", "assistant", "system"], "ImageFormat": ["png", "jpeg", "gif", "webp"],
        "DocumentFormat": ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"],
        "AudioFormat": [
            "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga", "pcm", "webm",
        ],
        "ToolUseType": ["server_tool_use"], "ToolResultStatus": ["success", "error"], "CachePointType": ["default"],
        "CacheTTL": ["5m", "1h"], "GuardrailTrace": ["enabled", "disabled", "enabled_full"],
        "PerformanceConfigLatency": ["standard", "optimized"], "ServiceTierType": ["priority", "default", "flex", "reserved"],
        "OutputFormatType": ["json_schema"],
    },
)  # fmt: skip

// What providers report of their models, by lists in the form that each documents.

#include "providers/model_lists.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::providers {
namespace {

using enum support;

using reported = std::map<std::string, capabilities>;

reported read(std::string_view provider, std::string_view body) {
  reported result;
  for (auto const& each : read_model_list(provider, body)) result[each.name] = each.what;
  return result;
}

TEST(model_lists, openrouter) {
  // openrouter.ai/docs: "Models API Standard"
  auto const body = R"({"data":[
    {"id":"google/gemini-2.5-pro","canonical_slug":"google/gemini-2.5-pro","name":"Google: Gemini 2.5 Pro","created":1750169544,
     "description":"a \"quoted\" one","context_length":1048576,
     "architecture":{"input_modalities":["file","image","text","audio"],"output_modalities":["text"],"tokenizer":"Gemini","instruct_type":null},
     "pricing":{"prompt":"0.00000125","completion":"0.00001"},
     "top_provider":{"context_length":1048576,"max_completion_tokens":65536,"is_moderated":false},"per_request_limits":null,
     "supported_parameters":["include_reasoning","max_tokens","reasoning","response_format","structured_outputs","tool_choice","tools"]},
    {"id":"openai/gpt-4","name":"GPT-4","created":1685232000,"context_length":null,
     "architecture":{"modality":"text->text","input_modalities":["text"],"output_modalities":["text"]},
     "top_provider":{"context_length":8191,"max_completion_tokens":null,"is_moderated":true},
     "supported_parameters":["temperature","top_p","max_tokens"]}]})";
  auto const models = read_model_list("openrouter", body);
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].name, "google/gemini-2.5-pro");
  EXPECT_EQ(models[0].created, 1750169544);
  capabilities const gemini{.context = 1'048'576,
                            .max_output = 65'536,
                            .tools = yes,
                            .vision = yes,
                            .documents = yes,
                            .audio = yes,
                            .reasoning = yes,
                            .json_mode = yes,
                            .json_schema = yes};
  EXPECT_EQ(models[0].what, gemini);
  capabilities const gpt{
      .context = 8191, .tools = no, .vision = no, .audio = no, .reasoning = no, .json_mode = no, .json_schema = no};
  EXPECT_EQ(models[1].what, gpt);
}

TEST(model_lists, together) {
  auto const models = read("together", R"([
    {"id":"Qwen/Qwen3-Coder-Next-FP8","object":"model","created":1769904000,"type":"chat","context_length":262144,
     "pricing":{"input":0.5,"output":1.2,"hourly":0,"base":0,"finetune":0}},
    {"id":"intfloat/multilingual-e5-large-instruct","type":"embedding","context_length":514},
    {"id":"black-forest-labs/FLUX.1-schnell","type":"image","context_length":0}])");
  EXPECT_EQ(models,
            (reported{{"Qwen/Qwen3-Coder-Next-FP8", {.context = 262'144, .chat = yes}},
                      {"intfloat/multilingual-e5-large-instruct", {.context = 514, .chat = no, .embeddings = yes}},
                      {"black-forest-labs/FLUX.1-schnell", {.chat = no}}}));
}

TEST(model_lists, groq) {
  auto const models = read("groq", R"({"object":"list","data":[{"id":"llama-3.3-70b-versatile","object":"model",
    "created":1733447754,"owned_by":"Meta","active":true,"context_window":131072,"public_apps":null,
    "max_completion_tokens":32768}]})");
  EXPECT_EQ(models, (reported{{"llama-3.3-70b-versatile", {.context = 131'072, .max_output = 32'768}}}));
}

TEST(model_lists, mistral) {
  auto const models = read("mistral", R"({"object":"list","data":[{"id":"mistral-small-2603","object":"model",
    "created":1774000000,"owned_by":"mistralai","capabilities":{"completion_chat":true,"function_calling":true,
    "reasoning":true,"completion_fim":false,"fine_tuning":false,"vision":true,"classification":false},"name":"mistral-small-2603",
    "description":null,"max_context_length":262144,"aliases":["mistral-small-latest"],"deprecation":null,"type":"base"},
    {"id":"mistral-embed","capabilities":{"completion_chat":false,"function_calling":false,"vision":false},
     "max_context_length":8192}]})");
  EXPECT_EQ(models, (reported{{"mistral-small-2603",
                               {.context = 262'144, .chat = yes, .tools = yes, .vision = yes, .reasoning = yes}},
                              {"mistral-embed", {.context = 8192, .chat = no, .tools = no, .vision = no}}}));
}

TEST(model_lists, moonshot) {
  auto const models = read("moonshot", R"({"object":"list","data":[{"id":"kimi-k2.5","object":"model","created":1,
    "owned_by":"moonshot","context_length":262144,"supports_image_in":true,"supports_video_in":true,
    "supports_reasoning":true},{"id":"moonshot-v1-8k","context_length":8192,"supports_image_in":false,
    "supports_reasoning":false}]})");
  EXPECT_EQ(models, (reported{{"kimi-k2.5", {.context = 262'144, .vision = yes, .reasoning = yes}},
                              {"moonshot-v1-8k", {.context = 8192, .vision = no, .reasoning = no}}}));
}

TEST(model_lists, lmstudio_v1) {
  // providers-openai-shaped.md §16.1
  auto const models = read("lmstudio", R"({"models":[{"type":"llm","publisher":"qwen","key":"qwen/qwen3-8b",
    "display_name":"Qwen3 8B","architecture":"qwen3","quantization":{"name":"Q4_K_M","bits_per_weight":4},
    "size_bytes":5000000000,"params_string":"8B","loaded_instances":[{"id":"qwen/qwen3-8b",
    "config":{"context_length":8192,"flash_attention":true}}],"max_context_length":40960,"format":"gguf",
    "capabilities":{"vision":false,"trained_for_tool_use":true}},
    {"type":"llm","key":"google/gemma-3-12b","loaded_instances":[],"max_context_length":131072,
     "capabilities":{"vision":true,"trained_for_tool_use":false}},
    {"type":"embedding","key":"text-embedding-nomic-embed-text-v1.5","loaded_instances":[],"max_context_length":2048}]})");
  EXPECT_EQ(models,
            (reported{{"qwen/qwen3-8b", {.context = 8192, .chat = yes, .tools = yes, .vision = no}},
                      {"google/gemma-3-12b", {.context = 131'072, .chat = yes, .vision = yes}},
                      {"text-embedding-nomic-embed-text-v1.5", {.context = 2048, .chat = no, .embeddings = yes}}}));
}

TEST(model_lists, lmstudio_v0_and_plain) {
  auto const models = read("lmstudio", R"({"object":"list","data":[
    {"id":"qwen2-vl-7b-instruct","object":"model","type":"vlm","publisher":"mlx-community","arch":"qwen2_vl",
     "compatibility_type":"mlx","quantization":"4bit","state":"not-loaded","max_context_length":32768,
     "loaded_context_length":null},
    {"id":"meta-llama-3.1-8b-instruct","type":"llm","state":"loaded","max_context_length":131072,
     "loaded_context_length":16384,"capabilities":["tool_use"]},
    {"id":"text-embedding-nomic-embed-text-v1.5","type":"embeddings","max_context_length":2048},
    {"id":"plain","object":"model","owned_by":"organization_owner"}]})");
  EXPECT_EQ(models,
            (reported{{"qwen2-vl-7b-instruct", {.context = 32'768, .chat = yes, .vision = yes}},
                      {"meta-llama-3.1-8b-instruct", {.context = 16'384, .chat = yes, .tools = yes}},
                      {"text-embedding-nomic-embed-text-v1.5", {.context = 2048, .chat = no, .embeddings = yes}},
                      {"plain", {}}}));
}

TEST(model_lists, vllm) {
  auto const models = read("vllm", R"({"object":"list","data":[{"id":"Qwen/Qwen2.5-Coder-7B-Instruct","object":"model",
    "created":1700000000,"owned_by":"vllm","root":"Qwen/Qwen2.5-Coder-7B-Instruct","parent":null,"max_model_len":32768,
    "permission":[{"id":"modelperm-1","object":"model_permission","allow_sampling":true}]}]})");
  EXPECT_EQ(models, (reported{{"Qwen/Qwen2.5-Coder-7B-Instruct", {.context = 32'768}}}));
}

TEST(model_lists, llamacpp) {
  // tools/server/README.md: GET /v1/models, GET /props
  auto const models =
      read("llamacpp", R"({"models":[{"name":"x","capabilities":["completion"]}],"object":"list","data":[
    {"id":"../models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf","object":"model",
     "architecture":{"input_modalities":["text"],"output_modalities":["text"]},"created":1735142223,"owned_by":"llamacpp",
     "meta":{"vocab_type":2,"n_vocab":128256,"n_ctx_train":131072,"n_embd":4096,"n_params":8030261312,"size":4912898304}},
    {"id":"loading","object":"model","meta":null}]})");
  EXPECT_EQ(
      models,
      (reported{{"../models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", {.context = 131'072, .vision = no, .audio = no}},
                {"loading", {}}}));
  auto const props =
      read("llamacpp", R"({"default_generation_settings":{"id":0,"n_ctx":4096,"params":{"max_tokens":-1}},
    "total_slots":1,"model_path":"../models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf","chat_template":"{{ x }}",
    "chat_template_caps":{"supports_tool_calls":true,"supports_parallel_tool_calls":false},
    "modalities":{"vision":false,"audio":true},"build_info":"b1-x"})");
  EXPECT_EQ(props, (reported{{"../models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
                              {.context = 4096, .tools = yes, .vision = no, .audio = yes}}}));
}

TEST(model_lists, ollama) {
  auto const tags = read("ollama", R"({"models":[{"name":"codellama:13b","model":"codellama:13b",
    "modified_at":"2023-11-04T14:56:49.277302595-07:00","size":7365960935,"digest":"9f43","details":{"format":"gguf",
    "family":"llama","families":null,"parameter_size":"13B","quantization_level":"Q4_0"}},
    {"name":"qwen3:8b","details":{"context_length":40960},"capabilities":["completion","tools","thinking"]}]})");
  EXPECT_EQ(
      tags,
      (reported{{"codellama:13b", {}},
                {"qwen3:8b",
                 {.context = 40'960, .chat = yes, .embeddings = no, .tools = yes, .vision = no, .reasoning = yes}}}));
  auto const shown =
      read_model_list("ollama", R"({"modelfile":"FROM x","parameters":"num_keep 24","template":"{{ .Prompt }}",
    "details":{"parent_model":"","format":"gguf","family":"llama","families":["llama"],"parameter_size":"8.0B"},
    "model_info":{"general.architecture":"llama","general.parameter_count":8030261248,"llama.attention.head_count":32,
    "llama.context_length":8192,"llama.embedding_length":4096,"tokenizer.ggml.merges":null},
    "capabilities":["completion","vision"]})");
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0].name, "");
  capabilities const what{.context = 8192, .chat = yes, .embeddings = no, .tools = no, .vision = yes, .reasoning = no};
  EXPECT_EQ(shown[0].what, what);
}

TEST(model_lists, gemini) {
  // providers-native.md §2.1
  for (auto const provider : {"gemini", "google"}) {
    auto const models =
        read(provider, R"({"models":[{"name":"models/gemini-2.5-pro","version":"2.5","displayName":"Gemini 2.5 Pro",
      "inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens"],
      "thinking":true,"temperature":1,"topP":0.95,"topK":64,"maxTemperature":2},
      {"name":"models/gemini-embedding-001","inputTokenLimit":2048,"outputTokenLimit":1,
       "supportedGenerationMethods":["embedContent","countTextTokens"]}],"nextPageToken":"x"})");
    EXPECT_EQ(models,
              (reported{{"gemini-2.5-pro",
                         {.context = 1'048'576, .max_output = 65'536, .chat = yes, .embeddings = no, .reasoning = yes}},
                        {"gemini-embedding-001", {.context = 2048, .max_output = 1, .chat = no, .embeddings = yes}}}));
  }
}

TEST(model_lists, huggingface) {
  // providers-openai-shaped.md §15
  auto const models =
      read("huggingface", R"({"object":"list","data":[{"id":"zai-org/GLM-4.6V","object":"model","created":1,
    "owned_by":"zai-org","architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},
    "providers":[{"provider":"novita","status":"live","context_length":65536,"pricing":{"input":0.3,"output":0.9},
      "supports_tools":false,"supports_structured_output":false},
     {"provider":"zai-org","status":"live","context_length":131072,"supports_tools":true,"supports_structured_output":false},
     {"provider":"new","status":"staging"}]},
    {"id":"old/model","providers":[{"provider":"p","supports_tools":false}]}]})");
  EXPECT_EQ(
      models,
      (reported{{"zai-org/GLM-4.6V", {.context = 131'072, .tools = yes, .vision = yes, .audio = no, .json_schema = no}},
                {"old/model", {.tools = no}}}));
}

TEST(model_lists, anthropic) {
  // providers-native.md §1.1
  auto const models =
      read("anthropic", R"({"data":[{"type":"model","id":"claude-opus-4-6","display_name":"Claude Opus 4.6",
    "created_at":"2026-02-04T00:00:00Z","max_input_tokens":1000000,"max_tokens":128000,"lifecycle":"active",
    "capabilities":{"batch":{"supported":true},"image_input":{"supported":true},"pdf_input":{"supported":true},
     "structured_outputs":{"supported":true},"effort":{"low":{"supported":true},"supported":true},
     "thinking":{"supported":true,"types":{"adaptive":{"supported":true},"enabled":{"supported":true}}}}},
    {"type":"model","id":"claude-3-haiku-20240307","max_input_tokens":200000,"max_tokens":4096,
     "capabilities":{"image_input":{"supported":true},"pdf_input":{"supported":false},
     "structured_outputs":{"supported":false},"thinking":{"types":{"adaptive":{"supported":false}}}}},
    {"type":"model","id":"older","capabilities":null,"max_input_tokens":null,"max_tokens":null}],
    "has_more":false,"first_id":"claude-opus-4-6","last_id":"older"})");
  EXPECT_EQ(models,
            (reported{{"claude-opus-4-6",
                       {.context = 1'000'000,
                        .max_output = 128'000,
                        .vision = yes,
                        .documents = yes,
                        .reasoning = yes,
                        .json_schema = yes}},
                      {"claude-3-haiku-20240307",
                       {.context = 200'000, .max_output = 4096, .vision = yes, .documents = no, .json_schema = no}},
                      {"older", {}}}));
}

TEST(model_lists, bedrock) {
  // AWS API reference: ListFoundationModels
  auto const models = read("bedrock", R"({"modelSummaries":[{"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/a",
    "modelId":"amazon.nova-lite-v1:0","modelName":"Nova Lite","providerName":"Amazon","inputModalities":["TEXT","IMAGE","VIDEO"],
    "outputModalities":["TEXT"],"responseStreamingSupported":true,"customizationsSupported":[],
    "inferenceTypesSupported":["ON_DEMAND"],"modelLifecycle":{"status":"ACTIVE"}},
    {"modelId":"amazon.titan-embed-text-v2:0","inputModalities":["TEXT"],"outputModalities":["EMBEDDING"]}]})");
  EXPECT_EQ(models, (reported{{"amazon.nova-lite-v1:0", {.chat = yes, .embeddings = no, .vision = yes}},
                              {"amazon.titan-embed-text-v2:0", {.chat = no, .embeddings = yes, .vision = no}}}));
}

TEST(model_lists, fireworks) {
  auto const models = read("fireworks", R"({"object":"list","data":[{"id":"accounts/fireworks/models/kimi-k3",
    "object":"model","owned_by":"fireworks","created":1,"kind":"HF_BASE_MODEL","supports_chat":true,
    "supports_image_input":true,"supports_tools":false,"context_length":1048576}]})");
  EXPECT_EQ(models,
            (reported{{"accounts/fireworks/models/kimi-k3", {.context = 1'048'576, .chat = yes, .vision = yes}}}));
}

TEST(model_lists, openai_and_unknown_servers) {
  EXPECT_EQ(read("openai", R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1715367049,
    "owned_by":"system","shutdown_date":"2027-01-14"}]})"),
            (reported{{"gpt-4o", {}}}));
  EXPECT_EQ(
      read("openai-compatible", R"({"data":[{"id":"a","max_model_len":8192},{"id":"b","context_window":4096,
    "max_completion_tokens":1024,"input_modalities":["text","image"]},{"id":"c","input_modalities":["text"]}]})"),
      (reported{{"a", {.context = 8192}}, {"b", {.context = 4096, .max_output = 1024, .vision = yes}}, {"c", {}}}));
  EXPECT_EQ(read("xai", R"({"models":[{"id":"grok-4.7","input_modalities":["text","image"]}]})"),
            (reported{{"grok-4.7", {.vision = yes}}}));
}

TEST(model_lists, bad_input_gives_no_models) {
  std::string const good = R"({"data":[{"id":"a","context_length":1}]})";
  for (std::size_t end = 0; end < good.size(); ++end) {
    for (auto const provider : {"openrouter", "ollama", "lmstudio", "anyone"}) {
      EXPECT_TRUE(read_model_list(provider, good.substr(0, end)).empty()) << end;
    }
  }
  for (std::string const& body :
       {std::string(), std::string("null"), std::string("12"), std::string("\"data\""), std::string("{}"),
        std::string(R"({"error":{"message":"no"}})"), std::string(R"({"data":{}})"), std::string(R"({"data":[]})"),
        std::string("[]"), std::string(R"([1,null,"x",[],{}])"),
        std::string(R"({"data":[{"id":1},{"id":""},{"id":null}]})"), std::string("{\"data\":[{\"id\":\"\xff\"}]}"),
        good + "x", std::string(5000, '[')}) {
    EXPECT_TRUE(read_model_list("openrouter", body).empty()) << body.substr(0, 60);
  }
}

TEST(model_lists, wrong_types_tell_nothing) {
  EXPECT_EQ(read("openrouter", R"({"data":[{"id":"a","context_length":"131072","architecture":[],"top_provider":7,
    "supported_parameters":{"tools":true}},{"id":"b","context_length":-5},{"id":"c","context_length":1e400}]})"),
            (reported{{"a", {}}, {"b", {}}, {"c", {}}}));
  EXPECT_EQ(
      read("huggingface", R"({"data":[{"id":"a","providers":{"context_length":1}},{"id":"b","providers":[[],1]}]})"),
      (reported{{"a", {}}, {"b", {}}}));
  EXPECT_EQ(read("mistral", R"({"data":[{"id":"a","capabilities":{"vision":"true","function_calling":1}}]})"),
            (reported{{"a", {}}}));
  EXPECT_EQ(read("ollama", R"({"models":[{"name":"a","capabilities":"tools","model_info":{"context_length":7}}]})"),
            (reported{{"a", {}}}));
}

TEST(model_lists, names_are_read_as_written) {
  auto const models = read_model_list("openai", R"({"data":[{"id":"a\/b\u00e9"},{"name":"n"},{"key":"k"}]})");
  ASSERT_EQ(models.size(), 3u);
  EXPECT_EQ(models[0].name, "a/b\xc3\xa9");
  EXPECT_EQ(models[1].name, "n");
  EXPECT_EQ(models[2].name, "k");
}

TEST(model_lists, have_an_end) {
  std::string body = R"({"data":[)";
  for (int i = 0; i < 6000; ++i) body += "{\"id\":\"m" + std::to_string(i) + "\"},";
  body.back() = ']';
  body += '}';
  EXPECT_EQ(read_model_list("openai", body).size(), 5000u);
}

}  // namespace
}  // namespace recloser::providers

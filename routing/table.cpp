#include "routing/table.hpp"

#include <algorithm>
#include <numeric>

#include "config/load.hpp"

namespace recloser::routing {

void model_index::set(std::string const& provider, list models) {
  std::lock_guard const lock(mutex_);
  if (models.empty()) {
    by_provider_.erase(provider);
  } else {
    by_provider_[provider] = std::move(models);
  }
  auto flat = std::make_shared<list>();
  for (auto const& [name, entries] : by_provider_) flat->insert(flat->end(), entries.begin(), entries.end());
  flat_ = std::move(flat);
  generation_.fetch_add(1, std::memory_order_release);
}

providers::capabilities model_index::what(std::string_view provider, std::string_view model) const {
  std::lock_guard const lock(mutex_);
  auto const list = by_provider_.find(provider);
  if (list == by_provider_.end()) return {};
  auto const found = std::find_if(list->second.begin(), list->second.end(), [&](entry const& e) { return e.model == model; });
  return found == list->second.end() ? providers::capabilities{} : found->what;
}

std::shared_ptr<model_index::list const> model_index::all() const {
  std::lock_guard const lock(mutex_);
  return flat_;
}

std::vector<std::string> model_index::owners(std::string_view model) const {
  auto const known = all();
  std::vector<std::string> result;
  for (entry const& e : *known) {
    if (e.model == model) result.push_back(e.provider);
  }
  return result;
}

bool model_index::has(std::string_view provider, std::string_view model) const {
  auto const known = all();
  return std::any_of(known->begin(), known->end(),
                     [&](entry const& e) { return e.provider == provider && e.model == model; });
}

namespace {

/// Those of the target first: of two for one member, the first counts.
config::request_defaults with_defaults(config::request_defaults own, config::request_defaults const& provider) {
  for (auto const& each : provider) {
    auto const same = [&](auto const& other) { return other.first == each.first; };
    if (std::none_of(own.begin(), own.end(), same)) own.push_back(each);
  }
  return own;
}

}  // namespace

table::table(config::config const& from, std::shared_ptr<shared_state> shared)
    : config_(from), shared_(std::move(shared)), direct_series_(shared_->metrics.route("direct")) {
  for (config::provider const& section : config_.providers) {
    services_.push_back(std::make_unique<service>(make_service(section, shared_->endpoints)));
  }
  services_.push_back(std::make_unique<service>(make_demo_service()));
  for (auto const& one : services_) memos_[one.get()] = std::make_unique<capability_memo>();
  for (config::route const& section : config_.routes) {
    route made;
    made.name = section.name;
    made.strategy = section.strategy;
    made.strict = section.strict;
    made.series = shared_->metrics.route(section.name);
    made.turn = std::make_unique<std::atomic<std::uint32_t>>(0);
    for (config::target const& t : section.targets) {
      service const* const provider = find_service(t.provider);
      if (!provider) throw std::runtime_error("routes." + section.name + ": there is no provider " + t.provider);
      target one{provider, t.model, t.weight, with_defaults(t.defaults, provider->defaults)};
      for (credential const& c : provider->credentials) {
        one.lanes.push_back(shared_->lanes.get(provider->name, t.model, c.label));
      }
      made.targets.push_back(std::move(one));
    }
    route_by_name_.emplace(made.name, routes_.size());
    routes_.push_back(std::move(made));
  }
}

providers::capabilities table::capabilities_of(service const& provider, std::string_view model) const {
  constexpr std::size_t most_models = 4096;
  capability_memo& memo = *memos_.at(&provider);
  std::uint64_t const generation = shared_->models.generation();
  {
    std::shared_lock const lock(memo.mutex);
    auto const found = memo.known.find(model);
    if (found != memo.known.end() && found->second.generation == generation) return found->second.what;
  }
  // At a server that we know nothing of, a familiar name proves nothing.
  bool const generic = provider.row->name == "openai-compatible";
  providers::capabilities what = generic ? providers::capabilities{} : providers::capabilities_of(provider.row->name, model);
  what = providers::merge(what, shared_->models.what(provider.name, model));
  what = providers::merge(what, config_.models, model);
  std::unique_lock const lock(memo.mutex);
  if (memo.known.size() >= most_models) memo.known.clear();
  memo.known[std::string(model)] = {generation, what};
  return what;
}

providers::preparation target::preparation() const {
  providers::preparation with;
  with.provider = provider->row;
  with.model = model;
  with.defaults = &defaults;
  with.deployments = provider->row->deployments ? &provider->deployments : nullptr;
  with.api_version = provider->api_version;
  with.api = provider->api;
  with.text_calls = provider->text_calls;
  with.truncate = provider->truncate;
  return with;
}

service const* table::find_service(std::string_view name) const {
  for (auto const& s : services_) {
    if (s->name == name) return s.get();
  }
  // `grok/…` for the provider xai, `groqcloud/…` for groq: the catalog's other names, when nothing is called so.
  providers::row const* const row = providers::find_row(name);
  if (!row) return nullptr;
  for (auto const& s : services_) {
    if (s->row == row && s->name == row->name) return s.get();
  }
  return nullptr;
}

namespace {

plan direct(service const& provider, std::string_view model) {
  auto own = std::make_unique<target>(target{&provider, std::string(model), 1, provider.defaults});
  std::vector<target const*> const targets{own.get()};
  return plan{"direct", nullptr, targets, std::move(own)};
}

}  // namespace

chat::result<plan> table::find(std::string_view model) const {
  if (auto const found = route_by_name_.find(std::string(model)); found != route_by_name_.end()) {
    route const& r = routes_[found->second];
    return plan{r.name, &r, order_targets(r), nullptr};
  }
  auto const slash = model.find('/');
  if (slash != std::string_view::npos && slash + 1 < model.size()) {
    if (service const* const provider = find_service(model.substr(0, slash))) {
      if (provider->is_demo() && model != "demo/echo") return unknown_model(model);
      return direct(*provider, model.substr(slash + 1));
    }
  }
  return find_bare(model);
}

namespace {

/// True when `model` begins with one of the row's usual names (`claude-`, `gpt-`).
bool is_family(providers::row const& row, std::string_view model) {
  return std::any_of(row.model_prefixes.begin(), row.model_prefixes.end(),
                     [&](std::string_view prefix) { return model.starts_with(prefix); });
}

}  // namespace

chat::result<plan> table::find_bare(std::string_view model) const {
  std::vector<service const*> owners;
  auto add = [&](service const* s) {
    if (s && std::find(owners.begin(), owners.end(), s) == owners.end()) owners.push_back(s);
  };
  for (auto const& s : services_) {
    if (s->is_demo()) continue;
    if (std::find(s->models.begin(), s->models.end(), model) != s->models.end()) add(s.get());
  }
  for (std::string const& name : shared_->models.owners(model)) add(find_service(name));
  if (owners.empty()) {
    // Nobody lists it (lists may not have been read yet): the vendor whose models are called like that.
    for (auto const& s : services_) {
      if (is_family(*s->row, model)) add(s.get());
    }
  }
  if (owners.size() == 1) return direct(*owners.front(), model);
  if (owners.size() > 1) {
    std::string names;
    for (service const* s : owners) names += (names.empty() ? "" : ", ") + s->name + "/" + std::string(model);
    chat::fault ambiguous(chat::fault_class::model_missing, chat::fault_source::client, 404,
                          "The model `" + std::string(model.substr(0, 200)) +
                              "` exists at several providers; write one of: " + names,
                          "model_not_found");
    ambiguous.param = "model";
    return ambiguous;
  }
  return unknown_model(model);
}

std::vector<model_index::entry> table::listed_models() const {
  std::vector<model_index::entry> result;
  for (route const& r : routes_) result.push_back({"recloser", r.name, 0});
  auto add = [&](std::string const& provider, std::string const& model, std::int64_t created) {
    result.push_back({provider, provider + "/" + model, created});
  };
  for (auto const& s : services_) {
    for (std::string const& m : s->models) add(s->name, m, 0);
  }
  for (route const& r : routes_) {
    for (target const& t : r.targets) add(t.provider->name, t.model, 0);
  }
  auto const known = shared_->models.all();  // held: discovery may replace the list while this runs
  for (model_index::entry const& e : *known) {
    if (find_service(e.provider)) add(e.provider, e.model, e.created);
  }
  std::stable_sort(result.begin(), result.end(), [](auto const& a, auto const& b) { return a.model < b.model; });
  // Of equal names the one with a date of creation.
  std::vector<model_index::entry> unique;
  for (model_index::entry& e : result) {
    if (unique.empty() || unique.back().model != e.model) {
      unique.push_back(std::move(e));
    } else {
      unique.back().created = std::max(unique.back().created, e.created);
    }
  }
  return unique;
}

std::vector<std::string> table::known_names() const {
  std::vector<std::string> result;
  for (auto const& e : listed_models()) result.push_back(e.model);
  return result;
}

namespace {

/// `mistral/…` without a configured mistral: what would turn it on. Empty when the catalog does not know it either.
std::string how_to_configure(std::string_view model) {
  providers::row const* const row = providers::find_row(model.substr(0, model.find('/')));
  if (!row || model.find('/') == std::string_view::npos) return {};
  std::string const name(row->name);
  std::string const key = row->key_variables.empty() ? "" : " or set " + std::string(row->key_variables.front());
  return " The provider " + name + " is not configured: add `" + name + ":` to `providers:`" + key + ".";
}

}  // namespace

chat::fault table::unknown_model(std::string_view model) const {
  std::string const shown(model.substr(0, 200));
  std::vector<std::string> const names = known_names();
  std::string hint = how_to_configure(shown);
  if (!hint.empty()) {
    // That is the answer.
  } else if (std::string const near = config::nearest(shown, names); !near.empty()) {
    hint = " Did you mean `" + near + "`?";
  } else {
    constexpr std::size_t shown_names = 8;
    for (std::size_t i = 0; i < std::min(names.size(), shown_names); ++i) hint += (i ? ", " : " Known: ") + names[i];
    hint += names.size() > shown_names ? ", … (GET /v1/models lists all)." : ".";
  }
  chat::fault missing(chat::fault_class::model_missing, chat::fault_source::client, 404,
                      "The model `" + shown + "` does not exist here: it is no route, no `provider/model` of a configured "
                      "provider, and no model that exactly one provider owns." + hint,
                      "model_not_found");
  missing.param = "model";
  return missing;
}

std::shared_ptr<lane> table::lane_of(target const& t, std::size_t c, bool worked) const {
  if (c < t.lanes.size()) return t.lanes[c];
  std::string const& label = t.provider->credentials[c].label;
  if (worked) return shared_->lanes.get(t.provider->name, t.model, label);
  if (auto const known = shared_->lanes.find(t.name() + label)) return known;
  return shared_->lanes.get(t.provider->name, "other", label);
}

std::vector<target const*> order_targets(route const& from) {
  std::vector<target const*> result;
  for (target const& t : from.targets) result.push_back(&t);
  if (from.strategy != config::strategy::weighted || result.size() < 2) return result;
  // Request number n goes to the target whose share of the weights n falls into; the stride, coprime to the sum, keeps
  // equal targets from being hit in runs. The others follow in the order of the configuration.
  std::uint32_t total = 0;
  for (target const* t : result) total += t->weight;
  if (total == 0) return result;
  std::uint32_t stride = total / 2 + 1;
  while (std::gcd(stride, total) != 1) ++stride;
  std::uint32_t const turn = from.turn->fetch_add(1, std::memory_order_relaxed) % total;
  std::uint32_t at = static_cast<std::uint32_t>(std::uint64_t{turn} * stride % total);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (at < result[i]->weight) {
      std::rotate(result.begin(), result.begin() + static_cast<std::ptrdiff_t>(i),
                  result.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      break;
    }
    at -= result[i]->weight;
  }
  return result;
}

}  // namespace recloser::routing

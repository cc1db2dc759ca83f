#include "workers/accounts/admission/admission.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

// Names as a gateway has them whose one plan told of two models; "blind" takes no images.
struct Desk {
  Desk() {
    Model seeing = Told("gpt-6", true);
    seeing.efforts = {"low", "high"};
    seeing.service_tiers = {"priority"};
    Model blind = Told("gpt-6-blind", false);
    models.Put({"codex", "plus", {}, {seeing, blind}});
  }
  static Model Told(const std::string& id, bool vision) {
    Model model;
    model.id = id;
    model.provider = "codex";
    model.vision = vision;
    model.tools = true;
    model.entry = "{}";
    return model;
  }
  std::variant<AcquireArgs, Denied> Admit(const CallWish& wish, bool key_is_valid = true) const {
    return accounts::Admit(wish, key_is_valid, key ? &*key : nullptr, names, models);
  }
  AcquireArgs MustAdmit(const CallWish& wish) const {
    const auto admitted = Admit(wish);
    EXPECT_TRUE(std::holds_alternative<AcquireArgs>(admitted)) << wish.model;
    return std::get<AcquireArgs>(admitted);
  }
  Denied MustDeny(const CallWish& wish, bool key_is_valid = true) const {
    const auto admitted = Admit(wish, key_is_valid);
    EXPECT_TRUE(std::holds_alternative<Denied>(admitted)) << wish.model;
    return std::get<Denied>(admitted);
  }
  ModelCatalog models{CatalogProviders()};
  ModelNames names{models};
  std::optional<v1::KeyTerms> key;  // terms of the client key
};

CallWish Wish(const std::string& model, std::vector<Need> needs = {}) {
  CallWish wish;
  wish.frontend = FrontendId("frontend#1");
  wish.request = RequestId("r1");
  wish.model = model;
  wish.needs = std::move(needs);
  return wish;
}

TEST(Admission, TellsThePoolWhatTheNameMeansAndKeepsTheTermsBesideIt) {
  Desk desk;
  const AcquireArgs args = desk.MustAdmit(Wish("codex:gpt-6-high-fast"));
  EXPECT_EQ(args.request, RequestId("r1"));
  EXPECT_EQ(args.provider, "codex");
  EXPECT_EQ(args.wire_model, "gpt-6");
  EXPECT_EQ(*args.terms, (CallTerms{"codex:gpt-6-high-fast", "high", "priority", false, "codex"}));
}

TEST(Admission, FitsTheRequestsOwnEffortToTheModel) {
  Desk desk;
  CallWish wish = Wish("gpt-6");
  wish.effort = "xhigh";
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "high");
  EXPECT_TRUE(desk.MustAdmit(wish).terms->effort_fitted);
  wish.effort = "low";
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "low");
  EXPECT_FALSE(desk.MustAdmit(wish).terms->effort_fitted);
  wish.effort.clear();
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "") << "what nobody asked for is not set";
}

TEST(Admission, NamesTheModelsThatDoInsteadEachWithItsOwnTerms) {
  Desk desk;
  desk.names.Configure({{"smart", "gpt-6-blind, gpt-6"}}, true);
  CallWish wish = Wish("smart");
  wish.effort = "max";
  const AcquireArgs args = desk.MustAdmit(wish);
  EXPECT_EQ(args.wire_model, "gpt-6-blind");
  EXPECT_EQ(args.terms->effort, "max") << "its efforts are not known";
  ASSERT_NE(args.others, nullptr);
  ASSERT_EQ(args.others->size(), 1U);
  EXPECT_EQ(args.others->front().wire_model, "gpt-6");
  EXPECT_EQ(args.others->front().terms->effort, "high");
  EXPECT_EQ(args.others->front().terms->model, "smart");
  EXPECT_EQ(desk.MustAdmit(Wish("gpt-6")).others, nullptr) << "a model that was named is not another";
}

TEST(Admission, LeavesOutAModelInsteadThatCannotServeTheCall) {
  Desk desk;
  desk.names.Configure({{"smart", "gpt-6, gpt-6-blind"}}, true);
  EXPECT_TRUE(desk.MustAdmit(Wish("smart", {Need::kVision})).others->empty());
}

TEST(Admission, RefusesAKeyThatIsNotValid) {
  Desk desk;
  const Denied denied = desk.MustDeny(Wish("gpt-6"), /*key_is_valid=*/false);
  EXPECT_EQ(denied.code, DenyCode::kKey);
  EXPECT_EQ(denied.frontend, FrontendId("frontend#1"));
  EXPECT_EQ(denied.request, RequestId("r1"));
}

TEST(Admission, RefusesANameThatNoProviderHas) {
  Desk desk;
  EXPECT_EQ(desk.MustDeny(Wish("llama-9")).code, DenyCode::kUnknownModel);
  EXPECT_EQ(desk.MustDeny(Wish("llama-9")).model, "llama-9");
  EXPECT_EQ(desk.MustDeny(Wish("")).code, DenyCode::kUnknownModel);
}

TEST(Admission, OpensASocketWithoutAModel) {
  Desk desk;
  CallWish wish = Wish("");
  wish.dialect = "openai_responses";
  wish.needs_relay = true;
  wish.on_socket = true;
  const AcquireArgs args = desk.MustAdmit(wish);
  EXPECT_EQ(args.provider, "codex");
  EXPECT_EQ(args.wire_model, "");
}

// Then its client is served turn by turn, over HTTP.
TEST(Admission, OpensNoSocketWhereOnlyProvidersWithoutThemHaveAccounts) {
  Desk desk;
  desk.models.Expect({{"openrouter", ""}}, {"openrouter"});
  CallWish wish = Wish("");
  wish.on_socket = true;
  EXPECT_EQ(desk.MustDeny(wish).code, DenyCode::kCapability);
  EXPECT_EQ(desk.MustDeny(wish).message, "no provider has sockets");
  EXPECT_TRUE(desk.MustDeny(wish).without_socket);
}

TEST(Admission, TellsHowTheProviderIsSpokenToAndWhetherItTakesTheClientsBytes) {
  Desk desk;
  CallWish wish = Wish("gpt-6");
  wish.dialect = "openai_responses";
  EXPECT_EQ(desk.MustAdmit(wish).terms->dialect, "codex");
  EXPECT_TRUE(desk.MustAdmit(wish).terms->relay);
  wish.dialect = "anthropic";
  EXPECT_FALSE(desk.MustAdmit(wish).terms->relay);
}

// Two providers that have the model, of which one takes the bytes of the Responses API.
struct TwoProviders : Desk {
  TwoProviders() {
    Model model;
    model.id = "gpt-6";
    model.told = true;
    model.provider = "openrouter";
    models.Expect({{"openrouter", ""}, {"codex", "plus"}}, {"openrouter", "codex"});
    models.Put({"openrouter", "", {}, {model}});
  }
};

TEST(Admission, OffersEachProviderThatCanDoWhatTheCallNeeds) {
  TwoProviders desk;
  CallWish wish = Wish("gpt-6");
  wish.dialect = "openai_responses";
  const AcquireArgs any = desk.MustAdmit(wish);
  EXPECT_EQ(any.provider, "openrouter");
  EXPECT_FALSE(any.terms->relay);
  ASSERT_EQ(any.others->size(), 1u);
  EXPECT_EQ(any.others->front().provider, "codex");
  EXPECT_TRUE(any.others->front().terms->relay);
  wish.needs_relay = true;
  const AcquireArgs relayed = desk.MustAdmit(wish);
  EXPECT_EQ(relayed.provider, "codex");
  EXPECT_TRUE(relayed.others == nullptr || relayed.others->empty());
}

TEST(Admission, RefusesBytesThatNoProviderOfTheModelTakes) {
  TwoProviders desk;
  CallWish wish = Wish("openrouter/gpt-6");
  wish.dialect = "openai_search";
  wish.needs_relay = true;
  const Denied denied = desk.MustDeny(wish);
  EXPECT_EQ(denied.code, DenyCode::kCapability);
  EXPECT_EQ(denied.message, "provider openrouter does not take requests of openai_search as they are");
}

TEST(Admission, RefusesConversationsWithAModelThatMakesEmbeddings) {
  const Providers providers = ProvidersWith(R"pb(providers {
                                                   key: "mine"
                                                   value {
                                                     base_url: "https://models.example/v1"
                                                     dialect: "openai_chat"
                                                     models { embeddings: "*embed*" }
                                                   }
                                                 })pb");
  const ModelCatalog models(providers);
  const ModelNames names(models);
  const auto admitted = accounts::Admit(Wish("mine/text-embed"), true, nullptr, names, models);
  ASSERT_TRUE(std::holds_alternative<Denied>(admitted));
  EXPECT_EQ(std::get<Denied>(admitted).code, DenyCode::kCapability);
  EXPECT_EQ(std::get<Denied>(admitted).message, "model text-embed makes embeddings and nothing else");
  EXPECT_TRUE(std::holds_alternative<AcquireArgs>(accounts::Admit(Wish("mine/m"), true, nullptr, names, models)));
}

TEST(Admission, OpensSocketsOnlyWhereThereAreSome) {
  TwoProviders desk;
  CallWish wish = Wish("openrouter/gpt-6");
  wish.on_socket = true;
  EXPECT_EQ(desk.MustDeny(wish).code, DenyCode::kCapability);
  EXPECT_EQ(desk.MustDeny(wish).message, "provider openrouter has no sockets");
  EXPECT_TRUE(desk.MustDeny(wish).without_socket);
  wish.model = "gpt-6";
  EXPECT_EQ(desk.MustAdmit(wish).provider, "codex");
}

TEST(Admission, KnowsWhetherSomebodyWithoutSocketsMayServeInstead) {
  TwoProviders desk;
  CallWish wish = Wish("gpt-6");
  wish.dialect = "openai_responses";
  wish.needs_relay = true;
  EXPECT_FALSE(desk.MustAdmit(wish).without_socket);
  wish.on_socket = true;
  EXPECT_TRUE(desk.MustAdmit(wish).without_socket) << "that it does not take the bytes is nothing to a call by itself";
  wish.model = "";
  EXPECT_TRUE(desk.MustAdmit(wish).without_socket);
  wish.model = "codex/gpt-6";
  EXPECT_FALSE(desk.MustAdmit(wish).without_socket) << "nobody else is meant";
}

TEST(Admission, BelievesTheRowOfWhatNoListTells) {
  const Providers providers =
      ProvidersWith(R"pb(providers {
                           key: "mine"
                           value { base_url: "https://x.example" dialect: "openai_chat" capabilities: "tools" }
                         })pb");
  const ModelCatalog models(providers);
  const ModelNames names(models);
  EXPECT_TRUE(std::holds_alternative<AcquireArgs>(Admit(Wish("mine/m", {Need::kTools}), true, nullptr, names, models)));
  const auto denied = std::get<Denied>(Admit(Wish("mine/m", {Need::kVision}), true, nullptr, names, models));
  EXPECT_EQ(denied.code, DenyCode::kCapability);
  EXPECT_EQ(denied.message, "provider mine does not offer vision");
}

TEST(Admission, RefusesWhatTheProvidersListSaysTheModelCannot) {
  Desk desk;
  desk.MustAdmit(Wish("gpt-6", {Need::kVision, Need::kTools, Need::kJsonSchema}));
  const Denied denied = desk.MustDeny(Wish("gpt-6-blind", {Need::kTools, Need::kVision}));
  EXPECT_EQ(denied.code, DenyCode::kCapability);
  EXPECT_EQ(denied.message, "model gpt-6-blind takes no images");
}

TEST(Admission, LeavesModelsThatTheListDoesNotTellOfToTheProvider) {
  Desk desk;
  desk.MustAdmit(Wish("gpt-7", {Need::kVision}));
  // The shipped list says that this one is blind, but it may be older than the model.
  ModelCatalog shipped(CatalogProviders());
  const ModelNames names(shipped);
  EXPECT_TRUE(std::holds_alternative<AcquireArgs>(
      Admit(Wish("codex-auto-review", {Need::kVision}), true, nullptr, names, shipped)));
}

TEST(Admission, TakesADeclaredLeaseAsItWasGrantedWhateverItsNameMeansNow) {
  Desk desk;
  desk.names.Configure({{"smart", "gpt-6-blind"}}, true);
  DeclaredLease declared;
  declared.model = "smart";
  declared.provider = "elsewhere";
  declared.wire_model = "elsewhere-1";
  declared.fallback_model = "small";
  declared.max_output_tokens = 7;
  const OpenLease open = AdmitOpen(declared, desk.names, desk.models);
  EXPECT_EQ(open.provider, "elsewhere");
  EXPECT_EQ(open.wire_model, "elsewhere-1");
  EXPECT_EQ(open.terms->model, "smart");
  EXPECT_EQ(open.terms->fallback_model, "small");
  EXPECT_EQ(open.terms->max_output_tokens, 7);
}

TEST(Admission, ResolvesADeclaredLeaseThatDoesNotSayHowItWasGranted) {
  Desk desk;
  desk.names.Configure({{"smart", "gpt-6-blind"}}, true);
  DeclaredLease declared;
  declared.model = "smart";
  EXPECT_EQ(AdmitOpen(declared, desk.names, desk.models).wire_model, "gpt-6-blind");
  declared.model = "configured-no-more";
  const OpenLease open = AdmitOpen(declared, desk.names, desk.models);
  EXPECT_EQ(open.provider, "codex");
  EXPECT_EQ(open.wire_model, "configured-no-more");
}

TEST(Admission, LeavesOutModelsThatTheKeyMayNotUseByWhicheverNameTheyAreMeant) {
  Desk desk;
  desk.names.Configure({{"smart", "gpt-6-blind, gpt-6"}}, true);
  desk.key.emplace();
  for (const char* allowed : {"gpt-6", "codex/gpt-6", "codex/*-6"}) {
    desk.key->clear_models();
    desk.key->add_models(allowed);
    const AcquireArgs args = desk.MustAdmit(Wish("smart"));
    EXPECT_EQ(args.wire_model, "gpt-6") << allowed;
    EXPECT_TRUE(args.others->empty()) << allowed;
    const Denied denied = desk.MustDeny(Wish("gpt-6-blind"));
    EXPECT_EQ(denied.code, DenyCode::kKeyTerms);
    EXPECT_EQ(denied.message, "the client key may not be used for model gpt-6-blind");
  }
  desk.key->clear_models();
  desk.key->add_models("smart");
  EXPECT_EQ(desk.MustAdmit(Wish("smart")).wire_model, "gpt-6-blind") << "the client's own word will do";
}

TEST(Admission, RefusesWhatTheTermsOfTheKeyDoNotHaveAndSaysWhich) {
  Desk desk;
  const auto refuses = [&](void (*set)(v1::KeyTerms&, const char*), const char* value, const CallWish& wish,
                           const char* message) {
    desk.key.emplace();
    set(*desk.key, value);
    const Denied denied = desk.MustDeny(wish);
    EXPECT_EQ(denied.code, DenyCode::kKeyTerms) << message;
    EXPECT_EQ(denied.message, message);
  };
  CallWish wish = Wish("gpt-6");
  wish.dialect = "anthropic";
  wish.source = "192.0.2.7";
  wish.service_tier = "priority";
  refuses([](auto& terms, const char* value) { terms.add_providers(value); }, "openai", wish,
          "the client key may not be used for provider codex");
  refuses([](auto& terms, const char* value) { terms.add_dialects(value); }, "openai_chat", wish,
          "the client key may not be used for requests of anthropic");
  refuses([](auto& terms, const char* value) { terms.add_sources(value); }, "10.0.0.0/8", wish,
          "the client key may not be used from 192.0.2.7");
  refuses([](auto& terms, const char* value) { terms.add_tiers(value); }, "standard", wish,
          "the client key may not be used for the tier priority");
  refuses([](auto& terms, const char* value) { terms.add_tiers(value); }, "priority", Wish("gpt-6"),
          "the client key may not be used for the tier standard");
}

TEST(Admission, LowersAnEffortToTheHighestOfTheKeyAndTellsIt) {
  Desk desk;
  desk.key.emplace();
  desk.key->set_highest_effort("low");
  CallWish wish = Wish("gpt-6");
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "") << "what nobody asked for is not set";
  wish.effort = "high";
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "low");
  EXPECT_TRUE(desk.MustAdmit(wish).terms->effort_fitted);
  EXPECT_EQ(desk.MustAdmit(Wish("gpt-6-high")).terms->effort, "low") << "also where the name asks for it";
  wish.effort = "low";
  EXPECT_FALSE(desk.MustAdmit(wish).terms->effort_fitted);
}

TEST(Admission, LowersABudgetOfThinkingAsTheWordThatItMeans) {
  Desk desk;
  CallWish wish = Wish("gpt-6");
  wish.thinking_budget = 60000;
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "") << "without a highest it goes as it is";
  desk.key.emplace();
  desk.key->set_highest_effort("low");
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "low");
  EXPECT_TRUE(desk.MustAdmit(wish).terms->effort_fitted);
  wish.thinking_budget = 4096;
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "") << "no more than low";
  EXPECT_FALSE(desk.MustAdmit(wish).terms->effort_fitted);
  desk.key->set_highest_effort("high");
  wish.thinking_budget = 200'000;
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "high");
}

TEST(Admission, LetsAWordStandAloneBesideABudgetThatIsTooHigh) {
  Desk desk;
  desk.key.emplace();
  desk.key->set_highest_effort("low");
  CallWish wish = Wish("gpt-6");
  wish.effort = "low";
  wish.thinking_budget = 60000;
  EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "low");
  EXPECT_TRUE(desk.MustAdmit(wish).terms->effort_fitted) << "so the request is written anew";
}

TEST(Admission, LowersAWordThatNobodyKnows) {
  Desk desk;
  desk.key.emplace();
  desk.key->set_highest_effort("low");
  for (const char* model : {"gpt-6", "gpt-6-blind"}) {  // of the second no efforts are known
    CallWish wish = Wish(model);
    wish.effort = "heroic";
    EXPECT_EQ(desk.MustAdmit(wish).terms->effort, "low") << model;
    EXPECT_TRUE(desk.MustAdmit(wish).terms->effort_fitted) << model;
  }
}

TEST(Admission, LowersWhatAModelDoesByItself) {
  Desk desk;
  Model eager = Desk::Told("gpt-7", true);
  eager.efforts = {"low", "medium", "high"};
  eager.default_effort = "medium";
  desk.models.Put({"codex", "plus", {}, {eager}});
  desk.key.emplace();
  desk.key->set_highest_effort("low");
  EXPECT_EQ(desk.MustAdmit(Wish("gpt-7")).terms->effort, "low");
  desk.key->set_highest_effort("medium");
  EXPECT_EQ(desk.MustAdmit(Wish("gpt-7")).terms->effort, "");
}

TEST(Admission, RefusesAModelThatCannotThinkAsLittleAsTheKeyMay) {
  Desk desk;
  desk.key.emplace();
  desk.key->set_highest_effort("minimal");
  const Denied denied = desk.MustDeny(Wish("gpt-6"));
  EXPECT_EQ(denied.code, DenyCode::kKeyTerms);
  EXPECT_EQ(
      denied.message,
      "the client key may not be used for model gpt-6: its highest effort is minimal, and the model has none that low");
  desk.names.Configure({{"smart", "gpt-6, gpt-6-blind"}}, true);
  EXPECT_EQ(desk.MustAdmit(Wish("smart")).wire_model, "gpt-6-blind") << "another that may";
}

TEST(Admission, AsksForAccountsWithTheTagsOfTheKey) {
  Desk desk;
  desk.key.emplace();
  desk.key->add_tags("team");
  EXPECT_EQ(desk.MustAdmit(Wish("gpt-6")).tags, std::vector<std::string>{"team"});
}

TEST(Admission, ServesAFallbackThatTheKeyCouldNotAskForUnderTheNameThatItAskedFor) {
  Desk desk;
  desk.key.emplace();
  desk.key->add_models("gpt-6");
  CallWish wish = Wish("gpt-6-blind");
  wish.fallback_for = "gpt-6";
  const AcquireArgs args = desk.MustAdmit(wish);
  EXPECT_EQ(args.wire_model, "gpt-6-blind");
  EXPECT_EQ(args.terms->model, "gpt-6");
  EXPECT_EQ(args.terms->fallback_model, "gpt-6-blind");
}

}  // namespace
}  // namespace patchbay::accounts

//! THE route table: every path of the API with who may call it, how large its body may be, and who answers.

use std::future::ready;

use axum::http::Method;

use crate::api::access::Access;
use crate::api::route::{Route, route};
use crate::api::{
    accounts, auth, backups, batch, collections, crons, files, health, hooks, logs, metrics,
    oauth2, otp, prefs, realtime, records, rules, schema, settings, sql, stead, uploads,
};

/// The whole API.
#[rustfmt::skip]
pub static ROUTES: &[Route] = &[
    route(Method::GET, "/api/health", Access::Public, |call| Box::pin(ready(health::check(&call)))),

    route(Method::GET, "/api/collections/{collection}/records", Access::CollectionRule, |call| Box::pin(records::list(call))),
    route(Method::GET, "/api/collections/{collection}/records/{id}", Access::CollectionRule, |call| Box::pin(records::view(call))),
    route(Method::POST, "/api/collections/{collection}/records", Access::CollectionRule, |call| Box::pin(records::create(call))).dynamic(),
    route(Method::PATCH, "/api/collections/{collection}/records/{id}", Access::CollectionRule, |call| Box::pin(records::update(call))).dynamic(),
    route(Method::DELETE, "/api/collections/{collection}/records/{id}", Access::CollectionRule, |call| Box::pin(records::delete(call))),
    route(Method::POST, "/api/batch", Access::CollectionRule, |call| Box::pin(batch::run(call))).dynamic(),

    route(Method::GET, "/api/collections/{collection}/auth-methods", Access::Public, |call| Box::pin(ready(auth::methods(&call)))),
    route(Method::POST, "/api/collections/{collection}/auth-with-password", Access::Public, |call| Box::pin(auth::with_password(call))),
    route(Method::POST, "/api/collections/{collection}/request-otp", Access::Public, |call| Box::pin(otp::request(call))),
    route(Method::POST, "/api/collections/{collection}/auth-with-otp", Access::Public, |call| Box::pin(otp::sign_in(call))),
    route(Method::GET, "/api/oauth2-redirect", Access::Public, |call| Box::pin(oauth2::redirect(call))).unlogged(),
    route(Method::POST, "/api/oauth2-redirect", Access::Public, |call| Box::pin(oauth2::redirect(call))).unlogged(),
    route(Method::POST, "/api/collections/{collection}/auth-with-oauth2", Access::Public, |call| Box::pin(oauth2::sign_in(call))),
    route(Method::POST, "/api/collections/{collection}/auth-refresh", Access::SameCollectionAuth, |call| Box::pin(auth::refresh(call))),
    route(Method::POST, "/api/collections/{collection}/impersonate/{id}", Access::Superuser, |call| Box::pin(auth::impersonate(call))),

    route(Method::POST, "/api/collections/{collection}/request-verification", Access::Public, |call| Box::pin(accounts::request_verification(call))),
    route(Method::POST, "/api/collections/{collection}/confirm-verification", Access::Public, |call| Box::pin(accounts::confirm_verification(call))),
    route(Method::POST, "/api/collections/{collection}/request-password-reset", Access::Public, |call| Box::pin(accounts::request_password_reset(call))),
    route(Method::POST, "/api/collections/{collection}/confirm-password-reset", Access::Public, |call| Box::pin(accounts::confirm_password_reset(call))),
    route(Method::POST, "/api/collections/{collection}/request-email-change", Access::SameCollectionAuth, |call| Box::pin(accounts::request_email_change(call))),
    route(Method::POST, "/api/collections/{collection}/confirm-email-change", Access::Public, |call| Box::pin(accounts::confirm_email_change(call))),
    route(Method::GET, "/api/realtime", Access::Public, |call| Box::pin(realtime::connect(call))),
    route(Method::POST, "/api/realtime", Access::Public, |call| Box::pin(realtime::subscribe(call))),

    route(Method::POST, "/api/files/token", Access::AnyAuth, |call| Box::pin(files::token(call))),
    route(Method::GET, "/api/files/{collection}/{record}/{filename}", Access::CollectionRule, |call| Box::pin(files::download(call))),

    route(Method::GET, "/api/collections", Access::Superuser, |call| Box::pin(collections::list(call))),
    route(Method::POST, "/api/collections", Access::Superuser, |call| Box::pin(collections::create(call))),
    route(Method::GET, "/api/collections/{collection}", Access::Superuser, |call| Box::pin(collections::view(call))),
    route(Method::PATCH, "/api/collections/{collection}", Access::Superuser, |call| Box::pin(collections::update(call))),
    route(Method::DELETE, "/api/collections/{collection}", Access::Superuser, |call| Box::pin(collections::delete(call))),
    route(Method::DELETE, "/api/collections/{collection}/truncate", Access::Superuser, |call| Box::pin(collections::truncate(call))),
    route(Method::PUT, "/api/collections/import", Access::Superuser, |call| Box::pin(collections::import(call))),
    route(Method::GET, "/api/collections/meta/scaffolds", Access::Superuser, |call| Box::pin(ready(collections::scaffolds(&call)))),
    route(Method::GET, "/api/collections/meta/oauth2-providers", Access::Superuser, |call| Box::pin(ready(collections::oauth2_providers(&call)))),
    route(Method::POST, "/api/collections/meta/dry-run-view", Access::Superuser, |call| Box::pin(collections::dry_run_view(call))),

    route(Method::GET, "/api/settings", Access::Superuser, |call| Box::pin(settings::view(call))),
    route(Method::PATCH, "/api/settings", Access::Superuser, |call| Box::pin(settings::update(call))),
    route(Method::POST, "/api/settings/test/email", Access::Superuser, |call| Box::pin(settings::test_email(call))),
    route(Method::POST, "/api/settings/apple/generate-client-secret", Access::Superuser, |call| Box::pin(oauth2::generate_apple_secret(call))),
    route(Method::POST, "/api/settings/test/s3", Access::Superuser, |call| Box::pin(settings::test_s3(call))),

    route(Method::POST, "/api/stead/uploads", Access::AnyAuth, |call| Box::pin(uploads::create(call))),
    route(Method::GET, "/api/stead/uploads/{id}", Access::AnyAuth, |call| Box::pin(uploads::progress(call))),
    route(Method::PATCH, "/api/stead/uploads/{id}", Access::AnyAuth, |call| Box::pin(uploads::append(call))).dynamic(),
    route(Method::DELETE, "/api/stead/uploads/{id}", Access::AnyAuth, |call| Box::pin(uploads::remove(call))),

    route(Method::GET, "/api/logs", Access::Superuser, |call| Box::pin(logs::list(call))).unlogged(),
    route(Method::GET, "/api/logs/stats", Access::Superuser, |call| Box::pin(logs::stats(call))).unlogged(),
    route(Method::GET, "/api/logs/{id}", Access::Superuser, |call| Box::pin(logs::view(call))).unlogged(),
    route(Method::DELETE, "/api/logs", Access::Superuser, |call| Box::pin(logs::clear(call))).unlogged(),

    route(Method::GET, "/api/backups", Access::Superuser, |call| Box::pin(backups::list(call))),
    route(Method::POST, "/api/backups", Access::Superuser, |call| Box::pin(backups::create(call))),
    route(Method::POST, "/api/backups/upload", Access::Superuser, |call| Box::pin(backups::upload(call))).dynamic(),
    route(Method::GET, "/api/backups/{key}", Access::Public, |call| Box::pin(backups::download(call))),
    route(Method::DELETE, "/api/backups/{key}", Access::Superuser, |call| Box::pin(backups::delete(call))),
    route(Method::POST, "/api/backups/{key}/restore", Access::Superuser, |call| Box::pin(backups::restore(call))),

    route(Method::POST, "/api/sql", Access::Superuser, |call| Box::pin(sql::run(call))),

    route(Method::GET, "/api/crons", Access::Superuser, |call| Box::pin(ready(crons::list(&call)))),
    route(Method::POST, "/api/crons/{id}", Access::Superuser, |call| Box::pin(ready(crons::run(&call)))),

    route(Method::GET, "/api/stead/changes", Access::CollectionRule, |call| Box::pin(stead::changes(call))),
    route(Method::GET, "/api/stead/hooks", Access::Superuser, |call| Box::pin(ready(hooks::overview(&call)))),
    route(Method::POST, "/api/stead/hooks/check", Access::Superuser, |call| Box::pin(hooks::check(call))),
    route(Method::POST, "/api/stead/hooks/reload", Access::Superuser, |call| Box::pin(hooks::reload(call))),
    route(Method::GET, "/api/stead/hooks/symbols", Access::Superuser, |call| Box::pin(hooks::symbols(call))),
    route(Method::POST, "/api/stead/hooks/dry-run", Access::Superuser, |call| Box::pin(hooks::dry_run(call))),
    route(Method::GET, "/api/stead/hooks/{path}", Access::Superuser, |call| Box::pin(hooks::read(call))),
    route(Method::PUT, "/api/stead/hooks/{path}", Access::Superuser, |call| Box::pin(hooks::write(call))),
    route(Method::DELETE, "/api/stead/hooks/{path}", Access::Superuser, |call| Box::pin(hooks::delete(call))),
    route(Method::GET, "/api/stead/hooks/{path}/revisions", Access::Superuser, |call| Box::pin(hooks::revisions(call))),
    route(Method::GET, "/api/stead/hooks/{path}/revisions/{number}", Access::Superuser, |call| Box::pin(hooks::revision(call))),
    route(Method::POST, "/api/stead/rules/check", Access::Superuser, |call| Box::pin(rules::check(call))),
    route(Method::POST, "/api/stead/rules/explain", Access::Superuser, |call| Box::pin(rules::explain(call))),
    route(Method::GET, "/api/stead/rules/tests", Access::Superuser, |call| Box::pin(ready(rules::tests(&call)))),
    route(Method::POST, "/api/stead/rules/tests", Access::Superuser, |call| Box::pin(rules::add_test(call))),
    route(Method::POST, "/api/stead/rules/tests/run", Access::Superuser, |call| Box::pin(rules::run_tests(call))),
    route(Method::PUT, "/api/stead/rules/tests/{id}", Access::Superuser, |call| Box::pin(rules::put_test(call))),
    route(Method::DELETE, "/api/stead/rules/tests/{id}", Access::Superuser, |call| Box::pin(rules::delete_test(call))),
    route(Method::GET, "/api/stead/insights", Access::Superuser, |call| Box::pin(stead::insights(call))),
    route(Method::POST, "/api/stead/schema/plan", Access::Superuser, |call| Box::pin(schema::plan(call))),
    route(Method::POST, "/api/stead/schema/apply", Access::Superuser, |call| Box::pin(schema::apply(call))),
    route(Method::GET, "/api/stead/openapi.json", Access::Description, |call| Box::pin(ready(Ok(stead::openapi(&call))))),
    route(Method::GET, "/api/stead/metrics", Access::Superuser, |call| Box::pin(ready(Ok(metrics::show(&call.app))))).unlogged(),
    route(Method::GET, "/api/stead/replica", Access::Superuser, |call| Box::pin(ready(Ok(stead::replica(&call))))),
    route(Method::GET, "/api/stead/jobs/runs", Access::Superuser, |call| Box::pin(ready(crons::runs(&call)))),
    route(Method::GET, "/api/stead/prefs", Access::Superuser, |call| Box::pin(ready(prefs::list(&call)))),
    route(Method::PUT, "/api/stead/prefs/{scope}/{key}", Access::Superuser, |call| Box::pin(prefs::set(call))),
    route(Method::DELETE, "/api/stead/prefs/{scope}/{key}", Access::Superuser, |call| Box::pin(prefs::remove(call))),
    route(Method::GET, "/api/stead/capabilities", Access::Superuser, |_| Box::pin(ready(Ok(stead::capabilities())))),
];

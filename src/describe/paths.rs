//! The paths of the document in the form of `OpenAPI`.

use serde_json::{Map, Value as Json, json};

use crate::describe::forms;
use crate::describe::model::Model;
use crate::schema::CollectionKind;

/// What an operation takes and answers.
#[derive(Clone, Copy)]
struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    /// Takes any JSON object.
    takes: bool,
    answers: Answer,
}

#[derive(Clone, Copy)]
enum Answer {
    /// 200 with JSON.
    Json,
    /// 204.
    Nothing,
    /// 200 with something else.
    Other(&'static str),
    /// One of several.
    Statuses(&'static [&'static str]),
}

use Answer::{Json as Answers, Nothing, Other, Statuses};

const fn of(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    takes: bool,
    answers: Answer,
) -> Operation {
    Operation {
        method,
        path,
        summary,
        takes,
        answers,
    }
}

/// Everything that does not belong to a collection of the operator's.
#[rustfmt::skip]
const GENERAL: &[Operation] = &[
    of("get", "/api/health", "Say that the server serves", false, Answers),
    of("post", "/api/batch", "Several writes of records, all or nothing", true, Answers),
    of("get", "/api/realtime", "Open a stream of events", false, Other("text/event-stream")),
    of("post", "/api/realtime", "Subscribe a stream", true, Nothing),
    of("post", "/api/files/token", "A short-lived token for protected files", false, Answers),
    of("get", "/api/files/{collection}/{record}/{filename}", "A file of a record, or a thumbnail of it", false, Other("application/octet-stream")),
    of("get", "/api/oauth2-redirect", "Where sign-in services send their users back to", false, Statuses(&["302", "303", "307"])),
    of("post", "/api/oauth2-redirect", "Where sign-in services send their users back to", false, Statuses(&["302", "303", "307"])),
    of("get", "/api/collections", "All collections", false, Answers),
    of("post", "/api/collections", "Make a collection", true, Answers),
    of("get", "/api/collections/{collection}", "A collection", false, Answers),
    of("patch", "/api/collections/{collection}", "Change a collection", true, Answers),
    of("delete", "/api/collections/{collection}", "Delete a collection", false, Nothing),
    of("delete", "/api/collections/{collection}/truncate", "Delete all records of a collection", false, Nothing),
    of("put", "/api/collections/import", "Make the collections what is submitted", true, Nothing),
    of("get", "/api/collections/meta/scaffolds", "New collections of each type", false, Answers),
    of("get", "/api/collections/meta/oauth2-providers", "Sign-in services", false, Answers),
    of("post", "/api/collections/meta/dry-run-view", "What a view would answer", true, Answers),
    of("get", "/api/settings", "The settings, without secrets", false, Answers),
    of("patch", "/api/settings", "Change settings", true, Answers),
    of("post", "/api/settings/test/email", "Send a mail to see whether it arrives", true, Nothing),
    of("post", "/api/settings/test/s3", "Use the bucket to see whether it works", true, Nothing),
    of("post", "/api/settings/apple/generate-client-secret", "A client secret for Apple", true, Answers),
    of("get", "/api/logs", "Log entries", false, Answers),
    of("get", "/api/logs/stats", "Log entries per hour", false, Answers),
    of("get", "/api/logs/{id}", "A log entry", false, Answers),
    of("delete", "/api/logs", "Delete all log entries", false, Nothing),
    of("get", "/api/backups", "All backups", false, Answers),
    of("post", "/api/backups", "Make a backup", true, Nothing),
    of("post", "/api/backups/upload", "Take a backup in", true, Nothing),
    of("get", "/api/backups/{key}", "A backup as a file", false, Other("application/zip")),
    of("delete", "/api/backups/{key}", "Delete a backup", false, Nothing),
    of("post", "/api/backups/{key}/restore", "Put a backup in the place of the data", false, Nothing),
    of("post", "/api/sql", "Run SQL", true, Answers),
    of("get", "/api/crons", "All jobs", false, Answers),
    of("post", "/api/crons/{id}", "Run a job now", false, Nothing),
    of("get", "/api/stead/changes", "What changed since a number", false, Answers),
    of("get", "/api/stead/capabilities", "Version and features", false, Answers),
    of("get", "/api/stead/openapi.json", "This document", false, Answers),
    of("get", "/api/stead/metrics", "Metrics for Prometheus", false, Other("text/plain")),
    of("get", "/api/stead/replica", "How far the continuous backup is", false, Answers),
    of("get", "/api/stead/jobs/runs", "What became of runs of jobs", false, Answers),
    of("get", "/api/stead/prefs", "What superusers keep about the admin UI", false, Answers),
    of("put", "/api/stead/prefs/{scope}/{key}", "Keep something about the admin UI", true, Nothing),
    of("delete", "/api/stead/prefs/{scope}/{key}", "Forget it", false, Nothing),
    of("get", "/api/stead/hooks", "Scripts and what is wrong with them", false, Answers),
    of("post", "/api/stead/hooks/check", "Say what is wrong with a script", true, Answers),
    of("post", "/api/stead/hooks/reload", "Load the scripts again", false, Answers),
    of("get", "/api/stead/hooks/symbols", "Everything scripts can call and listen to", false, Answers),
    of("post", "/api/stead/hooks/dry-run", "Try an event or a route, and undo it", true, Answers),
    of("get", "/api/stead/hooks/{path}", "A script", false, Answers),
    of("put", "/api/stead/hooks/{path}", "Write a script", true, Answers),
    of("delete", "/api/stead/hooks/{path}", "Delete a script", false, Nothing),
    of("get", "/api/stead/hooks/{path}/revisions", "The last texts of a script", false, Answers),
    of("get", "/api/stead/hooks/{path}/revisions/{number}", "One of them", false, Answers),
    of("post", "/api/stead/rules/check", "Say what is wrong with a rule, filter or sort, and what it says", true, Answers),
    of("post", "/api/stead/rules/explain", "Say why somebody gets through a rule or not", true, Answers),
    of("get", "/api/stead/rules/tests", "The saved tests of rules", false, Answers),
    of("post", "/api/stead/rules/tests", "Save a test of a rule", true, Answers),
    of("post", "/api/stead/rules/tests/run", "Run the saved tests", true, Answers),
    of("put", "/api/stead/rules/tests/{id}", "Replace a test of a rule", true, Answers),
    of("delete", "/api/stead/rules/tests/{id}", "Delete a test of a rule", false, Nothing),
    of("get", "/api/stead/insights", "Slow requests, failures and indexes, from the log", false, Answers),
    of("post", "/api/stead/schema/plan", "What a change of the collections would do", true, Answers),
    of("post", "/api/stead/schema/apply", "Carry a plan out", true, Statuses(&["204", "409"])),
    of("post", "/api/stead/uploads", "Begin a resumable upload (tus 1.0)", false, Statuses(&["201", "412"])),
    of("get", "/api/stead/uploads/{id}", "How far an upload is (tus asks with HEAD)", false, Statuses(&["200", "204", "412"])),
    of("patch", "/api/stead/uploads/{id}", "Continue an upload", false, Statuses(&["204", "409", "412", "415"])),
    of("delete", "/api/stead/uploads/{id}", "Give an upload up", false, Statuses(&["204", "412"])),
];

/// What every auth collection has, behind its path.
#[rustfmt::skip]
const AUTH: &[Operation] = &[
    of("get", "/auth-methods", "How one can sign in", false, Answers),
    of("post", "/request-otp", "Have a one-time password sent", true, Answers),
    of("post", "/request-verification", "Have a mail sent that verifies the address", true, Nothing),
    of("post", "/confirm-verification", "Verify an address", true, Nothing),
    of("post", "/request-password-reset", "Have a mail sent that lets one choose a new password", true, Nothing),
    of("post", "/confirm-password-reset", "Choose a new password", true, Nothing),
    of("post", "/request-email-change", "Have a mail sent to a new address", true, Nothing),
    of("post", "/confirm-email-change", "Change the address", true, Nothing),
];

/// What of an auth collection answers a token, behind its path.
#[rustfmt::skip]
const SIGN_IN: &[(&str, &str, bool)] = &[
    ("/auth-with-password", "Sign in with a password", true),
    ("/auth-with-otp", "Sign in with a one-time password", true),
    ("/auth-with-oauth2", "Sign in through another service", true),
    ("/auth-refresh", "A new token for a valid one", false),
    ("/impersonate/{id}", "A token for somebody else, for superusers", true),
];

/// Statuses that any operation may have.
const ERRORS: &[&str] = &["400", "401", "403", "404", "413", "429", "503"];

/// What of the general paths is not for superusers alone.
const FOR_EVERYONE: &[&str] = &[
    "/api/health",
    "/api/batch",
    "/api/realtime",
    "/api/files/",
    "/api/oauth2-redirect",
    "/api/stead/changes",
    "/api/stead/openapi.json",
    "/api/stead/uploads",
];

pub(super) fn general(is_whole: bool) -> Map<String, Json> {
    let mut paths = Map::new();
    let shown = |operation: &&Operation| {
        let is_for_everyone = FOR_EVERYONE
            .iter()
            .any(|path| operation.path.starts_with(path));
        is_whole || is_for_everyone
    };
    for operation in GENERAL.iter().filter(shown) {
        let described = describe(operation, "Server", operation.path);
        put(&mut paths, operation.path, operation.method, described);
    }
    paths
}

pub(super) fn of_collection(model: &Model) -> Map<String, Json> {
    let mut paths = Map::new();
    let root = format!("/api/collections/{}", model.collection);
    let (all, one) = (format!("{root}/records"), format!("{root}/records/{{id}}"));
    let (name, tag) = (&model.type_name, model.collection.as_str());
    let record = format!("{name}Record");
    let rule = |what: &str, rule: Option<&str>| match rule {
        None => format!("{what}: superusers only."),
        Some("") => format!("{what}: everyone."),
        Some(rule) => format!("{what}: if `{rule}`."),
    };
    let rules = &model.rules;
    let id = parameter("id");
    let expand = forms::shared("expand");
    let list = ["page", "perPage", "sort", "filter", "skipTotal", "expand"];
    let list: Vec<Json> = list.map(forms::shared).into();
    put(
        &mut paths,
        &all,
        "get",
        json!({
            "tags": [tag], "summary": format!("A page of {tag}"),
            "operationId": format!("{tag}_list"),
            "description": rule("Seen by", rules.list.as_deref()),
            "parameters": list,
            "responses": responses_of("200", Some(reference(&format!("{name}Page")))),
        }),
    );
    put(
        &mut paths,
        &one,
        "get",
        json!({
            "tags": [tag], "summary": format!("A record of {tag}"),
            "operationId": format!("{tag}_view"),
            "description": rule("Seen by", rules.view.as_deref()),
            "parameters": [id, expand],
            "responses": responses_of("200", Some(reference(&record))),
        }),
    );
    if model.kind != CollectionKind::View {
        put(
            &mut paths,
            &all,
            "post",
            json!({
                "tags": [tag], "summary": format!("Make a record of {tag}"),
                "operationId": format!("{tag}_create"),
                "description": rule("Allowed", rules.create.as_deref()),
                "parameters": [expand],
                "requestBody": body(&format!("{name}Create")),
                "responses": responses_of("200", Some(reference(&record))),
            }),
        );
        put(
            &mut paths,
            &one,
            "patch",
            json!({
                "tags": [tag], "summary": format!("Change a record of {tag}"),
                "operationId": format!("{tag}_update"),
                "description": format!("{} Besides the members as such, `name+`, `+name` and `name-` add to lists and numbers or take away.", rule("Allowed", rules.update.as_deref())),
                "parameters": [id, expand],
                "requestBody": body(&format!("{name}Update")),
                "responses": responses_of("200", Some(reference(&record))),
            }),
        );
        put(
            &mut paths,
            &one,
            "delete",
            json!({
                "tags": [tag], "summary": format!("Delete a record of {tag}"),
                "operationId": format!("{tag}_delete"),
                "description": rule("Allowed", rules.delete.as_deref()),
                "parameters": [id],
                "responses": responses_of("204", None),
            }),
        );
    }
    if model.kind == CollectionKind::Auth {
        for operation in AUTH {
            let path = format!("{root}{}", operation.path);
            put(
                &mut paths,
                &path,
                operation.method,
                describe(operation, tag, &path),
            );
        }
        for (path, summary, takes) in SIGN_IN {
            let path = format!("{root}{path}");
            let operation = of("post", "", summary, *takes, Answers);
            let mut described = describe(&operation, tag, &path);
            if let Some(responses) = described.get_mut("responses") {
                *responses = responses_of("200", Some(reference(&format!("{name}Auth"))));
                if let Some(all) = responses.as_object_mut()
                    && path.contains("/auth-with-")
                {
                    let response = json!({"$ref": "#/components/responses/SecondFactor"});
                    all.insert("401".to_owned(), response);
                }
            }
            put(&mut paths, &path, "post", described);
        }
    }
    paths
}

/// Schemas that are always there.
pub(super) fn schemas() -> Map<String, Json> {
    let error = json!({
        "type": "object",
        "required": ["status", "message", "data"],
        "properties": {
            "status": {"type": "integer"},
            "message": {"type": "string"},
            "data": {
                "type": "object",
                "description": "What is wrong, by member.",
            },
        },
    });
    Map::from_iter([("Error".to_owned(), error)])
}

pub(super) fn responses() -> Json {
    let of = |text: &str| {
        json!({
            "description": text,
            "content": {"application/json": {"schema": reference("Error")}},
        })
    };
    let session = json!({
        "type": "object", "required": ["mfaId"],
        "properties": {"mfaId": {"type": "string", "description": "Goes with the sign-in by the second factor."}},
    });
    json!({
        "SecondFactor": {
            "description": "A second factor is missing, or a valid token",
            "content": {"application/json": {"schema": {"anyOf": [session, reference("Error")]}}},
        },
        "400": of("What was sent cannot be accepted"),
        "401": of("A valid token is missing"),
        "403": of("The caller may not do this"),
        "404": of("There is no such thing, or the caller may not see it"),
        "413": of("The body is too large"),
        "429": of("Too many requests"),
        "503": of("The server is busy; trying again later is safe"),
    })
}

pub(super) fn parameters() -> Json {
    let query = |name: &str, schema: Json, text: &str| json!({"name": name, "in": "query", "schema": schema, "description": text});
    json!({
        "page": query("page", json!({"type": "integer", "minimum": 1}), "The page, from 1"),
        "perPage": query("perPage", json!({"type": "integer", "minimum": 1, "maximum": 1000}), "Records of a page"),
        "sort": query("sort", json!({"type": "string"}), "Names, separated by commas; with `-` in front from the largest"),
        "filter": query("filter", json!({"type": "string"}), "A condition, such as `title ~ 'a' && created > '2026-01-01'`"),
        "skipTotal": query("skipTotal", json!({"type": "boolean"}), "Do not count all records"),
        "expand": query("expand", json!({"type": "string"}), "Relations to show as records, separated by commas"),
        "fields": query("fields", json!({"type": "string"}), "The members wanted, separated by commas; all others are left out"),
    })
}

fn put(paths: &mut Map<String, Json>, path: &str, method: &str, operation: Json) {
    let members = paths.entry(path).or_insert_with(|| json!({}));
    if let Some(members) = members.as_object_mut() {
        members.insert(method.to_owned(), operation);
    }
}

fn describe(operation: &Operation, tag: &str, path: &str) -> Json {
    let parameters = path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(parameter(name))
    });
    let mut parameters: Vec<Json> = parameters.collect();
    parameters.extend(forms::query(operation.method, path));
    let mut described = json!({
        "tags": [tag], "summary": operation.summary, "parameters": parameters,
        "operationId": format!("{}{}", operation.method, path.replace(['/', '{', '}', '-', '.'], "_")),
        "responses": match operation.answers {
            Answers => responses_of("200", Some(forms::answer(path))),
            Nothing => responses_of("204", None),
            Other(kind) => {
                let content = json!({kind: {"schema": {"type": "string"}}});
                let mut all = responses_of("204", None);
                if let Some(all) = all.as_object_mut() {
                    all.remove("204");
                    all.insert("200".to_owned(), json!({"description": "As asked", "content": content}));
                    for status in ["206", "304", "416"].into_iter().filter(|_| kind.starts_with("application/")) {
                        all.insert(status.to_owned(), json!({"description": "Part of it, nothing new, or no such part"}));
                    }
                }
                all
            }
            Statuses(statuses) => {
                let mut all = responses_of("204", None);
                if let Some(all) = all.as_object_mut() {
                    all.remove("204");
                    for status in statuses {
                        all.insert((*status).to_owned(), json!({"description": "As asked"}));
                    }
                }
                all
            }
        },
    });
    if operation.takes
        && let Some(members) = described.as_object_mut()
    {
        members.insert("requestBody".to_owned(), forms::body(path));
    }
    described
}

fn responses_of(status: &str, schema: Option<Json>) -> Json {
    let mut all = Map::new();
    let content = json!({"application/json": {"schema": schema.unwrap_or_else(|| json!({}))}});
    let success = if status == "204" {
        json!({"description": "Done"})
    } else {
        json!({"description": "As asked", "content": content})
    };
    all.insert(status.to_owned(), success);
    for error in ERRORS {
        all.insert(
            (*error).to_owned(),
            json!({"$ref": format!("#/components/responses/{error}")}),
        );
    }
    Json::Object(all)
}

fn parameter(name: &str) -> Json {
    json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}})
}

fn body(schema: &str) -> Json {
    json!({"required": true, "content": {
        "application/json": {"schema": reference(schema)},
        "multipart/form-data": {"schema": reference(schema)},
    }})
}

/// A reference to a schema.
pub(super) fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

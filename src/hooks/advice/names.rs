//! Names of JavaScript and of PocketBase's scripts, and what they are here.

/// Functions and methods. What differs in nothing but its case is found without this.
pub(super) const FUNCTIONS: &[(&str, &str)] = &[
    // Lists and texts.
    ("charAt", "write `text[0]`"),
    ("concat", "write `a + b`"),
    ("endsWith", "write `ends_with(…)`"),
    ("every", "write `all(…)`"),
    (
        "findIndex",
        "write `index_of(|x| …)`, which gives -1 for none",
    ),
    ("flat", "write `list.reduce(|all, part| all + part, [])`"),
    ("flatten", "write `list.reduce(|all, part| all + part, [])`"),
    (
        "flatMap",
        "write `list.map(|x| …).reduce(|all, part| all + part, [])`",
    ),
    ("forEach", "write `for x in list { … }`"),
    ("includes", "write `contains(…)`"),
    ("localeCompare", "write `a < b`"),
    ("match", "write `text::regex_find(text, \"…\")`"),
    (
        "padEnd",
        "write `text.pad(5, \" \")`, which changes the text",
    ),
    ("repeat", "write a loop"),
    (
        "replaceAll",
        "write `replace(…)`, which replaces all of them and changes the text",
    ),
    (
        "slice",
        "write `extract(start, length)` of a list, `sub_string(start, length)` of a text",
    ),
    ("startsWith", "write `starts_with(…)`"),
    ("substr", "write `sub_string(start, length)`"),
    ("substring", "write `sub_string(start, length)`"),
    ("toLowerCase", "write `to_lower()`"),
    ("toUpperCase", "write `to_upper()`"),
    ("unshift", "write `insert(0, …)`"),
    // Numbers.
    ("isNaN", "write `x.is_nan()`"),
    (
        "toFixed",
        "write `(x * 100.0).round() / 100.0` for two places; prices are best kept as whole cents",
    ),
    ("Number", "write `parse_float(text)` or `parse_int(text)`"),
    ("parseFloat", "write `parse_float(text)`"),
    ("parseInt", "write `parse_int(text)`"),
    // The rest of the language.
    ("Boolean", "compare instead, such as `x != ()`"),
    (
        "clone",
        "write `let copy = x;`, which is a copy already, but of records",
    ),
    ("fetch", "write `http::send(#{ url: … })`"),
    ("hasOwnProperty", "write `\"key\" in map`"),
    (
        "require",
        "write `import \"lib/name\" as name;` at the top of the file",
    ),
    (
        "setInterval",
        "write `cron::cron_add(id, \"* * * * *\", || …)`",
    ),
    ("setTimeout", "write `sleep(milliseconds)`"),
    ("String", "write `x.to_string()`"),
    // PocketBase.
    ("countRecords", "write `app.count(…)`"),
    ("cronAdd", "write `cron::cron_add(id, \"0 3 * * *\", || …)`"),
    ("cronRemove", "write `cron::cron_remove(id)`"),
    (
        "cron_add",
        "write `cron::cron_add(id, \"0 3 * * *\", || …)`",
    ),
    ("expandedOne", "write `record.expand(\"name\")`"),
    ("expandedAll", "write `record.expand(\"name\")`"),
    ("findAllRecords", "write `app.records(collection)`"),
    (
        "findAuthRecordByEmail",
        "write `app.auth_by_email(collection, email)`",
    ),
    ("findAuthRecordByToken", "write `app.auth_by_token(token)`"),
    ("findCollectionByNameOrId", "write `app.collection(name)`"),
    (
        "findFirstRecordByData",
        "write `app.first_record(collection, \"field = {:v}\", #{ v: … })`",
    ),
    (
        "findFirstRecordByFilter",
        "write `app.first_record(collection, filter, params)`",
    ),
    ("findRecordById", "write `app.find_record(collection, id)`"),
    (
        "findRecordsByFilter",
        "write `app.records(collection, #{ filter: … })`",
    ),
    (
        "find_record_by_id",
        "write `app.find_record(collection, id)`",
    ),
    ("findUploadedFiles", "write `e.files(name)`"),
    ("getBool", "write `record.name`"),
    ("getDateTime", "write `record.name`"),
    ("getFloat", "write `record.name`"),
    ("getInt", "write `record.name`"),
    ("getString", "write `record.name`"),
    ("getStringSlice", "write `record.name`"),
    ("publicExport", "write `record.to_map()`"),
    ("requestInfo", "write `e.request_info()`"),
    ("routerAdd", "write `route(method, path, |e| …)`"),
    ("routerUse", "write `middleware(|e| …)`"),
    ("runInTransaction", "write `app.transaction(|tx| …)`"),
    ("string", "write `e.text(status, text)`"),
];

/// Objects that are always there in JavaScript.
pub(super) const VARIABLES: &[(&str, &str)] = &[
    (
        "Array",
        "lists are made with `[…]`; whether something is one says `type_of(x) == \"array\"`",
    ),
    ("console", "write `print(…)` or `log::info(…)`"),
    ("Date", "write `time::now()`, or `time::unix()` for seconds"),
    (
        "Infinity",
        "there is none; `9223372036854775807` is the largest whole number",
    ),
    (
        "JSON",
        "write `json::parse(text)` and `json::stringify(value)`",
    ),
    (
        "Math",
        "write `x.floor()`, `x.round()`, `x.abs()`, `max(a, b)`, `min(a, b)`",
    ),
    ("NaN", "write `x.is_nan()`"),
    ("Number", "write `parse_float(text)` or `parse_int(text)`"),
    (
        "Object",
        "write `map.keys()`, `map.values()`, `a + b` for both",
    ),
    ("Promise", "calls wait by themselves"),
    ("process", "write `env::get(\"STEAD_HOOKS_NAME\")`"),
    ("undefined", "nothing is ()"),
];

/// Words that Rhai keeps to itself.
pub(super) const RESERVED: &[(&str, &str)] = &[
    ("#", "a comment begins with //, a map with #{"),
    ("...", "write `a + b` for lists, and for maps too"),
    ("async", "leave it out: calls wait by themselves"),
    ("await", "leave it out: calls wait by themselves"),
    ("case", "write `switch x { 1 => …, _ => … }`"),
    ("null", "nothing is ()"),
    ("nil", "nothing is ()"),
    ("var", "write `let`"),
    ("void", "nothing is ()"),
];

/// What PocketBase's scripts find behind a `$`.
pub(super) const DOLLARS: &[(&str, &str)] = &[
    (
        "$apis",
        "middleware is in a list behind the handler: [require_auth()]",
    ),
    ("$app", "write `app`"),
    ("$dbx", "write SQL or filters with {:name}"),
    ("$filesystem", "write `files::…`"),
    ("$http", "write `http::send(#{ url: … })`"),
    ("$mails", "write `mail::send(#{ … })`"),
    ("$os", "write `env::get(\"STEAD_HOOKS_NAME\")`"),
    ("$security", "write `security::…`"),
    ("$template", "write `text::template(text, map)`"),
];

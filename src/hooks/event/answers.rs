//! How scripts answer a request.

use rhai::{Blob, Dynamic, FnPtr, ImmutableString, Map, Module};

use super::{ScriptAnswer, ScriptEvent};
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, misuse, thrown};
use crate::hooks::file::ScriptFile;
use crate::hooks::stream::ScriptStream;
use crate::hooks::{app, frames, option_map, stream, values};

pub(super) fn add(module: &mut Module) {
    function!(
        *module,
        "json(e: Event, status: int, value: ?) -> Answer",
        "Answers JSON. The `fields` parameter of the request picks from it.",
        |event: &mut ScriptEvent, status: i64, value: Dynamic| -> Result<ScriptAnswer, Failure> {
            let value = values::to_json(&value);
            let body = crate::app::data::shaped(event.ctx(), &value).map_err(|e| thrown(&e))?;
            event.answer(status, "application/json", body)
        }
    );
    function!(
        *module,
        "text(e: Event, status: int, text: string) -> Answer",
        "Answers plain text.",
        |event: &mut ScriptEvent, status: i64, text: ImmutableString| {
            event.answer(
                status,
                "text/plain; charset=utf-8",
                text.as_bytes().to_vec(),
            )
        }
    );
    function!(
        *module,
        "html(e: Event, status: int, html: string) -> Answer",
        "Answers HTML.",
        |event: &mut ScriptEvent, status: i64, text: ImmutableString| {
            event.answer(status, "text/html; charset=utf-8", text.as_bytes().to_vec())
        }
    );
    function!(
        *module,
        "blob(e: Event, status: int, content_type: string, bytes: blob) -> Answer",
        "Answers bytes.",
        |event: &mut ScriptEvent, status: i64, content_type: ImmutableString, bytes: Blob| {
            event.answer(status, &content_type, bytes)
        }
    );
    function!(
        *module,
        "blob(e: Event, status: int, content_type: string, text: string) -> Answer",
        "Answers text of another type, such as CSV.",
        |event: &mut ScriptEvent,
         status: i64,
         content_type: ImmutableString,
         text: ImmutableString| {
            event.answer(status, &content_type, text.as_bytes().to_vec())
        }
    );
    function!(
        *module,
        "blob(e: Event, status: int, content_type: string, file: File) -> Answer",
        "Answers what is in a file.",
        |event: &mut ScriptEvent, status: i64, content_type: ImmutableString, file: ScriptFile| {
            event.answer(status, &content_type, file.bytes.to_vec())
        }
    );
    function!(
        *module,
        "redirect(e: Event, status: int, url: string) -> Answer",
        "Sends the client elsewhere; the status is one of 300-308.",
        |event: &mut ScriptEvent,
         status: i64,
         url: ImmutableString|
         -> Result<ScriptAnswer, Failure> {
            if !(300..=308).contains(&status) {
                return Err(misuse("The status of a redirect is one of 300-308."));
            }
            event
                .extra()
                .headers
                .push(("location".to_owned(), url.to_string()));
            event.answer(status, "", Vec::new())
        }
    );
    function!(
        *module,
        "file(e: Event, status: int, path: string) -> Answer",
        "Answers a file: one of the folder of static files, or `storage/COLLECTION/RECORD/NAME`. At most 64 MiB.",
        |event: &mut ScriptEvent,
         status: i64,
         path: ImmutableString|
         -> Result<ScriptAnswer, Failure> {
            let app = app::current()?;
            let (kind, bytes) = frames::wait(async move { stream::file(&app, &path).await })
                .map_err(|error| thrown(&error))?;
            event.answer(status, &kind, bytes)
        }
    );
    function!(
        *module,
        "stream(e: Event, status: int, content_type: string, work: Fn) -> Stream",
        "Answers piece by piece: `|out| { out.write(\"…\"); }` runs while the client reads, for at most ten minutes. For routes.",
        |event: &mut ScriptEvent,
         status: i64,
         content_type: ImmutableString,
         work: FnPtr|
         -> Result<ScriptStream, Failure> {
            let answer = event.answer(status, &content_type, Vec::new())?.0;
            Ok(ScriptStream { answer, work })
        }
    );
    function!(
        *module,
        "no_content(e: Event, status: int) -> Answer",
        "Answers without a body.",
        |event: &mut ScriptEvent, status: i64| event.answer(status, "", Vec::new())
    );
    function!(
        *module,
        "no_content(e: Event) -> Answer",
        "Answers 204.",
        |event: &mut ScriptEvent| event.answer(204, "", Vec::new())
    );
    function!(
        *module,
        "set_header(e: Event, name: string, value: string)",
        "Adds a header to the answer.",
        |event: &mut ScriptEvent, name: ImmutableString, value: ImmutableString| {
            event.add_header(&name.to_lowercase(), &value);
        }
    );
    function!(
        *module,
        "set_cookie(e: Event, cookie: map)",
        "Sets a cookie: `name`, `value`, and if wanted `path`, `domain`, `max_age`, `same_site`, `secure`, `http_only`.",
        |event: &mut ScriptEvent, cookie: Map| -> Result<(), Failure> {
            option_map::known(&cookie, &COOKIE)?;
            event.add_header("set-cookie", &cookie_line(&cookie));
            Ok(())
        }
    );
}

/// What a script may say about a cookie.
const COOKIE: [&str; 8] = [
    "name",
    "value",
    "path",
    "domain",
    "max_age",
    "same_site",
    "secure",
    "http_only",
];

fn cookie_line(cookie: &Map) -> String {
    let text = |name: &str| {
        cookie
            .get(name)
            .map(|value| value.to_string().replace([';', '\r', '\n'], ""))
    };
    let flag = |name: &str| {
        cookie
            .get(name)
            .and_then(|value| value.as_bool().ok())
            .unwrap_or(false)
    };
    let mut line = format!(
        "{}={}; Path={}",
        text("name").unwrap_or_default(),
        text("value").unwrap_or_default(),
        text("path").unwrap_or_else(|| "/".to_owned())
    );
    for (name, attribute) in [
        ("domain", "Domain"),
        ("max_age", "Max-Age"),
        ("same_site", "SameSite"),
    ] {
        if let Some(value) = text(name) {
            line = format!("{line}; {attribute}={value}");
        }
    }
    if flag("secure") {
        line.push_str("; Secure");
    }
    if flag("http_only") {
        line.push_str("; HttpOnly");
    }
    line
}

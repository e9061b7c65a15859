//! What scripts ask an event about the request behind it.

use rhai::{Blob, Dynamic, ImmutableString, Module};

use super::{ScriptEvent, is_superuser};
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, misuse};
use crate::hooks::file::ScriptFile;

pub(super) fn add(module: &mut Module) {
    function!(
        *module,
        "path(e: Event, name: string) -> string",
        "The value of a placeholder of the route's path.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let request = event.0.event.request.as_ref();
            request
                .and_then(|request| request.params.get(name.as_str()).cloned())
                .unwrap_or_default()
        }
    );
    function!(
        *module,
        "query(e: Event, name: string) -> string",
        "A parameter of the URL, `\"\"` when there is none.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            event
                .ctx()
                .request
                .query_param(&name)
                .unwrap_or_default()
                .to_owned()
        }
    );
    function!(
        *module,
        "header(e: Event, name: string) -> string",
        "A header of the request, `\"\"` when there is none.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let name = crate::base::text::snake_case(&name);
            event
                .ctx()
                .request
                .header(&name)
                .unwrap_or_default()
                .to_owned()
        }
    );
    function!(
        *module,
        "cookie(e: Event, name: string) -> string",
        "A cookie of the request, `\"\"` when there is none.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let cookies = event.ctx().request.header("cookie").unwrap_or_default();
            cookies
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(key, _)| *key == name.as_str())
                .map_or_else(String::new, |(_, value)| value.to_owned())
        }
    );
    function!(
        *module,
        "body(e: Event) -> map",
        "The submitted data, from JSON or a form; throws 400 when the body is neither. Another JSON value than an object comes as it is.",
        |event: &mut ScriptEvent| event.body()
    );
    function!(
        *module,
        "files(e: Event, key: string) -> array",
        "The files that came under a key of a multipart form. For routes; files of records are in their fields.",
        |event: &mut ScriptEvent, key: ImmutableString| -> Result<rhai::Array, Failure> {
            let request = event.0.event.request.as_ref();
            let uploads = request.into_iter().flat_map(|request| &request.uploads);
            uploads
                .filter(|upload| upload.key == key.as_str())
                .map(|upload| match ScriptFile::of_upload(upload) {
                    Ok(file) => Ok(Dynamic::from(file)),
                    Err(error) => Err(misuse(format!("The file cannot be read: {error}."))),
                })
                .collect()
        }
    );
    function!(
        *module,
        "raw_body(e: Event) -> string",
        "The body as it was sent; for checking signatures. Empty for multipart forms. `raw_bytes` has what is no text.",
        |event: &mut ScriptEvent| {
            let request = event.0.event.request.as_ref();
            request.map_or_else(String::new, |request| {
                String::from_utf8_lossy(&request.raw).into_owned()
            })
        }
    );
    function!(
        *module,
        "raw_bytes(e: Event) -> blob",
        "The bytes of the body as they were sent; none for multipart forms.",
        |event: &mut ScriptEvent| -> Blob {
            let request = event.0.event.request.as_ref();
            request.map_or_else(Blob::new, |request| request.raw.clone())
        }
    );
    function!(
        *module,
        "raw_file(e: Event, name: string) -> File",
        "The body as it was sent as a file of this name, whatever its size; an empty one for multipart forms.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let request = event.0.event.request.as_ref();
            let bytes = request.map_or_else(Vec::new, |request| request.raw.clone());
            ScriptFile::new(&name, bytes)
        }
    );
    function!(
        *module,
        "is_superuser(e: Event) -> bool",
        "Says whether a superuser sent the request.",
        |event: &mut ScriptEvent| is_superuser(event.ctx())
    );
    function!(
        *module,
        "real_ip(e: Event) -> string",
        "The client's address, as the trusted proxies tell it.",
        |event: &mut ScriptEvent| {
            let request = event.0.event.request.as_ref();
            let known = request.map(|request| request.real_ip.clone());
            known.unwrap_or_else(|| {
                let ip = event.ctx().request.ip;
                ip.map_or_else(String::new, |ip| ip.to_string())
            })
        }
    );
    function!(
        *module,
        "remote_ip(e: Event) -> string",
        "The address of the other end of the connection.",
        |event: &mut ScriptEvent| {
            let request = event.0.event.request.as_ref();
            let known = request.map(|request| request.remote_ip.clone());
            known.unwrap_or_else(|| {
                let ip = event.ctx().request.peer;
                ip.map_or_else(String::new, |ip| ip.to_string())
            })
        }
    );
    function!(
        *module,
        "request_info(e: Event) -> map",
        "The request as rules see it: `context`, `method`, `query`, `headers`, `body`, `auth`.",
        |event: &mut ScriptEvent| event.request_info()
    );
    function!(
        *module,
        "get(e: Event, key: string) -> ?",
        "A value that a handler or middleware left at this request with `set`; `()` when there is none.",
        |event: &mut ScriptEvent, key: ImmutableString| {
            event.with_store(|store| store.get(key.as_str()).cloned().unwrap_or_default())
        }
    );
    function!(
        *module,
        "set(e: Event, key: string, value: ?)",
        "Leaves a value for all handlers that see this request later.",
        |event: &mut ScriptEvent, key: ImmutableString, value: Dynamic| {
            event.with_store(|store| store.insert(key.as_str().into(), value));
        }
    );
}

//! `files`: files on their way into records, mails and answers.

use std::time::Duration;

use rhai::{Blob, Dynamic, ImmutableString, Module};

use crate::base::error::Error;
use crate::fetch::{self, Limits, Reach};
use crate::files::FileKey;
use crate::hooks::define::{function, named, property};
use crate::hooks::fault::{Failure, misuse, thrown};
use crate::hooks::file::ScriptFile;
use crate::hooks::record::ScriptRecord;
use crate::hooks::{app, frames, notes};

/// Largest file a script takes into memory.
const MAX_BYTES: usize = 64 << 20;

/// How long a download may take.
const TIMEOUT: Duration = Duration::from_secs(30);

fn from_url(url: &str) -> Result<ScriptFile, Failure> {
    let app = app::current()?;
    if notes::call("files::from_url", || url.into()) {
        return Ok(ScriptFile::new("download", Vec::new()));
    }
    if app.transaction().is_some() {
        return Err(misuse("Files cannot be downloaded inside a transaction."));
    }
    let request = fetch::request(hyper::Method::GET, url, Vec::new())
        .map_err(|error| misuse(format!("The file cannot be downloaded: {error}.")))?;
    let limits = Limits {
        time: TIMEOUT,
        bytes: MAX_BYTES,
        redirects: 5,
        reach: Reach::Anywhere,
    };
    let answer = frames::wait(async move {
        let answer = app.fetch().fetch(request, &limits).await;
        answer.map_err(|error| Error::bad_request(format!("The download failed: {error}.")))
    })
    .map_err(|error| thrown(&error))?;
    if !answer.status.is_success() {
        return Err(misuse(format!(
            "The download failed with status {}.",
            answer.status.as_u16()
        )));
    }
    Ok(ScriptFile::of_url(url, answer.body.to_vec()))
}

/// The stored file of a record, by its name or the first one of a field: what it is called, and its bytes.
fn read(record: &ScriptRecord, name: &str) -> Result<(String, Vec<u8>), Failure> {
    let app = app::current()?;
    let (entry, id, value) = {
        let record = record.0.lock();
        (
            record.collection(),
            record.id().to_owned(),
            record.get(name),
        )
    };
    let name = match &value {
        serde_json::Value::String(stored) => stored.clone(),
        serde_json::Value::Array(stored) => stored
            .first()
            .and_then(|name| name.as_str())
            .unwrap_or_default()
            .to_owned(),
        _ => name.to_owned(),
    };
    frames::wait(async move {
        let key = FileKey::new(&entry.id, &id, &name)?;
        let bytes = app.storage().read(&key, MAX_BYTES as u64).await?;
        Ok((name, bytes))
    })
    .map_err(|error| thrown(&error))
}

/// The namespace `files`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "from_text(name: string, text: string) -> File",
        "A file with a text; assign it to a file field, or attach it to a mail.",
        |name: ImmutableString, text: ImmutableString| {
            ScriptFile::new(&name, text.as_bytes().to_vec())
        }
    );
    named!(
        module,
        "from_blob(name: string, bytes: blob) -> File",
        "A file with bytes.",
        |name: ImmutableString, bytes: Blob| ScriptFile::new(&name, bytes)
    );
    named!(
        module,
        "from_url(url: string) -> File",
        "A file downloaded from another server: at most 64 MiB within 30 seconds.",
        |url: ImmutableString| from_url(&url)
    );
    named!(
        module,
        "read(record: Record, name: string) -> blob",
        "The bytes of a stored file, given by its name or by the field it is in.",
        |record: ScriptRecord, name: ImmutableString| -> Result<Blob, Failure> {
            read(&record, &name).map(|(_, bytes)| bytes)
        }
    );
    named!(
        module,
        "stored(record: Record, name: string) -> File",
        "A stored file, given by its name or by the field it is in: to attach, send or copy it, whatever its size.",
        |record: ScriptRecord, name: ImmutableString| -> Result<ScriptFile, Failure> {
            read(&record, &name).map(|(name, bytes)| ScriptFile::new(&name, bytes))
        }
    );
    named!(
        module,
        "url(record: Record, name: string) -> string",
        "The path a stored file is served at.",
        |record: ScriptRecord, name: ImmutableString| {
            let record = record.0.lock();
            format!("/api/files/{}/{}/{name}", record.entry().id, record.id())
        }
    );
    module
}

/// What a file in a script's hands can do.
pub(in crate::hooks) fn members() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptFile>("File");
    property!(
        module,
        "name",
        "What a file is called.",
        |file: &mut ScriptFile| { file.name.clone() }
    );
    property!(
        module,
        "content_type",
        "What a file is, judged by its content.",
        |file: &mut ScriptFile| { file.content_type.clone() }
    );
    property!(
        module,
        "size",
        "The bytes of a file.",
        |file: &mut ScriptFile| { i64::try_from(file.bytes.len()).unwrap_or(i64::MAX) }
    );
    function!(
        module,
        "bytes(file: File) -> blob",
        "What is in a file; a blob has a million bytes at most.",
        |file: &mut ScriptFile| Dynamic::from_blob(file.bytes.to_vec())
    );
    function!(
        module,
        "text(file: File) -> string",
        "What is in a file, as text.",
        |file: &mut ScriptFile| String::from_utf8_lossy(&file.bytes).into_owned()
    );
    module
}

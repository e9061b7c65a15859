//! The `app` of scripts. Within a transaction it is that transaction's, whatever it is called.

mod administration;
mod reading;

use rhai::{Dynamic, FnPtr, ImmutableString, Map, Module, NativeCallContext};

use crate::app::App;
use crate::app::auth::{self, Wanted as Token};
use crate::app::data;
use crate::base::error::Result;
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, mistaken, misuse, thrown, unread};
use crate::hooks::record::{self, ScriptRecord};
use crate::hooks::{frames, limits};

/// The app in a script.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScriptApp;

/// The app for whatever is in progress.
pub(super) fn current() -> Result<App, Failure> {
    frames::app().ok_or_else(|| {
        misuse("The app can be used in handlers; at the top level of a script there is nothing to work on yet.")
    })
}

/// Runs an operation and throws its error.
pub(super) fn run<T, F: Future<Output = Result<T>>>(
    operation: impl FnOnce(App) -> F,
) -> Result<T, Failure> {
    let app = current()?;
    frames::wait(operation(app)).map_err(|error| thrown(&error))
}

/// The same for a read whose collection, filter and so on are the script's.
fn read<T, F: Future<Output = Result<T>>>(operation: impl FnOnce(App) -> F) -> Result<T, Failure> {
    let app = current()?;
    frames::wait(operation(app)).map_err(|error| unread(&error))
}

fn new_record(collection: &str, values: &Map) -> Result<ScriptRecord, Failure> {
    let record = data::new_record(&current()?, collection).map_err(|error| unread(&error))?;
    let record = ScriptRecord(record);
    for (name, value) in values {
        record.set(name, value);
    }
    Ok(record)
}

fn transaction(context: &NativeCallContext, work: &FnPtr) -> Result<Dynamic, Failure> {
    let app = current()?;
    if app.transaction().is_some() {
        return work.call_within_context(context, (ScriptApp,));
    }
    let limit = limits::seconds(app.settings().hooks.transaction_deadline);
    let transaction = frames::wait(app.begin(limit)).map_err(|error| thrown(&error))?;
    let label = format!("a transaction in {}", frames::label());
    let entered = frames::enter(app.within(&transaction), limit, label.into(), false)
        .map_err(|error| thrown(&error))?;
    let result: Result<Dynamic, Failure> = work.call_within_context(context, (ScriptApp,));
    drop(entered);
    match result {
        Ok(value) => {
            frames::wait(transaction.commit()).map_err(|error| thrown(&error))?;
            Ok(value)
        }
        Err(failure) => {
            frames::wait_unmetered(transaction.roll_back());
            Err(failure)
        }
    }
}

/// For what a transaction may do only while nobody else is served.
fn changeable(what: &str) -> Result<App, Failure> {
    if frames::is_migrating() {
        return current();
    }
    no_transaction(what)
}

fn no_transaction(what: &str) -> Result<App, Failure> {
    let app = current()?;
    if app.transaction().is_some() {
        return Err(misuse(format!("{what} inside a transaction.")));
    }
    Ok(app)
}

/// Everything a script can ask the app for.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptApp>("App");
    let _ = module.set_var("app", ScriptApp);
    reading::add(&mut module);
    writing(&mut module);
    administration::add(&mut module);
    tokens(&mut module);
    administration::add_operations(&mut module);
    module
}

fn sign(record: &ScriptRecord, wanted: Token) -> Result<String, Failure> {
    let (collection, id) = {
        let record = record.0.lock();
        (record.entry().id.clone(), record.id().to_owned())
    };
    run(|app| async move { auth::sign_for(&app, &collection, &id, wanted).await })
}

/// Tokens for auth records.
fn tokens(module: &mut Module) {
    function!(
        *module,
        "auth_token(app: App, record: Record) -> string",
        "A token that signs requests as an auth record.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::Auth { seconds: 0 })
    );
    function!(
        *module,
        "auth_token(app: App, record: Record, seconds: int) -> string",
        "A token that signs requests as an auth record for so long, and cannot be refreshed.",
        |_: &mut ScriptApp, record: ScriptRecord, seconds: i64| {
            sign(
                &record,
                Token::Auth {
                    seconds: seconds.max(1),
                },
            )
        }
    );
    function!(
        *module,
        "file_token(app: App, record: Record) -> string",
        "A token that opens the protected files an auth record may see.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::Files)
    );
    function!(
        *module,
        "verification_token(app: App, record: Record) -> string",
        "The token of a mail that verifies an address.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::Verification)
    );
    function!(
        *module,
        "password_reset_token(app: App, record: Record) -> string",
        "The token of a mail for a new password.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::PasswordReset)
    );
    function!(
        *module,
        "email_change_token(app: App, record: Record, email: string) -> string",
        "The token of a mail that changes an address.",
        |_: &mut ScriptApp, record: ScriptRecord, email: ImmutableString| {
            let new_email = email.to_string();
            sign(&record, Token::EmailChange { new_email })
        }
    );
}

fn execute(sql: &str, values: &Map) -> Result<i64, Failure> {
    let values = reading::params(values);
    let app = current()?;
    let n = frames::wait(data::execute(&app, sql, &values)).map_err(|error| mistaken(&error))?;
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
}

fn writing(module: &mut Module) {
    function!(
        *module,
        "new_record(app: App, collection: string) -> Record",
        "A record that does not exist yet; `app.save` makes it.",
        |_: &mut ScriptApp, collection: ImmutableString| new_record(&collection, &Map::new())
    );
    function!(
        *module,
        "new_record(app: App, collection: string, values: map) -> Record",
        "A record that does not exist yet, with first values.",
        |_: &mut ScriptApp, collection: ImmutableString, values: Map| new_record(
            &collection,
            &values
        )
    );
    function!(
        *module,
        "save(app: App, record: Record) -> Record",
        "Validates and stores a record, with all its events. No rule is asked.",
        |_: &mut ScriptApp, record: ScriptRecord| record::save(&record, false)
    );
    function!(
        *module,
        "save_no_validate(app: App, record: Record) -> Record",
        "Stores a record without validation.",
        |_: &mut ScriptApp, record: ScriptRecord| record::save(&record, true)
    );
    function!(
        *module,
        "delete(app: App, record: Record)",
        "Deletes a record with everything that cascades from it.",
        |_: &mut ScriptApp, record: ScriptRecord| record::delete(&record)
    );
    function!(
        *module,
        "transaction(app: App, work: Fn) -> ?",
        "Runs a closure with one transaction: `app.transaction(|tx| …)`. Throwing undoes everything. Nobody else can write meanwhile, so it ends after 5 seconds, and `http` and `mail` are not available in it.",
        |context: NativeCallContext, _: &mut ScriptApp, work: FnPtr| transaction(&context, &work)
    );
    function!(
        *module,
        "execute(app: App, sql: string) -> int",
        "Runs a statement that changes data and returns the number of rows. No event is fired.",
        |_: &mut ScriptApp, sql: ImmutableString| execute(&sql, &Map::new())
    );
    function!(
        *module,
        "execute(app: App, sql: string, params: map) -> int",
        "Runs a statement that changes data. `{:name}` in the SQL stands for a parameter.",
        |_: &mut ScriptApp, sql: ImmutableString, values: Map| execute(&sql, &values)
    );
}

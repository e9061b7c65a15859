//! `migrate`, by which a file of the migrations folder says what it does.

use rhai::{FnPtr, Module, NativeCallContext};

use crate::hooks::define::function;
use crate::hooks::fault;
use crate::hooks::registered::{self, Migration};

fn add(context: &NativeCallContext, up: FnPtr, down: Option<FnPtr>) -> Result<(), fault::Failure> {
    registered::register(context, "migrate", |loading, line| {
        loading.migrations.push(Migration {
            up,
            down,
            script: loading.script,
            line,
        });
    })
}

/// `migrate`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    function!(
        module,
        "migrate(up: Fn, down: Fn)",
        "What a file of the migrations folder does, once: `migrate(|app| { up }, |app| { down });`.",
        |context: NativeCallContext, up: FnPtr, down: FnPtr| add(&context, up, Some(down))
    );
    function!(
        module,
        "migrate(up: Fn)",
        "A migration that cannot be taken back.",
        |context: NativeCallContext, up: FnPtr| add(&context, up, None)
    );
    module
}

//! Values all scripts of the process share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rhai::{Dynamic, FnPtr, ImmutableString, Module, NativeCallContext};

use crate::hooks::define::function;
use crate::hooks::fault::{Failure, misuse};

/// Values that may be kept; a script that never removes any must not fill the memory.
const MAX_VALUES: usize = 100_000;

/// The shared map in a script.
#[derive(Clone, Debug)]
pub(super) struct ScriptStore(Arc<Mutex<BTreeMap<String, Dynamic>>>);

static SHARED: LazyLock<ScriptStore> = LazyLock::new(|| ScriptStore(Arc::default()));

thread_local! {
    /// What scripts have instead that are tried out on this thread.
    static TRIED_OUT: RefCell<Option<ScriptStore>> = const { RefCell::new(None) };
}

/// Scripts on this thread have a copy of the store until this is dropped.
#[derive(Debug)]
pub(super) struct TriedOut(());

impl TriedOut {
    pub(super) fn begin() -> Self {
        let copy = SHARED.lock().clone();
        TRIED_OUT.set(Some(ScriptStore(Arc::new(Mutex::new(copy)))));
        Self(())
    }
}

impl Drop for TriedOut {
    fn drop(&mut self) {
        TRIED_OUT.set(None);
    }
}

impl ScriptStore {
    pub(super) fn shared() -> Self {
        let tried_out = TRIED_OUT.with_borrow(Clone::clone);
        tried_out.unwrap_or_else(|| SHARED.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Dynamic>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts something within a window of time; an older window's count is forgotten.
    pub(super) fn hit(&self, key: &str, window: i64) -> i64 {
        let mut values = self.lock();
        if values.len() >= MAX_VALUES && !values.contains_key(key) {
            values.retain(|key, _| !key.starts_with("rate "));
        }
        let before = values.get(key).and_then(|value| {
            let pair = value.read_lock::<rhai::Array>()?;
            let known = pair.first()?.as_int().ok()?;
            (known == window).then(|| pair.get(1).and_then(|n| n.as_int().ok()))?
        });
        let count = before.unwrap_or(0) + 1;
        let pair = vec![Dynamic::from_int(window), Dynamic::from_int(count)];
        values.insert(key.to_owned(), Dynamic::from_array(pair));
        count
    }

    fn set(&self, key: &str, value: Dynamic) -> Result<(), Failure> {
        let mut values = self.lock();
        if values.len() >= MAX_VALUES && !values.contains_key(key) {
            return Err(misuse("The store is full."));
        }
        values.insert(key.to_owned(), value.flatten());
        Ok(())
    }
}

/// Everything a script can do with the store.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptStore>("Store");
    function!(
        module,
        "get(store: Store, key: string) -> ?",
        "A value, or `()`.",
        |store: &mut ScriptStore, key: ImmutableString| {
            store.lock().get(key.as_str()).cloned().unwrap_or_default()
        }
    );
    function!(
        module,
        "set(store: Store, key: string, value: ?)",
        "Keeps a value.",
        |store: &mut ScriptStore, key: ImmutableString, value: Dynamic| store.set(&key, value)
    );
    function!(
        module,
        "remove(store: Store, key: string)",
        "Forgets a value.",
        |store: &mut ScriptStore, key: ImmutableString| {
            store.lock().remove(key.as_str());
        }
    );
    function!(
        module,
        "incr(store: Store, key: string, by: int) -> int",
        "Adds to a number, which starts at 0, and returns the sum. Nothing gets in between.",
        |store: &mut ScriptStore, key: ImmutableString, by: i64| {
            let mut values = store.lock();
            let before = values
                .get(key.as_str())
                .and_then(|value| value.as_int().ok())
                .unwrap_or(0);
            let sum = before.saturating_add(by);
            values.insert(key.to_string(), Dynamic::from_int(sum));
            sum
        }
    );
    function!(
        module,
        "get_or_set(store: Store, key: string, make: Fn) -> ?",
        "A value; when there is none the closure makes it. Two calls at the same time may both make one.",
        |context: NativeCallContext,
         store: &mut ScriptStore,
         key: ImmutableString,
         make: FnPtr|
         -> Result<Dynamic, Failure> {
            if let Some(value) = store.lock().get(key.as_str()).cloned() {
                return Ok(value);
            }
            let value: Dynamic = make.call_within_context(&context, ())?;
            store.set(&key, value.clone())?;
            Ok(value)
        }
    );
    module
}

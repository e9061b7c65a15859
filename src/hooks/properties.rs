//! Members that scripts name, such as `title` in `record.title`, as properties of records and events.
//!
//! Perf: the interpreter looks for a property of that name first, and only when it has found none, and has described
//! that failure in words, for the members by name. That made up two thirds of what a small handler costs. The setters
//! are there once for each of the usual types, because one for any type is only looked for when all modules were gone
//! through in vain.

use std::collections::BTreeSet;

use rhai::{Dynamic, FuncRegistration, ImmutableString, Module};
use serde_json::Value as Json;

use crate::base::json;
use crate::hooks::event::ScriptEvent;
use crate::hooks::record::ScriptRecord;

/// Names that are looked for; a text that is all dots and names must not make a module of millions.
const MAX_NAMES: usize = 5_000;

/// Adds the names behind dots in a script. Some of them are in comments or texts, which does no harm.
pub(super) fn collect(text: &str, names: &mut BTreeSet<String>) {
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && !behind.trim_start().starts_with('(');
        if is_name && names.len() < MAX_NAMES {
            names.insert(name.to_owned());
        }
        rest = behind;
    }
}

/// Properties of these names; those that exist under their name anyway are left out.
pub(super) fn module(names: BTreeSet<String>) -> Module {
    let mut module = Module::new();
    for name in names {
        if name != "id" {
            let (get, set) = (name.clone(), name.clone());
            let _ = FuncRegistration::new_getter(&name)
                .with_volatility(true)
                .set_into_module(&mut module, move |record: &mut ScriptRecord| {
                    record.get(&get)
                });
            let _ = FuncRegistration::new_setter(&name)
                .with_volatility(true)
                .set_into_module(
                    &mut module,
                    move |record: &mut ScriptRecord, value: Dynamic| record.set(&set, &value),
                );
            setters(&mut module, &name);
        }
        if name != "record" {
            let (get, set) = (name.clone(), name.clone());
            let _ = FuncRegistration::new_getter(&name)
                .with_volatility(true)
                .set_into_module(&mut module, move |event: &mut ScriptEvent| {
                    event.member(&get)
                });
            let _ = FuncRegistration::new_setter(&name)
                .with_volatility(true)
                .set_into_module(
                    &mut module,
                    move |event: &mut ScriptEvent, value: Dynamic| event.set_member(&set, &value),
                );
        }
    }
    // Scripts write back what they read whenever they change something inside of it; the event's record is always the
    // same.
    let _ = FuncRegistration::new_setter("record")
        .with_volatility(true)
        .set_into_module(&mut module, |_: &mut ScriptEvent, _: ScriptRecord| {});
    module
}

/// Setters of a record's member for the types that most values have.
fn setters(module: &mut Module, name: &str) {
    fn setter<T: Clone + Send + Sync + 'static>(
        module: &mut Module,
        name: &str,
        to_json: impl Fn(T) -> Json + Send + Sync + 'static,
    ) {
        let member = name.to_owned();
        let _ = FuncRegistration::new_setter(name)
            .with_volatility(true)
            .set_into_module(module, move |record: &mut ScriptRecord, value: T| {
                record.set_plain(&member, to_json(value));
            });
    }
    setter(module, name, |text: ImmutableString| {
        Json::String(text.into_owned())
    });
    setter(module, name, |number: i64| Json::from(number));
    setter(module, name, |number: f64| json::number(number));
    setter(module, name, |flag: bool| Json::from(flag));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn members_are_found_and_calls_are_not() {
        let mut names = BTreeSet::new();
        super::collect(
            "e.record.slug = `${e.record.title}-slug`; a.b(c.d ); 1.5; x..y; z.\u{fc}; r._k.",
            &mut names,
        );
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["_k", "d", "record", "slug", "title", "y"]);
    }
}

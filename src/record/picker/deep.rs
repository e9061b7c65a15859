//! Picking from an answer that cannot become a tree: it is nested too deeply, its tree would take too much memory, or
//! another program has stored numbers or escapes in a json field that stand for nothing (`1e400`, `"\ud800"`). Only
//! what paths lead into is taken apart; the rest stays as it is written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::excerpt::Excerpt;
use super::is_envelope;
use super::paths::{Choice, Wanted};
use crate::base::json;

/// Levels that are taken apart, each of which reads what is below it once more. Below them everything is kept.
const MAX_LEVELS: u8 = 32;

type Members<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn pick(answer: &[u8], wanted: Wanted<'_>) -> serde_json::Result<Vec<u8>> {
    let answer: &RawValue = serde_json::from_slice(answer)?;
    let mut out = Vec::with_capacity(answer.get().len() / 2);
    match serde_json::from_str::<Members<'_>>(answer.get()) {
        Ok(members) if is_envelope(|name| members.contains_key(name)) => {
            write_members(&mut out, &members, |out, key, value| {
                if key == "items" {
                    return pick_into(out, value, wanted, 0);
                }
                keep(out, value, None);
                Ok(())
            })?;
        }
        Ok(_) | Err(_) => pick_into(&mut out, answer, wanted, 0)?,
    }
    Ok(out)
}

fn pick_into(
    out: &mut Vec<u8>,
    value: &RawValue,
    wanted: Wanted<'_>,
    level: u8,
) -> serde_json::Result<()> {
    let text = value.get();
    let below = level.saturating_add(1);
    if level < MAX_LEVELS && text.starts_with('{') {
        let mut members: Members<'_> = serde_json::from_str(text)?;
        members.retain(|key, _| !matches!(wanted.choose(key), Choice::Not));
        write_members(out, &members, |out, key, value| match wanted.choose(key) {
            Choice::Whole(excerpt) => {
                keep(out, value, excerpt);
                Ok(())
            }
            Choice::Below(wanted) => pick_into(out, value, wanted, below),
            Choice::Not => Ok(()),
        })
    } else if level < MAX_LEVELS && text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text)?;
        out.push(b'[');
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            pick_into(out, item, wanted, below)?;
        }
        out.push(b']');
        Ok(())
    } else {
        keep(out, value, None);
        Ok(())
    }
}

fn write_members(
    out: &mut Vec<u8>,
    members: &Members<'_>,
    mut write: impl FnMut(&mut Vec<u8>, &str, &RawValue) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    out.push(b'{');
    for (i, (key, value)) in members.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        json::write_string(out, key);
        out.push(b':');
        write(out, key, value)?;
    }
    out.push(b'}');
    Ok(())
}

fn keep(out: &mut Vec<u8>, value: &RawValue, excerpt: Option<Excerpt>) {
    match (excerpt, serde_json::from_str::<String>(value.get())) {
        (Some(excerpt), Ok(text)) => json::write_string(out, &excerpt.of(&text)),
        _ => out.extend_from_slice(value.get().as_bytes()),
    }
}

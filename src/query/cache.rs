//! Compiled statements of one schema snapshot, found by the texts they were compiled from.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use quick_cache::{Equivalent, Weighter};

use crate::base::metrics::{STATEMENTS_COMPILED, STATEMENTS_FOUND};
use crate::ctx::Ctx;
use crate::query::error::Error;
use crate::query::selection::{Only, Output, Select};
use crate::query::statement::{Compiled, Statement};

/// Bound of the memory that compiled statements take, estimated in bytes.
const MAX_WEIGHT: u64 = 8 << 20;

/// How many statements are expected, for sizing.
const EXPECTED_ITEMS: usize = 1000;

/// How many texts one selection may compile to for requests that differ in what is empty or who is signed in.
const MAX_VARIANTS: usize = 16;

/// The statements of one selection for different kinds of requests.
#[derive(Debug, Default)]
struct Plan {
    variants: RwLock<Vec<Arc<Compiled>>>,
}

/// A bounded cache of compiled statements.
#[derive(Debug)]
pub(super) struct Cache {
    plans: quick_cache::sync::Cache<Key, Arc<Plan>, TextWeighter>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            plans: quick_cache::sync::Cache::with_weighter(
                EXPECTED_ITEMS,
                MAX_WEIGHT,
                TextWeighter,
            ),
        }
    }
}

impl Cache {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.plans.len()
    }

    /// The statement for a selection, compiled if it is not there yet.
    pub(super) fn statement(
        &self,
        ctx: &Ctx,
        select: &Select<'_>,
        compile: impl FnOnce() -> Result<Compiled, Error>,
    ) -> Result<Statement, Error> {
        let key = KeyRef::new(ctx, select);
        let plan = self.plans.get(&key);
        if let Some(plan) = &plan {
            let variants = plan.variants.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(compiled) = variants.iter().find(|compiled| compiled.fits(ctx)) {
                STATEMENTS_FOUND.count();
                return Ok(compiled.bind(ctx, select));
            }
        }
        STATEMENTS_COMPILED.count();
        let compiled = Arc::new(compile()?);
        let statement = compiled.bind(ctx, select);
        let plan = plan.unwrap_or_else(|| {
            let plan = Arc::new(Plan::default());
            self.plans.insert(key.to_key(), Arc::clone(&plan));
            plan
        });
        let mut variants = plan
            .variants
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if variants.len() >= MAX_VARIANTS {
            variants.remove(0);
        }
        variants.push(compiled);
        Ok(statement)
    }
}

/// Everything of a selection and its caller that is not bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct KeyRef<'a> {
    collection_id: &'a str,
    rule: &'a str,
    filter: &'a str,
    sort: &'a str,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Shape {
    output: Output,
    only: u8,
    page: bool,
    draft: bool,
    superuser: bool,
}

#[derive(Clone, Debug)]
struct Key {
    collection_id: Box<str>,
    rule: Box<str>,
    filter: Box<str>,
    sort: Box<str>,
    shape: Shape,
}

impl<'a> KeyRef<'a> {
    fn new(ctx: &Ctx, select: &Select<'a>) -> Self {
        Self {
            collection_id: &select.collection.id,
            rule: select.rule.unwrap_or_default(),
            filter: select.filter,
            sort: select.sort,
            shape: Shape {
                output: select.output,
                only: match select.only {
                    Only::All => 0,
                    Only::Id(_) => 1,
                    Only::Ids(_) => 2,
                },
                page: select.page.is_some(),
                draft: select.draft.is_some(),
                superuser: ctx.is_superuser(),
            },
        }
    }

    fn to_key(self) -> Key {
        Key {
            collection_id: self.collection_id.into(),
            rule: self.rule.into(),
            filter: self.filter.into(),
            sort: self.sort.into(),
            shape: self.shape,
        }
    }
}

impl Key {
    const fn as_ref(&self) -> KeyRef<'_> {
        KeyRef {
            collection_id: &self.collection_id,
            rule: &self.rule,
            filter: &self.filter,
            sort: &self.sort,
            shape: self.shape,
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl Eq for Key {}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self == key.as_ref()
    }
}

/// Estimates what an entry takes: SQL and slots grow with the texts they come from.
#[derive(Clone, Copy, Debug)]
struct TextWeighter;

impl Weighter<Key, Arc<Plan>> for TextWeighter {
    fn weight(&self, key: &Key, _: &Arc<Plan>) -> u64 {
        let text = key.rule.len() + key.filter.len() + key.sort.len();
        2048 + 16 * u64::try_from(text).unwrap_or(u64::MAX / 32)
    }
}

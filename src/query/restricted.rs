//! Filters and sorts over tables that are no collections (collections list, logs): only named columns, no relations.

use std::collections::BTreeSet;

use crate::ctx::Ctx;
use crate::query::MAX_FILTER;
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::error::Error;
use crate::query::scalar::Template;
use crate::schema::fields::{JsonOptions, TextOptions};
use crate::schema::{Collection, CollectionOptions, Field, FieldKind, Rules, Schema};
use crate::sql::Sql;

/// What filters and sorts over a table may name. The table has to stand under the alias `r` in the statement.
#[derive(Debug)]
pub struct Restricted {
    collection: Collection,
    schema: Schema,
}

impl Restricted {
    /// Allows plain columns, and JSON columns with any path into them.
    pub fn new(columns: &[&str], json_columns: &[&str]) -> Self {
        let plain = columns
            .iter()
            .map(|name| Field::new(name, FieldKind::Text(TextOptions::default())));
        let json = json_columns
            .iter()
            .map(|name| Field::new(name, FieldKind::Json(JsonOptions::default())));
        Self {
            collection: Collection {
                id: String::new(),
                name: String::new(),
                system: true,
                fields: plain.chain(json).collect(),
                indexes: Vec::new(),
                rules: Rules::default(),
                options: CollectionOptions::Base,
                created: String::new(),
                updated: String::new(),
            },
            schema: Schema::default(),
        }
    }

    /// The condition of a filter; `TRUE` for an empty one.
    pub fn filter(&self, ctx: &Ctx, text: &str) -> Result<Sql, Error> {
        if text.is_empty() {
            return Ok(Sql::from_text("TRUE"));
        }
        if text.len() > MAX_FILTER {
            return Err(Error::FilterTooLong);
        }
        let mut compiler = self.compiler(ctx);
        let node = compiler.filter(self.base(), text)?;
        let sql = node.write(&compiler.joins, &BTreeSet::new());
        Ok(bind(ctx, sql))
    }

    /// ` ORDER BY …` of a sort; nothing for an empty one.
    pub fn sort(&self, ctx: &Ctx, text: &str) -> Result<Sql, Error> {
        if text.is_empty() {
            return Ok(Sql::new());
        }
        let mut compiler = self.compiler(ctx);
        let items = compiler.sort(self.base(), text)?;
        let mut sql = Template::new();
        compiler.write_sort(&items, &mut sql);
        Ok(bind(ctx, sql))
    }

    fn compiler<'a>(&'a self, ctx: &'a Ctx) -> Compiler<'a> {
        Compiler::new(&self.schema, &self.collection, ctx)
    }

    const fn base(&self) -> Base<'_> {
        Base {
            collection: &self.collection,
            row: None,
            access: Access::Columns,
        }
    }
}

fn bind(ctx: &Ctx, sql: Template) -> Sql {
    sql.map_binds(|slot| slot.value(ctx, None))
}

//! The `fields` parameter, which shapes any answer.

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::record::picker::Fields;

/// What a request wants to see of its answer. Read before the operation runs, so that a bad parameter changes nothing.
#[derive(Debug)]
pub(crate) struct Shape(Option<Fields>);

impl Shape {
    /// Reads the `fields` parameter; one that cannot be read is a plain 400.
    pub(crate) fn of(ctx: &Ctx) -> Result<Self> {
        let fields = ctx.request.query_param("fields").unwrap_or_default();
        Fields::parse(fields)
            .map(Self)
            .map_err(|_| Error::BadRequest(None))
    }

    /// Says whether everything is wanted, as it is.
    pub(crate) const fn is_whole(&self) -> bool {
        self.0.is_none()
    }

    /// Reduces an answer, or the items of a page, to the wanted members.
    pub(crate) fn apply(&self, body: Vec<u8>) -> Result<Vec<u8>> {
        let Some(fields) = &self.0 else {
            return Ok(body);
        };
        fields
            .pick_text(&body)
            .map_err(|_| Error::internal("an answer that is not JSON"))
    }
}

//! Records: reading them out as JSON, and writing them under rules and validation.
//!
//! Everything here is synchronous and runs inside a reader or a write transaction handed in. Files, password
//! hashing and events are not done here; `app` puts those around it.

mod best;
mod cell;
mod delete;
mod draft;
mod expand;
mod input;
mod list;
mod lookup;
mod model;
mod newest;
pub mod picker;
mod reason;
pub mod remains;
mod render;
mod rows;
mod shown;
mod texts;
mod unreadable;
mod validate;
mod view;
mod write;

pub use delete::{Deleted, check_delete, deletable, delete, truncate};
pub use draft::reserve_id;
pub use input::{Input, NewUpload, OldPassword, Override};
pub use list::{
    ListParams, Numbers, Wanted, count_matching, envelope, find, is_empty_page, list, list_rows,
};
pub use lookup::{
    asked, cells_satisfy, file_field, file_names, file_owner, is_visible, load_cells, load_one,
    load_record, password_hash, satisfies,
};
pub use model::{PendingFile, Record, RecordShape, SharedRecord};
pub use render::render_one;
pub use rows::{RowPath, Rows};
pub(crate) use rows::{check_size, length_of};
pub use shown::{render_cells, render_written, rows_at_hand, written_rows};
pub use texts::{FieldText, sample_texts, texts};
pub use view::{view, view_rows};
pub use write::{
    INSTALLER_EMAIL, Question, Written, check_record, create, draft_at_hand, draft_create,
    draft_update, drop_unused_uploads, may_save, question, remove_installer, update, upsert,
};

//! Tests of what several files of the module do together.

mod collection_json;

//! Records: reading, writing, and how they look to a caller.

pub mod picker;

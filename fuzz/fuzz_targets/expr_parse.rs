//! Any text is a filter or an error; a filter printed and parsed again is the same filter.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stead::expr;

fuzz_target!(|text: &str| {
    if let Ok(tree) = expr::parse(text) {
        assert_eq!(expr::parse(&tree.to_string()), Ok(tree));
    }
});

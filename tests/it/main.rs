//! The one integration test binary: every suite that needs the built product is a module here.

mod conformance;

//! Server-side scripts: loading them, running their handlers, and what they may call.

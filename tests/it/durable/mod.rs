//! What is left after a kill, after a power cut, on a full disk, on a broken one.
//!
//! These run on Linux alone: a library is put between the server and the system (`shim.c`, compiled here).

mod bad_days;
mod clients;
mod crash;
mod damage;
mod lost_flush;
mod power_cut;
mod replay;
mod shim;

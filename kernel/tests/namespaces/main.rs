//! The border to the kernel against a kernel: every test in a network namespace of its own.
//!
//! As root only. A test that cannot run says why; where `CI` is set that is a failure. On a kernel that has everything
//! (`tests/vm`) `PLEACH_FULL_KERNEL` is set, and then no kind of queue may be missing either.

mod attach;
mod batches;
mod classifier;
mod facts;
mod harness;
mod leaves;
mod numbers;
mod packets;
mod refusals;
mod scale;
mod tree;
mod upgrade;

//! What becomes of UISP's answers, seen from outside: golden cases, and laws that hold for all of them.

mod case;
mod fake;
mod golden;
mod laws;
mod network;

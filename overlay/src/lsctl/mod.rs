//! LSDN's own language: files of directives, in the syntax of Tcl.
//!
//! ```text
//! namespace import lsdn::*
//! settings vxlan/static
//! phys -name A -if eth0 -ip 172.16.0.1
//! net 1 {
//!     attach A
//!     virt -phys A -if tap0 -mac 02:00:00:00:00:a1
//! }
//! claimLocal [lindex $argv 0]
//! commit
//! ```
//!
//! There are all of LSDN's directives, and of Tcl variables, `set`, `incr`, `expr` on integers and texts, `if`, `for`,
//! `foreach`, `list`, `lindex` and `llength`. Anything else stops the script with its line. What a directive says is a
//! [`Change`] of the model; what it asks for is an [`Action`] of whoever runs the script.

mod control;
mod directives;
mod emit;
mod error;
mod expression;
mod interpreter;
mod list;
mod number;
mod options;
mod syntax;
#[cfg(test)]
mod tests;

use crate::change::Change;
use crate::model::Model;
use crate::origin::{Origin, Origins};

pub use emit::to_lsctl;
pub use error::ScriptError;
pub use interpreter::Interpreter;

/// How deep commands, brackets and expressions may be nested: what a thread's stack of 2 MiB bears without optimisation.
pub const DEEPEST_NESTING: usize = 32;
/// How much a script may do, in bytes that are read or written; a command or a turn of a loop is 256 more. That is a quarter of
/// a million commands, some seconds.
pub const MOST_WORK: usize = 64 << 20;
/// How many bytes the variables of a script may hold together: more than any list of virts needs.
pub const MOST_HELD: usize = 16 << 20;

/// What scripts have made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The model.
    pub model: Model,
    /// Where its objects were stated.
    pub origins: Origins,
}

/// What a directive asks whoever runs the script to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put the model into effect.
    Commit,
    /// Say what is wrong with the model.
    Validate,
    /// Remove everything from the kernel; then the model is empty.
    Cleanup,
    /// Forget the model and leave the kernel as it is.
    Free,
    /// Print the model.
    Show(Format),
}

/// In which language a model is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Directives.
    #[default]
    Lsctl,
    /// JSON.
    Json,
}

/// Whoever runs a script.
pub trait Runner {
    /// Does what a directive asks for. An error stops the script.
    fn act(&mut self, action: Action, session: &Session, at: &Origin) -> Result<(), String>;

    /// Hears of a change before it is made; the model may refuse it.
    fn changed(&mut self, at: &Origin, change: &Change) {
        let _ = (at, change);
    }
}

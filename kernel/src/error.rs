//! What the kernel says when it refuses.

use pleach_tc::Interface;

/// Why the kernel did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// It refused a request.
    #[error("{operation}: {}{}", std::io::Error::from_raw_os_error(*errno), said(message.as_deref()))]
    Refused {
        /// The request in `tc`'s words.
        operation: String,
        /// The error number, positive.
        errno: i32,
        /// The kernel's own message, if it gave one.
        message: Option<String>,
    },
    /// There is no such interface.
    #[error("there is no interface `{0}`")]
    NoInterface(Interface),
    /// The socket or a file failed.
    #[error("{operation}")]
    Io {
        /// What was tried.
        operation: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// It answered something that cannot be right.
    #[error("the kernel's answer to {operation} cannot be read: {what}")]
    Malformed {
        /// What was asked.
        operation: String,
        /// What is wrong with the answer.
        what: String,
    },
}

fn said(message: Option<&str>) -> String {
    message.map_or(String::new(), |text| format!(": {text}"))
}

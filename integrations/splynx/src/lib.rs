//! The Splynx source: tariffs, customers, services, sessions and hardware of a Splynx become one network.

pub mod auth;
mod client;
mod hex;
mod hook;
mod import;
mod list;
mod missing;
mod reading;
mod records;
mod scalar;
mod settings;
mod source;
mod tables;

pub use hook::is_signed;
pub use list::List;
pub use settings::{
    AuthMethod, CustomerStatusPolicy, Kilobit, NoKilobit, ServiceStatusPolicy, SplynxSettings, Treatment,
};
pub use source::SplynxSource;

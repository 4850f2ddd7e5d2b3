//! The UISP source: Ubiquiti's UISP, by its network side (NMS v2.1) and, where it is configured, its billing side (CRM v1.0).

mod addresses;
mod attach;
mod capacity;
mod client_addresses;
mod clients;
mod customer_port;
mod decode;
mod direction;
mod elements;
mod fetch;
mod import;
mod infrastructure;
mod islands;
mod links;
mod moment;
mod multiplier;
mod names;
mod owners;
mod parts;
mod placing;
mod plan;
mod position;
mod radios;
mod raw_id;
mod records;
mod relays;
mod root;
mod services;
mod settings;
mod shared;
mod source;
mod tables;
mod wire;
mod words;

pub use multiplier::Multiplier;
pub use settings::{
    Crm, CustomerPort, Derating, Login, PathDevices, SettingsError, StatusPolicy, Treatment, UispSettings,
};
pub use source::Uisp;

//! Customers.

use serde_json::{Value, json};

use super::names::{FIRST, HILLS, LAST};
use super::wire::Wire;
use crate::chance::Chance;
use crate::options::Options;

/// Every so many-th service is its customer's second.
const SECOND_SERVICE: u64 = 10;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Status {
    New,
    Active,
    Blocked,
    Disabled,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Disabled => "disabled",
        }
    }
}

pub(crate) fn count(options: &Options) -> u64 {
    of_service(options.services)
}

/// The customer of a service.
pub(crate) fn of_service(service: u64) -> u64 {
    service - service / SECOND_SERVICE
}

/// Whether a customer has one service and no more.
pub(crate) fn has_one_service(service: u64) -> bool {
    !service.is_multiple_of(SECOND_SERVICE) && service % SECOND_SERVICE != SECOND_SERVICE - 1
}

pub(crate) fn status(options: &Options, id: u64) -> Status {
    match Chance::of(options.seed, "customer status", id).below(1000) {
        0..20 => Status::New,
        20..50 => Status::Blocked,
        50..70 => Status::Disabled,
        _ => Status::Active,
    }
}

pub(crate) fn row(options: &Options, id: u64) -> Value {
    let mut wire = Wire::new(options.types, options.seed, "customer", id);
    let mut chance = Chance::of(options.seed, "customer", id);
    let (first, last) = (chance.pick(&FIRST), chance.pick(&LAST));
    let street = format!("{} {}", chance.pick(&HILLS), 1 + chance.below(200));
    let (latitude, longitude) = (500_000 + chance.below(5_000), 144_000 + chance.below(5_000));
    json!({
        "id": wire.number(id),
        "login": format!("{id:06}"),
        "status": status(options, id).word(),
        "partner_id": wire.number(1),
        "location_id": wire.number(1),
        "parent_id": wire.reference(None),
        "added_by": "admin",
        "added_by_id": wire.number(1),
        "name": format!("{first} {last}"),
        "email": format!("customer{id}@example.net"),
        "billing_email": "",
        "phone": format!("+4477009{:05}", id % 100_000),
        "category": "person",
        "street_1": street,
        "zip_code": format!("{:05}", 10_000 + id % 80_000),
        "city": "Exampleville",
        "subdivision_id": wire.reference(None),
        "date_add": "2023-04-05",
        "last_online": "2025-11-19 08:00:00",
        "last_update": "2025-11-19 08:00:00",
        "daily_prepaid_cost": "0.0000",
        "mrr_total": "29.9000",
        "billing_type": "recurring",
        "gps": format!("{}.{:04},{}.{:04}", latitude / 10_000, latitude % 10_000, longitude / 10_000, longitude % 10_000),
        "conversion_date": "2023-04-05",
        "gdpr_agreed": wire.flag(true),
        "customer_labels": [],
        "additional_attributes": {
            "social_id": "",
            "installation_notes": "roof, north side",
            "ladder": wire.flag(false),
            "zd_id": Value::Null,
        },
    })
}

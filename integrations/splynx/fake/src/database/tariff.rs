//! Internet tariffs.

use serde_json::{Value, json};

use super::wire::Wire;
use crate::options::{Data, Options};

/// Down and up in Mbit/s.
const SPEEDS: [(u64, u64); 8] =
    [(10, 2), (25, 5), (50, 10), (100, 20), (250, 50), (500, 100), (1000, 500), (1000, 1000)];

/// The tariff that a service has is one of these; a grown database has one more, without a speed.
pub(crate) struct Tariff {
    pub(crate) id: u64,
    /// Down and up in kbit/s.
    pub(crate) kbit: Option<(u64, u64)>,
}

pub(crate) fn all(options: &Options) -> Vec<Tariff> {
    let mut tariffs: Vec<Tariff> =
        (1..).zip(SPEEDS).map(|(id, (down, up))| Tariff { id, kbit: Some((down * 1000, up * 1000)) }).collect();
    if options.data == Data::Grown {
        tariffs.push(Tariff { id: 9, kbit: None });
    }
    tariffs
}

impl Tariff {
    pub(crate) fn row(&self, options: &Options) -> Value {
        let mut wire = Wire::new(options.types, options.seed, "tariff", self.id);
        let (down, up) = self.kbit.unwrap_or_default();
        let guarantee = ["none", "percent", "fixed"][usize::try_from(self.id % 3).expect("invariant: below 3")];
        let burst = ["none", "fixed", "percent"][usize::try_from(self.id % 3).expect("invariant: below 3")];
        json!({
            "id": wire.number(self.id),
            "title": format!("Home {}", down / 1000),
            "service_name": format!("Home {} Mbit", down / 1000),
            "partners_ids": [1],
            "price": "29.9000",
            "with_vat": wire.flag(true),
            "vat_percent": "21.00",
            "speed_download": wire.number(down),
            "speed_upload": wire.number(up),
            "speed_limit_type": guarantee,
            "speed_limit_at": wire.number(20),
            "speed_limit_fixed_down": wire.number(down / 4),
            "speed_limit_fixed_up": wire.number(up / 4),
            "aggregation": wire.number(if self.id.is_multiple_of(2) { 4 } else { 1 }),
            "burst_type": burst,
            "burst_limit": wire.number(50),
            "burst_limit_fixed_down": wire.number(down * 2),
            "burst_limit_fixed_up": wire.number(up * 2),
            "burst_threshold": wire.number(80),
            "burst_threshold_fixed_down": wire.number(0),
            "burst_threshold_fixed_up": wire.number(0),
            "burst_time": wire.number(30),
            "priority": "normal",
            "billing_types": ["recurring", "prepaid"],
            "customer_categories": ["person", "company"],
            "available_for_services": wire.flag(true),
            "hide_on_admin_portal": wire.flag(false),
            "show_on_customer_portal": wire.flag(false),
            "services": 100,
            "tariffs_for_change": [],
            "customer_labels": [],
        })
    }
}

//! Internet services: drawn, written, and what is true of them.

use serde_json::{Value, json};

use super::hardware::Plan;
use super::truth::{Fate, ServiceTruth};
use super::wire::Wire;
use super::{Table, addresses, customer, router, session, tariff};
use crate::chance::Chance;
use crate::options::{Data, Options};

/// A service as it was drawn.
pub(crate) struct Service {
    pub(crate) id: u64,
    pub(crate) customer: u64,
    pub(crate) tariff: u64,
    status: &'static str,
    pub(crate) addressing: Addressing,
    /// Networks it has besides: delegated to it, routed to it.
    delegated: String,
    routed: String,
    place: Option<(&'static str, u64)>,
    /// The access device it names: where it is, or one that was taken down.
    access_device: Option<u64>,
    router: Option<u64>,
    /// The router of its session, where it is online.
    pub(crate) session_router: Option<u64>,
    /// The service that this is an old copy of.
    copy_of: Option<u64>,
}

/// How a service comes by its IPv4 address.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Addressing {
    Permanent,
    /// From a pool; it is online.
    Session,
    /// From a pool; the address list alone says which it has.
    Listed,
    /// From a pool; it is offline.
    Offline,
}

impl Service {
    pub(crate) fn draw(options: &Options, plan: &Plan, id: u64) -> Self {
        let mut chance = Chance::of(options.seed, "service", id);
        let is_grown = options.data == Data::Grown;
        let customer = customer::of_service(id);
        let draw_tariff = chance.pick(&tariff::all(options)).id;
        let status = match chance.below(1000) {
            0..20 => "stopped",
            20..40 => "disabled",
            40..50 => "hidden",
            50..60 => "pending",
            _ => "active",
        };
        let addressing = match chance.below(1000) {
            0..600 => Addressing::Permanent,
            600..603 => Addressing::Offline,
            603..630 if customer::has_one_service(id) => Addressing::Listed,
            _ => Addressing::Session,
        };
        let placing = chance.below(1000);
        let sector = 1 + chance.below(plan.sectors());
        let place = match placing {
            0..700 => Some(("monitoring", plan.draw_access_point(&mut chance))),
            700..850 => Some(("sector", sector)),
            850..990 => Some(("router", 1 + chance.below(plan.routers))),
            _ => None,
        };
        let router = match place {
            Some(("sector", sector)) => Some(router::of_sector(sector)),
            Some(("router", router)) => Some(router),
            Some(_) if chance.per_mille(500) => Some(1 + chance.below(plan.routers)),
            _ => None,
        };
        let copy_of = (is_grown && id < options.services && chance.per_mille(20)).then_some(id + 1);
        let is_lost = is_grown && placing >= 700 && chance.per_mille(50);
        let access_device = match place {
            Some(("monitoring", device)) => Some(device),
            _ => is_lost.then(|| plan.no_device()),
        };
        let mut networks =
            |parts, address: fn(u64) -> String| if chance.per_mille(parts) { address(id) } else { String::new() };
        Self {
            id,
            customer,
            tariff: draw_tariff,
            status: if copy_of.is_some() { "disabled" } else { status },
            addressing: if copy_of.is_some() { Addressing::Permanent } else { addressing },
            delegated: networks(200, addresses::delegated),
            routed: networks(30, addresses::routed),
            place,
            access_device,
            router,
            session_router: router.or((placing.is_multiple_of(2)).then_some(1)),
            copy_of,
        }
    }

    fn permanent_address(&self) -> String {
        match self.addressing {
            Addressing::Permanent => addresses::permanent(self.copy_of.unwrap_or(self.id)),
            _ => String::new(),
        }
    }

    /// Its sessions and its rows of the address lists.
    pub(crate) fn sessions(&self, options: &Options, ids: &mut session::Ids) -> Vec<(Table, u64, Value)> {
        session::rows(self, options, ids)
    }

    pub(crate) fn row(&self, options: &Options) -> Value {
        let mut wire = Wire::new(options.types, options.seed, "service", self.id);
        let sector = self.place.and_then(|(table, id)| (table == "sector").then_some(id));
        json!({
            "id": wire.number(self.id),
            "parent_id": wire.reference(None),
            "customer_id": wire.number(self.customer),
            "tariff_id": wire.number(self.tariff),
            "bundle_service_id": wire.reference(None),
            "type": "internet",
            "status": self.status,
            "status_new": "",
            "description": "Home internet",
            "quantity": wire.number(1),
            "unit": "",
            "unit_price": "29.9000",
            "start_date": "2023-04-05",
            "end_date": if self.copy_of.is_some() { "2024-01-31" } else { "0000-00-00" },
            "discount": wire.flag(false),
            "discount_percent": "0.00",
            "discount_text": "",
            "login": format!("pppoe{:06}", self.id),
            "password": format!("password-of-{}", self.id),
            "router_id": wire.reference(self.router),
            "sector_id": wire.reference(sector),
            "access_device": wire.reference(self.access_device),
            "port_id": "",
            "taking_ipv4": wire.number(if self.addressing == Addressing::Permanent { 1 } else { 2 }),
            "ipv4": wire.address(&self.permanent_address()),
            "ipv4_route": wire.address(&self.routed),
            "ipv4_pool_id": wire.reference((self.addressing != Addressing::Permanent).then_some(1)),
            "taking_ipv6": wire.number(u64::from(!self.delegated.is_empty())),
            "ipv6": wire.address(""),
            "ipv6_delegated": wire.address(&self.delegated),
            "mac": format!("02:00:5e:{:02x}:{:02x}:{:02x}", self.id >> 16 & 255, self.id >> 8 & 255, self.id & 255),
            "geo": {"address": "", "marker": ""},
            "top_up_tariff_id": wire.reference(None),
            "additional_attributes": [],
        })
    }

    pub(crate) fn truth(&self, options: &Options) -> ServiceTruth {
        let mut known = vec![self.permanent_address(), self.delegated.clone(), self.routed.clone()];
        match self.addressing {
            Addressing::Session | Addressing::Listed => known.push(addresses::pooled(self.id)),
            Addressing::Permanent | Addressing::Offline => {}
        }
        if self.addressing == Addressing::Session && session::has_outer(self.id) {
            known.push(addresses::outer(self.id));
        }
        known.retain(|address| !address.is_empty());
        let fate = match customer::status(options, self.customer) {
            _ if self.status != "active" => Fate::LeftOut,
            customer::Status::Disabled => Fate::LeftOut,
            _ if known.is_empty() => Fate::NoAddress,
            customer::Status::Blocked => Fate::Slow,
            customer::Status::New | customer::Status::Active => Fate::Shaped,
        };
        let kbit =
            tariff::all(options).into_iter().find(|tariff| tariff.id == self.tariff).and_then(|tariff| tariff.kbit);
        let is_online = matches!(self.addressing, Addressing::Session | Addressing::Permanent);
        let session_router = self.session_router.filter(|_| is_online).map(|router| ("router", router));
        let place = self.place.or(session_router);
        ServiceTruth { id: self.id, is_active: self.status == "active", fate, kbit, place, addresses: known }
    }
}

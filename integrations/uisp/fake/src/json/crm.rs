//! Clients, services and plans of the CRM, version 1.0. Speeds are in Mbit/s, ids are numbers.

use serde_json::{Value, json};

use super::{Scene, merge, nulls};
use crate::chance::Chance;
use crate::ids::crm_moment;
use crate::names;
use crate::network::{PLANS, Service, ServicePlan, Shaping};

/// The number of the first account.
const FIRST_ACCOUNT: usize = 100;

/// What an account and a service have room for, and these have not.
const EMPTY_OF_ACCOUNT: [&str; 27] = [
    "addressGpsLat",
    "addressGpsLon",
    "companyRegistrationNumber",
    "companyTaxId",
    "companyWebsite",
    "generateProformaInvoices",
    "invitationEmailSentDate",
    "invoiceCity",
    "invoiceCountryId",
    "invoiceMaturityDays",
    "invoiceStateId",
    "invoiceStreet1",
    "invoiceStreet2",
    "invoiceZipCode",
    "leadConvertedAt",
    "note",
    "previousIsp",
    "referral",
    "sendInvoiceByPost",
    "stateId",
    "stopServiceDue",
    "stopServiceDueDays",
    "street2",
    "tax1Id",
    "tax2Id",
    "tax3Id",
    "username",
];
const EMPTY_OF_SERVICE: [&str; 25] = [
    "activeTo",
    "city",
    "contractEndDate",
    "contractId",
    "discountFrom",
    "discountInvoiceLabel",
    "discountTo",
    "discountValue",
    "earlyTerminationFeePrice",
    "fccBlockId",
    "fullAddress",
    "invoiceLabel",
    "minimumContractLengthMonths",
    "note",
    "sendEmailsAutomatically",
    "serviceChangeRequestId",
    "servicePlanGroupId",
    "setupFeePrice",
    "stateId",
    "street1",
    "street2",
    "tax1Id",
    "tax2Id",
    "tax3Id",
    "zipCode",
];

/// The number of a plan; the last one tells no speeds.
pub(super) fn plan_id(plan: Option<usize>) -> usize {
    1 + plan.unwrap_or(PLANS.len())
}

/// Mbit/s, whole where they are.
fn mbit(kbit: u64) -> Value {
    if kbit.is_multiple_of(1_000) { (kbit / 1_000).into() } else { json!(f64_of(kbit) / 1_000.0) }
}

fn f64_of(kbit: u64) -> f64 {
    f64::from(u32::try_from(kbit).expect("invariant: plans are below 4 Tbit/s"))
}

pub(crate) fn organizations() -> Vec<Value> {
    vec![json!({
        "id": 1, "name": "Example Networks", "registrationNumber": null, "taxId": null, "phone": null, "email": null,
        "website": null, "street1": "1 Hill Rd", "street2": null, "city": "Example", "countryId": 54, "stateId": null,
        "currencyId": 14, "zipCode": "10000", "selected": true, "locale": "en_US", "logoUrl": null,
    })]
}

/// Every plan, and one without speeds.
pub(crate) fn service_plans() -> Vec<Value> {
    let general = ServicePlan { name: "Custom", down: 0, up: 0 };
    let plan = |(number, plan): (usize, &ServicePlan)| {
        let speed = |kbit| (kbit > 0).then(|| mbit(kbit));
        json!({
            "id": number + 1, "name": plan.name, "organizationId": 1, "invoiceLabel": null, "downloadBurst": null,
            "uploadBurst": null, "downloadSpeed": speed(plan.down), "uploadSpeed": speed(plan.up),
            "dataUsageLimit": null, "downloadSpeedLimited": null, "uploadSpeedLimited": null, "aggregation": 10,
            "taxable": false, "amountExemptFromTaxation": null, "setupFee": null, "earlyTerminationFee": null,
            "minimumContractLengthMonths": null, "public": true, "servicePlanType": "Internet", "prepaid": false,
            "prepaidConfiguration": null, "defaultServicePlanGroupId": null, "archived": false,
            "periods": [{ "id": number + 1, "period": 1, "price": 30.0, "enabled": true }], "servicePlanGroups": [],
        })
    };
    PLANS.iter().chain([&general]).enumerate().map(plan).collect()
}

impl Scene<'_> {
    /// The account that a client is on.
    pub(super) fn account_id(&self, client: usize) -> usize {
        FIRST_ACCOUNT + self.network.clients[client].account
    }

    /// The CRM client of an account, where the account is its own.
    pub(crate) fn account(&self, client: usize) -> Option<Value> {
        if self.network.clients[client].account != client {
            return None;
        }
        let name = names::client(self.network.options.seed, client);
        let mut chance = Chance::of(self.network.options.seed, "account", client);
        let company = name.company.is_some();
        let record = json!({
            "id": self.account_id(client),
            "userIdent": null,
            "isLead": false,
            "isArchived": false,
            "clientType": if company { 2 } else { 1 },
            "companyName": name.company,
            "firstName": (!company).then_some(name.first),
            "lastName": (!company).then_some(name.last),
            "organizationId": 1,
            "isActive": true,
            "hasSuspendedService": false,
        });
        let street = names::address(self.network.options.seed, client);
        Some(self.with(record, || {
            let mut rest = nulls(&EMPTY_OF_ACCOUNT);
            merge(&mut rest, json!({
                "companyContactFirstName": company.then_some(name.first),
                "companyContactLastName": company.then_some(name.last),
                "street1": &street, "city": "Example", "countryId": 54, "zipCode": "10000",
                "fullAddress": format!("{street}, Example"), "invoiceAddressSameAsContact": true,
                "registrationDate": crm_moment(chance.between(0, 300)), "avatarColor": "#FFC107", "contacts": [],
                "attributes": [], "accountBalance": 0, "accountCredit": 0, "accountOutstanding": 0, "currencyCode": "EUR",
                "organizationName": "Example Networks", "bankAccounts": [], "tags": [], "usesProforma": false,
                "hasOverdueInvoice": false, "hasOutage": false, "hasServiceWithoutDevices": false,
                "hasPaymentSubscription": false, "hasAutopayCreditCard": false,
            }));
            rest
        }))
    }

    /// A service that is bound to the site of a client.
    pub(crate) fn service(&self, client: usize, service: &Service) -> Value {
        let site = &self.network.sites[self.network.clients[client].site];
        let planned = service.plan.map(|plan| &PLANS[plan]);
        let speed = |kbit: Option<u64>| kbit.map(mbit);
        let replaced = match service.shaping {
            Shaping::At { down, up } => Some((down, up)),
            Shaping::Planned | Shaping::Unlimited => None,
        };
        let record = json!({
            "id": service.id,
            "clientId": self.account_id(client),
            "servicePlanId": plan_id(service.plan),
            "status": service.status,
            "name": planned.map_or("Custom", |plan| plan.name),
            "servicePlanName": planned.map_or("Custom", |plan| plan.name),
            "servicePlanType": "Internet",
            "downloadSpeed": speed(planned.map(|plan| plan.down)),
            "uploadSpeed": speed(planned.map(|plan| plan.up)),
            "downloadSpeedOverride": replaced.map(|(down, _)| down),
            "uploadSpeedOverride": replaced.map(|(_, up)| up),
            "trafficShapingOverrideEnabled": service.shaping != Shaping::Planned,
            "trafficShapingOverrideEnd": null,
            "unmsClientSiteId": site.id.to_string(),
            "unmsClientSiteStatus": "active",
            "suspensionReasonId": (service.status == 3).then_some(1),
            "hasOutage": false,
        });
        self.with(record, || {
            let mut rest = nulls(&EMPTY_OF_SERVICE);
            merge(&mut rest, json!({
                "suspensionPeriods": [], "addressGpsLat": site.place.0, "addressGpsLon": site.place.1, "attributes": [],
                "prepaid": false, "servicePlanPeriodId": 1, "servicePlanPeriod": 1, "servicePlanPrice": 30.0, "price": 30.0,
                "hasIndividualPrice": false, "totalPrice": 36.3, "currencyCode": "EUR", "activeFrom": crm_moment(60),
                "invoicingStart": crm_moment(60), "invoicingPeriodType": 1, "invoicingPeriodStartDay": 1,
                "nextInvoicingDayAdjustment": 0, "invoicingProratedSeparately": true, "invoicingSeparately": false,
                "useCreditAutomatically": true, "countryId": 54, "contractLengthType": 1, "discountType": 0,
                "lastInvoicedDate": crm_moment(330), "surcharges": [],
            }));
            rest
        })
    }
}

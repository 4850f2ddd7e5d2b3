//! Records have the fields that the API documents, with the types and units it documents.

use pleach_fake_uisp::{Billing, Bodies, List, Network, Options, Quirk, Quirks, Size};
use serde_json::Value;

use crate::support::{CRM, NMS, Running, options};

/// What a site has; `?` after a name: it may be null.
const SITE: &[&str] = &[
    "id:s",
    "identification.id:s",
    "identification.type:s",
    "identification.name:s",
    "identification.status:s",
    "identification.updated:s",
    "identification.suspended:b",
    "identification.parent?:o",
    "description.location.latitude:n",
    "description.location.longitude:n",
    "description.address?:s",
    "notifications.type:s",
    "notifications.users:a",
    "qos.enabled:b",
    "qos.propagation:s",
    "qos.downloadSpeed?:u",
    "qos.downloadBurstSize?:u",
    "qos.uploadSpeed?:u",
    "qos.uploadBurstSize?:u",
    "qos.aggregation?:u",
    "ucrm?:o",
];
const WHOLE_SITE: &[&str] = &[
    "description.note?:s",
    "description.contact.name?:s",
    "description.contact.phone?:s",
    "description.contact.email?:s",
    "description.height?:n",
    "description.elevation:n",
    "description.endpoints:a",
    "description.deviceCount:u",
    "description.deviceOutageCount:u",
    "description.deviceListStatus:s",
    "description.regulatoryDomain:s",
    "description.ucrmId?:s",
    "description.ipAddresses:a",
    "description.sla:n",
    "lastSpeedReport?:o",
    "isMisconfigured:b",
];
const UCRM: &[&str] = &[
    "client.id:s",
    "client.name:s",
    "client.isLead:b",
    "service.id:s",
    "service.name:s",
    "service.status:u",
    "service.activeFrom:s",
    "service.tariffId:s",
    "service.trafficShapingOverrideEnabled:b",
];
const DEVICE: &[&str] = &[
    "enabled:b",
    "ipAddress?:s",
    "identification.id:s",
    "identification.name:s",
    "identification.mac:s",
    "identification.model:s",
    "identification.type:s",
    "identification.role:s",
    "identification.site.id:s",
    "identification.site.type:s",
    "identification.site.status:s",
    "identification.updated:s",
    "attributes:o",
    "mode:s",
    "overview.status:s",
    "interfaces:a",
];
const WHOLE_DEVICE: &[&str] = &[
    "ipAddressList:a",
    "identification.hostname:s",
    "identification.displayName:s",
    "identification.modelName:s",
    "identification.category:s",
    "identification.authorized:b",
    "identification.status:s",
    "identification.serialNumber:s",
    "identification.firmwareVersion:s",
    "identification.vendor:s",
    "identification.site.name:s",
    "identification.site.parent?:o",
    "attributes.ssid?:s",
    "attributes.apDevice?:o",
    "attributes.parentId?:s",
    "attributes.gatewayId?:s",
    "overview.lastSeen:s",
    "overview.uptime:u",
    "overview.stationsCount:u",
    "overview.mainInterfaceSpeed.interfaceId:s",
    "overview.mainInterfaceSpeed.availableSpeed:s",
    "firmware.current:s",
    "firmware.latest:s",
    "firmware.latestOnCurrentMajorVersion:s",
    "firmware.latestOver?:s",
    "firmware.upgradeRecommendedToVersion?:s",
    "firmware.prospective?:s",
    "meta.failedMessageDecryption:b",
    "meta.maintenance:b",
    "meta.restartTimestamp?:s",
    "meta.firmwareCompatibility:s",
    "location.latitude:n",
    "location.longitude:n",
    "location.altitude?:n",
    "location.elevation?:n",
    "location.magneticHeading?:n",
    "location.tilt?:n",
    "location.roll?:n",
    "uplinkDevice?:o",
];
const RADIO: &[&str] = &["downlinkCapacity:u", "uplinkCapacity:u", "wirelessMode:s"];
const INTERFACE: &[&str] =
    &["identification.name:s", "identification.type:s", "addresses:a", "status.status:s", "status.currentSpeed?:s"];
const LINK: &[&str] = &[
    "id:s",
    "from.site.identification.id:s",
    "from.site.identification.name:s",
    "from.device.identification.id:s",
    "from.device.identification.name:s",
    "from.device.identification.role:s",
    "from.device.identification.type:s",
    "from.device.identification.siteId:s",
    "from.device.status:s",
    "to.device.identification.id:s",
    "to.device.status:s",
    "type:s",
    "state:s",
    "ssid?:s",
    "frequency?:n",
    "signal?:n",
    "canDelete:b",
    "sitesDistance?:n",
    "devicesDistance?:n",
    "origin:s",
];
const WHOLE_LINK: &[&str] = &[
    "from.device.attributes:o",
    "from.device.identification.authorized:b",
    "from.device.identification.category:s",
    "from.device.identification.displayName:s",
    "from.device.identification.model:s",
    "from.interface.identification.name:s",
];
const ACCOUNT: &[&str] = &[
    "id:u",
    "clientType:u",
    "companyName?:s",
    "firstName?:s",
    "lastName?:s",
    "organizationId:u",
    "isLead:b",
    "isArchived:b",
];
const SERVICE: &[&str] = &[
    "id:u",
    "clientId:u",
    "servicePlanId:u",
    "status:u",
    "name:s",
    "servicePlanName:s",
    "servicePlanType:s",
    "downloadSpeed?:n",
    "uploadSpeed?:n",
    "downloadSpeedOverride?:n",
    "uploadSpeedOverride?:n",
    "trafficShapingOverrideEnabled:b",
    "trafficShapingOverrideEnd?:s",
    "unmsClientSiteId:s",
    "unmsClientSiteStatus:s",
    "suspensionReasonId?:u",
    "hasOutage:b",
];
const PLAN: &[&str] = &[
    "id:u",
    "name:s",
    "organizationId:u",
    "downloadSpeed?:n",
    "uploadSpeed?:n",
    "downloadBurst?:n",
    "uploadBurst?:n",
    "dataUsageLimit?:n",
    "servicePlanType:s",
    "public:b",
    "prepaid:b",
    "archived:b",
    "periods:a",
];
const TOKEN: &[&str] = &[
    "id:s",
    "name:s",
    "lastIp?:s",
    "createdAt:s",
    "lastUsed?:s",
    "expiresAt?:s",
    "maxExpiresAt?:s",
    "scope:a",
    "transient:b",
    "currentSession:b",
    "allIpsCount:u",
];

/// Fails where a field is missing or of another type.
fn expect(record: &Value, fields: &[&str]) {
    for field in fields {
        let (path, kind) = field.split_once(':').expect("a path and a type");
        let may_be_null = path.ends_with('?');
        let pointer = format!("/{}", path.trim_end_matches('?').replace('.', "/"));
        let value = record.pointer(&pointer).unwrap_or_else(|| panic!("`{path}` is missing in {record:#}"));
        let fits = match kind {
            "s" => value.as_str().is_some_and(|text| !text.is_empty()),
            "b" => value.is_boolean(),
            "u" => value.is_u64(),
            "n" => value.is_number(),
            "a" => value.is_array(),
            "o" => value.is_object(),
            other => panic!("no type `{other}`"),
        };
        assert!(fits || (may_be_null && value.is_null()), "`{field}` is {value}");
    }
}

fn bodies(size: Size) -> Bodies {
    let quirks = Quirks::from(Quirk::StringIds); // as documented
    Bodies::prepare(&Network::generate(&Options { size, quirks, billing: Billing::Crm, ..options() }))
}

#[test]
fn sites() {
    for (size, more) in [(Size::Small, &[][..]), (Size::Faithful, WHOLE_SITE)] {
        for site in bodies(size).values(List::Sites) {
            expect(&site, SITE);
            expect(&site, more);
            assert_eq!(site["id"], site["identification"]["id"]);
            assert!(["site", "endpoint"].contains(&site["identification"]["type"].as_str().expect("a type")));
            if site["identification"]["type"] == "endpoint" {
                expect(&site["ucrm"], UCRM);
                assert!(site["ucrm"]["service"]["status"].as_u64() <= Some(8));
            }
        }
    }
}

#[test]
fn devices() {
    let (mut radios, mut frames, mut stations) = (0, 0, 0);
    for (size, more) in [(Size::Small, &[][..]), (Size::Faithful, WHOLE_DEVICE)] {
        for device in bodies(size).values(List::Devices) {
            expect(&device, DEVICE);
            expect(&device, more);
            if device["overview"].get("wirelessMode").is_some() {
                radios += 1;
                expect(&device["overview"], RADIO);
            }
            for interface in device["interfaces"].as_array().expect("checked above") {
                expect(interface, INTERFACE);
                for address in interface["addresses"].as_array().expect("checked above") {
                    expect(address, &["cidr:s", "type:s"]);
                    assert!(address["cidr"].as_str().is_some_and(|cidr| cidr.contains('/')), "{address}");
                }
                frames += usize::from(interface["wireless"]["dlRatio"].is_u64());
                stations += interface["stations"].as_array().map_or(0, Vec::len);
            }
        }
    }
    assert!(radios > 600 && frames > 8 && stations > 600, "{radios} radios, {frames} frames, {stations} stations");
}

#[test]
fn data_links() {
    for (size, more) in [(Size::Small, &[][..]), (Size::Faithful, WHOLE_LINK)] {
        for link in bodies(size).values(List::DataLinks) {
            expect(&link, LINK);
            expect(&link, more);
            let is_radio = link["type"] == "wireless";
            for field in ["ssid", "frequency", "signal"] {
                assert_eq!(link[field].is_null(), !is_radio, "{field} of {}", link["type"]);
            }
            if is_radio {
                expect(&link["from"]["device"]["overview"], RADIO);
                expect(&link["to"]["device"]["overview"], RADIO);
            }
        }
    }
}

#[test]
fn billing_records() {
    let bodies = bodies(Size::Faithful);
    for (list, fields) in [(List::Clients, ACCOUNT), (List::Services, SERVICE), (List::ServicePlans, PLAN)] {
        assert!(bodies.count(list) > 0);
        bodies.values(list).for_each(|record| expect(&record, fields));
    }
    for account in bodies.values(List::Clients) {
        let is_company = account["clientType"] == 2;
        assert_eq!((account["companyName"].is_string(), account["lastName"].is_string()), (is_company, !is_company));
        let date = account["registrationDate"].as_str().expect("a date");
        assert!(date.ends_with("T00:00:00+0000"), "{date}: no colon in the offset");
    }
    let speeds: Vec<_> = bodies.values(List::Services).map(|service| service["downloadSpeed"].clone()).collect();
    assert!(
        speeds.contains(&Value::from(2.5)) && speeds.contains(&Value::from(50)),
        "Mbit/s, fractional where they are"
    );
}

#[test]
fn single_records_and_the_rest() {
    let running = Running::new(&Options { billing: Billing::Crm, clients: 30, ..Options::default() });
    expect(&running.get(&format!("{NMS}/nms/version")).json(), &["version:s", "deployment:s", "build:s", "time:s"]);
    expect(&running.get(&format!("{NMS}/nms/heartbeat")).json(), &["result:b", "message:s", "metadata?:o"]);
    expect(&running.get(&format!("{CRM}/version")).json(), &["version:s"]);
    expect(&running.get(&format!("{CRM}/organizations")).array()[0], &["id:u", "name:s", "currencyId:u"]);
    let superadmin = [("x-auth-token", pleach_fake_uisp::Credentials::SUPERADMIN_TOKEN)];
    let tokens = running.ask("GET", &format!("{NMS}/token"), &superadmin, "").array();
    assert_eq!(tokens.len(), 3);
    for token in &tokens {
        expect(token, TOKEN);
    }
    let refusal = running.ask("GET", &format!("{NMS}/sites"), &[], "").json();
    expect(&refusal, &["statusCode:u", "error:s", "message:s", "validation?:o"]);
}

//! Devices as UISP names them: models, types, roles. Names are those of the documentation's own lists.

/// A model of device.
#[derive(Debug)]
pub(crate) struct Model {
    /// `identification.model`.
    pub(crate) short: &'static str,
    /// `identification.modelName`.
    pub(crate) name: &'static str,
    /// `identification.type`.
    pub(crate) kind: &'static str,
    pub(crate) category: &'static str,
    pub(crate) platform: &'static str,
    pub(crate) series: Option<&'static str>,
}

const fn model(
    short: &'static str,
    name: &'static str,
    kind: &'static str,
    category: &'static str,
    platform: &'static str,
    series: Option<&'static str>,
) -> Model {
    Model { short, name, kind, category, platform, series }
}

const fn radio(short: &'static str, name: &'static str, kind: &'static str, series: Option<&'static str>) -> Model {
    model(short, name, kind, "wireless", "WA", series)
}

pub(crate) const GATEWAY: Model = model("UISP-R-Pro", "UISP Router Pro", "uispr", "wired", "alpinev2", None);
pub(crate) const ROUTER: Model = model("ER-12", "EdgeRouter 12", "erouter", "wired", "e300", None);
pub(crate) const SWITCH: Model = model("UISP-S-Pro", "UISP Switch Pro", "uisps", "wired", "UISPSPro", None);
pub(crate) const POWER: Model = model("UISP-P-Pro", "UISP Power Pro", "uispp", "accessories", "UISPP", None);
pub(crate) const HOME_ROUTER: Model = model("ER-X", "EdgeRouter X", "erouter", "wired", "e50", None);
pub(crate) const HOME_WIFI: Model = model("ACB-AC", "airCube AC", "airCube", "wireless", "ACB", None);
pub(crate) const BLACK_BOX: Model = model("UNKNOWN", "Third-party device", "blackBox", "wired", "UNKNOWN", None);
pub(crate) const OLT: Model = model("UF-OLT", "UISP Fiber OLT", "olt", "optical", "UF_OLT", None);
pub(crate) const ONU: Model = model("UF-Nano", "UISP Fiber Nano G", "onu", "optical", "UF_NANOG", None);
/// The access point of a relay, at a client.
pub(crate) const RELAY: Model = radio("LAP-120", "LiteAP AC", "airMax", Some("AC"));

/// How an access network carries its clients.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) access_point: Model,
    pub(crate) station: Model,
    pub(crate) medium: Medium,
}

/// What the clients of an access point share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A radio whose frame is divided by a ratio: downlink and uplink are parts of one total.
    Frame { total: (u64, u64), ratios: &'static [u8] },
    /// A radio that tells a capacity for each direction.
    Directions { down: (u64, u64), up_percent: u64, mode: &'static str },
    /// Fibre: no capacity is told.
    Fibre,
}

/// Frequencies and channel widths in MHz, by where a family works.
pub(crate) fn channel(model: &Model) -> (u32, u32) {
    match (model.kind, model.series) {
        ("wave", _) | (_, Some("G60")) => (66_960, 2_160),
        (_, Some("M")) => (5_540, 20),
        (_, Some("LTU")) => (5_300, 50),
        (_, Some("classic")) => (11_245, 56),
        _ => (5_180, 40),
    }
}

/// Capacities in Mbit/s. The first few access points of a network have one family each, then the weights decide.
pub(crate) static FAMILIES: [(Family, u64); 7] = [
    (
        Family {
            access_point: radio("RP-5AC-Gen2", "Rocket Prism 5AC Gen2", "airMax", Some("AC")),
            station: radio("LBE-5AC-Gen2", "LiteBeam 5AC Gen2", "airMax", Some("AC")),
            medium: Medium::Frame { total: (150, 450), ratios: &[50, 67, 75] },
        },
        30,
    ),
    (
        Family {
            access_point: radio("LTU-Rocket", "LTU Rocket", "airFiber", Some("LTU")),
            station: radio("LTU-LR", "LTU Long-Range", "airFiber", Some("LTU")),
            medium: Medium::Directions { down: (250, 600), up_percent: 35, mode: "ap-ptmp" },
        },
        20,
    ),
    (
        Family {
            access_point: radio("Wave-AP", "Wave AP", "wave", None),
            station: radio("Wave-Nano", "Wave Nano", "wave", None),
            medium: Medium::Directions { down: (1_500, 2_700), up_percent: 50, mode: "ap-ptmp" },
        },
        15,
    ),
    (Family { access_point: OLT, station: ONU, medium: Medium::Fibre }, 10),
    (
        Family {
            access_point: radio("R5AC-PRISM", "Rocket 5AC Prism", "airMax", Some("AC")),
            station: radio("PBE-5AC-Gen2", "PowerBeam 5AC Gen2", "airMax", Some("AC")),
            medium: Medium::Directions { down: (120, 320), up_percent: 60, mode: "ap-ptmp-airmax-ac" },
        },
        12,
    ),
    (
        Family {
            access_point: radio("AF60-LR", "airFiber 60 LR", "airFiber", Some("G60")),
            station: radio("AF60-LR", "airFiber 60 LR", "airFiber", Some("G60")),
            medium: Medium::Directions { down: (800, 1_900), up_percent: 100, mode: "ap-ptmp" },
        },
        5,
    ),
    (
        Family {
            access_point: radio("R5N", "Rocket M5", "airMax", Some("M")),
            station: radio("LM5", "NanoStation Loco M5", "airMax", Some("M")),
            medium: Medium::Directions { down: (40, 90), up_percent: 50, mode: "ap-ptmp-airmax" },
        },
        8,
    ),
];

/// The backhaul radios, with their capacity in Mbit/s and what uplink has of it in percent, and how often each is used.
/// airFiber says `ptp` of both ends; the others say which end is the access point.
pub(crate) struct Backhaul {
    pub(crate) model: Model,
    pub(crate) down: (u64, u64),
    pub(crate) up_percent: u64,
    pub(crate) roles: [&'static str; 2],
}

const ENDS: [&str; 2] = ["ap", "station"];

pub(crate) static BACKHAULS: [(Backhaul, u64); 5] = [
    (
        Backhaul {
            model: radio("AF60-LR", "airFiber 60 LR", "airFiber", Some("G60")),
            down: (950, 1_950),
            up_percent: 100,
            roles: ["ptp", "ptp"],
        },
        30,
    ),
    (
        Backhaul {
            model: radio("AF-5XHD", "airFiber 5XHD", "airFiber", Some("LTU")),
            down: (280, 620),
            up_percent: 50,
            roles: ["ptp", "ptp"],
        },
        20,
    ),
    (
        Backhaul {
            model: radio("AF11FX", "airFiber 11FX", "airFiber", Some("classic")),
            down: (500, 680),
            up_percent: 90,
            roles: ["ptp", "ptp"],
        },
        15,
    ),
    (
        Backhaul {
            model: radio("Wave-Pro", "Wave Pro", "wave", None),
            down: (1_800, 2_700),
            up_percent: 75,
            roles: ENDS,
        },
        20,
    ),
    (
        Backhaul {
            model: radio("PBE-5AC-500", "PowerBeam 5AC 500", "airMax", Some("AC")),
            down: (180, 450),
            up_percent: 50,
            roles: ENDS,
        },
        15,
    ),
];

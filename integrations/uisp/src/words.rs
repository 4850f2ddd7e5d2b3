//! The words of UISP's enumerations that Pleach goes by.

/// An enumeration, each variant with the words for it.
macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$note:meta])* $variant:ident = $($word:literal)|+,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$note])* $variant,)+ }

        impl $name {
            /// What a word stands for.
            pub(crate) fn of(word: &str) -> Option<Self> {
                match word {
                    $($($word)|+ => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+};
}

words! {
    /// What a record of `/sites` is.
    SiteType {
        /// A site of the operator's.
        Site = "site",
        /// A customer's: a circuit.
        Client = "endpoint" | "client" | "subscriber",
    }

    /// What a device is built as.
    DeviceType {
        Olt = "olt",
        AirMax = "airMax",
        AirFiber = "airFiber",
        Wave = "wave",
        /// One that routes, whatever its role says.
        Router = "erouter" | "uispr" | "uisprlxc" | "express" | "uispLte" | "airCube",
        /// Whatever else UISP knows.
        Other = "onu" | "uispp" | "uisps" | "eswitch" | "epower" | "toughSwitch" | "solarBeam" | "blackBox",
    }

    /// What a device is used as.
    Role {
        AccessPoint = "ap",
        Station = "station",
        Pon = "gpon",
        Gateway = "gateway",
        Router = "router" | "homeWiFi",
        /// Whatever else UISP knows.
        Other = "convertor" | "other" | "ptp" | "server" | "switch" | "ups" | "wireless" | "wired" | "wirelessDevice",
    }

    /// How a radio works.
    WirelessMode {
        /// A sector: stations share it.
        AccessPoint = "ap" | "ap-ptmp" | "ap-ptmp-airmax" | "ap-ptmp-airmax-mixed" | "ap-ptmp-airmax-ac" | "aprepeater",
        /// One end of a link that two radios have to themselves.
        AccessPointOfTwo = "ap-ptp",
        Station = "sta" | "sta-ptmp",
        /// The other end of such a link.
        StationOfTwo = "sta-ptp",
        /// Whatever else UISP knows.
        Other = "repeater" | "mesh",
    }

    /// What a data link goes over.
    LinkType {
        Wireless = "wireless",
        Wired = "ethernet" | "pon",
    }

    /// Whether a data link is up.
    LinkState {
        Active = "active",
        Disconnected = "disconnected",
        /// Switched off, or only planned.
        NotInUse = "disabled" | "proposed",
    }

    /// How an interface came by an address.
    AddressType {
        Static = "static",
        Dhcp = "dhcp" | "dhcpv6" | "dynamic",
        Session = "pppoe",
    }
}

impl WirelessMode {
    /// Whether two radios have the link to themselves.
    pub(crate) fn is_of_two(self) -> bool {
        matches!(self, Self::AccessPointOfTwo | Self::StationOfTwo)
    }
}

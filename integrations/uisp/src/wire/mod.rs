//! Records as UISP sends them (NMS v2.1 and CRM v1.0): the fields that Pleach goes by, and nothing else.

pub(crate) mod field;

use field::{Flag, List, Number, Text, record};

record! {
    /// An element of `GET /sites`: a site, or a client's site.
    Site {
        id = "id": Text<'a>,
        identification = "identification": SiteIdentification<'a>,
        description = "description": SiteDescription<'a>,
        qos = "qos": Qos<'a>,
        ucrm = "ucrm": SiteCrm<'a>,
    }

    /// What a site is.
    SiteIdentification {
        id = "id": Text<'a>,
        site_type = "type": Text<'a>,
        name = "name": Text<'a>,
        updated = "updated": Text<'a>,
        suspended = "suspended": Flag,
        parent = "parent": Reference<'a>,
    }

    /// Another record, by its id.
    Reference {
        id = "id": Text<'a>,
    }

    /// Where a site is.
    SiteDescription {
        address = "address": Text<'a>,
        location = "location": Location<'a>,
        crm_id = "ucrmId": Text<'a>,
        ip_addresses = "ipAddresses": List<Text<'a>>,
    }

    /// A position, in degrees.
    Location {
        latitude = "latitude": Number,
        longitude = "longitude": Number,
    }

    /// A client's plan as NMS has it: bit/s, buckets in bytes.
    Qos {
        download = "downloadSpeed": Number,
        download_burst = "downloadBurstSize": Number,
        upload = "uploadSpeed": Number,
        upload_burst = "uploadBurstSize": Number,
        aggregation = "aggregation": Number,
    }

    /// What NMS knows of a client site's CRM records.
    SiteCrm {
        service = "service": SiteService<'a>,
    }

    /// The CRM service that a client site is bound to.
    SiteService {
        id = "id": Text<'a>,
        name = "name": Text<'a>,
        status = "status": Number,
    }

    /// An element of `GET /devices`.
    Device {
        id = "id": Text<'a>,
        identification = "identification": DeviceIdentification<'a>,
        ip_address = "ipAddress": Text<'a>,
        ip_address_list = "ipAddressList": List<Text<'a>>,
        attributes = "attributes": DeviceAttributes<'a>,
        overview = "overview": DeviceOverview<'a>,
        interfaces = "interfaces": List<Interface<'a>>,
        uplink_device = "uplinkDevice": Identified<'a>,
    }

    /// What a device is.
    DeviceIdentification {
        id = "id": Text<'a>,
        name = "name": Text<'a>,
        display_name = "displayName": Text<'a>,
        hostname = "hostname": Text<'a>,
        mac = "mac": Text<'a>,
        model = "model": Text<'a>,
        model_name = "modelName": Text<'a>,
        device_type = "type": Text<'a>,
        role = "role": Text<'a>,
        updated = "updated": Text<'a>,
        wan_interface = "wanInterfaceId": Text<'a>,
        site = "site": Reference<'a>,
    }

    /// What a radio or an ONU is attached to.
    DeviceAttributes {
        ap_device = "apDevice": Reference<'a>,
        parent = "parentId": Text<'a>,
    }

    /// What a device carries, in bit/s.
    DeviceOverview {
        downlink = "downlinkCapacity": Number,
        uplink = "uplinkCapacity": Number,
        total = "totalCapacity": Number,
        theoretical_total = "theoreticalTotalCapacity": Number,
        wireless_mode = "wirelessMode": Text<'a>,
    }

    /// A port, radio or bridge of a device.
    Interface {
        identification = "identification": InterfaceIdentification<'a>,
        addresses = "addresses": List<Address<'a>>,
        status = "status": InterfaceStatus<'a>,
        wireless = "wireless": InterfaceWireless<'a>,
    }

    /// What an interface is.
    InterfaceIdentification {
        name = "name": Text<'a>,
        interface_type = "type": Text<'a>,
    }

    /// An address of an interface.
    Address {
        cidr = "cidr": Text<'a>,
        address_type = "type": Text<'a>,
    }

    /// How fast a port is.
    InterfaceStatus {
        status = "status": Text<'a>,
        speed = "speed": Text<'a>,
        current_speed = "currentSpeed": Text<'a>,
        plugged = "plugged": Flag,
    }

    /// How a radio divides its time.
    InterfaceWireless {
        download_ratio = "dlRatio": Number,
    }

    /// A record, by its identification.
    Identified {
        id = "id": Text<'a>,
        identification = "identification": Reference<'a>,
    }

    /// An element of `GET /data-links`.
    DataLink {
        id = "id": Text<'a>,
        from = "from": LinkEnd<'a>,
        to = "to": LinkEnd<'a>,
        link_type = "type": Text<'a>,
        state = "state": Text<'a>,
        can_delete = "canDelete": Flag,
    }

    /// An end of a data link.
    LinkEnd {
        site = "site": Identified<'a>,
        device = "device": Identified<'a>,
        interface = "interface": Interface<'a>,
    }

    /// An element of `GET /clients/services`: rates in Mbit/s.
    Service {
        id = "id": Text<'a>,
        client = "clientId": Text<'a>,
        status = "status": Number,
        name = "name": Text<'a>,
        plan_name = "servicePlanName": Text<'a>,
        plan_type = "servicePlanType": Text<'a>,
        download = "downloadSpeed": Number,
        upload = "uploadSpeed": Number,
        download_override = "downloadSpeedOverride": Number,
        upload_override = "uploadSpeedOverride": Number,
        is_overridden = "trafficShapingOverrideEnabled": Flag,
        override_end = "trafficShapingOverrideEnd": Text<'a>,
        site = "unmsClientSiteId": Text<'a>,
    }

    /// An element of `GET /clients`.
    CrmClient {
        id = "id": Text<'a>,
        first_name = "firstName": Text<'a>,
        last_name = "lastName": Text<'a>,
        company_name = "companyName": Text<'a>,
    }
}

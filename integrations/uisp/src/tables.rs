//! The tables of a UISP: what the ids of its records start with.

use pleach_graph::{IdError, NodeId, Table};

use crate::raw_id::{ID_BUFFER, RawId};

/// The tables of one UISP.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// Sites of the operator's.
    pub(crate) sites: Table,
    /// Clients' sites: a circuit each.
    pub(crate) clients: Table,
    pub(crate) devices: Table,
    /// Data links.
    pub(crate) links: Table,
    /// What joins a device to its site.
    pub(crate) ports: Table,
    /// CRM services.
    pub(crate) services: Table,
    /// A client's addresses that belong to no device of its.
    pub(crate) site_addresses: Table,
    /// What Pleach adds.
    pub(crate) generated: Table,
}

impl Tables {
    /// The tables of the UISP of this name.
    pub(crate) fn new(name: &str) -> Result<Self, IdError> {
        let table = |table| Table::new(name, table);
        Ok(Self {
            sites: table("site")?,
            clients: table("client")?,
            devices: table("device")?,
            links: table("link")?,
            ports: table("port")?,
            services: table("service")?,
            site_addresses: table("site-address")?,
            generated: table("generated")?,
        })
    }
}

/// The typed id of a raw one.
pub(crate) fn node_id(table: &Table, id: &RawId) -> NodeId {
    table.id(id.text(&mut { ID_BUFFER }))
}

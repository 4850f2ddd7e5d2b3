//! What can be told of a UISP in a few lines.

use pleach_graph::{NetworkGraph, NodeKind};
use pleach_source::{FetchError, Timestamp};

use super::{crm, document, fetch, nms};
use crate::source::Uisp;

/// Its versions, what it has, and what is not as safe as it could be. It is asked for everything: whether it gives all of that
/// is the question.
pub(crate) async fn probe(source: &Uisp) -> Result<Vec<String>, FetchError> {
    let settings = source.settings();
    let now = Timestamp::now();
    let nms = nms(settings, now)?;
    let mut facts = vec![format!("NMS {}", version(&document(&nms, "nms/version").await?))];
    let mut warnings = nms.warnings();
    if let Some(crm) = crm::client(settings, now)? {
        facts.push(format!("CRM {}", version(&document(&crm, "version").await?)));
        warnings.extend(crm.warnings());
    }
    warnings.dedup();
    let snapshot = fetch(settings).await?;
    facts.extend(snapshot.parts.iter().map(ToString::to_string));
    let mut builder = NetworkGraph::builder();
    match source.import(&snapshot, &mut builder) {
        Ok(()) => facts.push(counts(&builder.build().0)),
        Err(error) => {
            let (address, reason, hint) = (error.address, error.reason, error.hint);
            return Err(FetchError::Unusable { address, reason, hint });
        }
    }
    facts.extend(warnings);
    Ok(facts)
}

fn version(document: &serde_json::Value) -> &str {
    document["version"].as_str().unwrap_or("of an unknown version")
}

fn counts(network: &NetworkGraph) -> String {
    let [mut sites, mut access_points, mut clients] = [0_usize; 3];
    for (index, node) in network.nodes() {
        match node.kind {
            NodeKind::Site(_) if index != network.top() => sites += 1,
            NodeKind::AccessPoint(_) => access_points += 1,
            NodeKind::Client(_) => clients += 1,
            NodeKind::Site(_) | NodeKind::Device(_) => {}
        }
    }
    let doubt = if clients == 0 { ": does the token see all sites?" } else { "" };
    format!("{sites} sites, {access_points} access points, {clients} clients{doubt}")
}

//! The nets of the overlay that carry subscribers, as the network has them.

use std::path::PathBuf;

use pleach_graph::{Code, Net, NetTag, NetVirt, Problem, Problems, Severity, Tunnel, TunnelProtocol, TunnelSide};
use pleach_overlay::{Checked, Family, Host, Model, Mtu, Name, NetworkId, Phys, Place, check};
use pleach_shaper::Tunnels;
use pleach_tc::{Carried, Endpoint, Interface, MarkField};

use crate::config::Config;
use crate::exit::Failure;
use crate::overlay::{ReadingError, claim, reading};

/// The nets that are bound to nodes, and what was found wrong with the overlay.
#[derive(Debug, Default)]
pub struct BoundNets {
    /// By name.
    pub nets: Vec<Net>,
    /// Warnings and notes.
    pub problems: Problems,
    /// The text that they were read from; empty where none is configured.
    pub text: String,
}

/// Why the overlay cannot be used. Its subscribers would be told by nothing, so nothing is done without it.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The file cannot be read.
    #[error("cannot read the overlay `{}`", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be understood.
    #[error(transparent)]
    Reading(#[from] ReadingError),
    /// Something in it is wrong.
    #[error("the overlay `{}` has errors; the first: {first}", path.display())]
    Errors {
        /// Which file.
        path: PathBuf,
        /// The first of them.
        first: String,
    },
    /// Its tunnels end at more places than the classifier can know.
    #[error("the tunnels of the nets in `{}` that carry subscribers end at {count} addresses and ports, and the classifier knows {most} at most", path.display(), most = Endpoint::MOST)]
    TooManyEnds {
        /// Which file.
        path: PathBuf,
        /// How many pairs of address and port they need, those for fragments counted.
        count: usize,
    },
}

impl OverlayError {
    /// As the end of a command.
    pub fn failure(self) -> Failure {
        let hint = match &self {
            Self::Errors { path, .. } => format!("`pleach overlay validate {}` lists them all", path.display()),
            Self::TooManyEnds { .. } => {
                "nothing was changed; a host's fragments are one pair more: bind fewer nets to \
                                         this network, or use one port for all"
                    .to_owned()
            }
            Self::Unreadable { .. } | Self::Reading(_) => "it is named by `file` under `[overlay]`".to_owned(),
        };
        Failure::usage(self).hint(hint)
    }
}

impl BoundNets {
    /// Reads the configured overlay; nothing where there is none.
    pub fn read(config: &Config) -> Result<Self, OverlayError> {
        let overlay = &config.overlay;
        let Some(path) = &overlay.file else { return Ok(Self::default()) };
        let unreadable = |source| OverlayError::Unreadable { path: path.clone(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let mut reading = reading(path, &text, &[])?;
        if let Some(phys) = &overlay.phys {
            claim(&mut reading.model, phys)
                .map_err(|error| OverlayError::Errors { path: path.clone(), first: error.to_string() })?;
        }
        let (checked, found) = check(&reading.model, &reading.origins, Host::unknown(), reading.problems.clone());
        let Some(checked) = checked else {
            let is_error = |problem: &&Problem| problem.code.severity() == Severity::Error;
            let first = found.iter().find(is_error).map(|problem| problem.message.clone()).unwrap_or_default();
            return Err(OverlayError::Errors { path: path.clone(), first });
        };
        let nets = nets(checked, config);
        let count = tunnels(&nets, overlay.mark).endpoints.len();
        if u32::try_from(count).unwrap_or(u32::MAX) > Endpoint::MOST {
            return Err(OverlayError::TooManyEnds { path: path.clone(), count });
        }
        let mut problems = Problems::default();
        for problem in found.into_iter().chain(nets.iter().filter_map(|net| untold(net, overlay.mark))) {
            problems.push(problem);
        }
        Ok(Self { nets, problems, text })
    }
}

/// The nets of a model that are bound.
fn nets(checked: Checked<'_>, config: &Config) -> Vec<Net> {
    let model = checked.model();
    model.nets().iter().filter_map(|(name, net)| bound(model, name, net, config)).collect()
}

/// Tunnels of these physes are on the internet's side, if a shaper's interface is theirs there.
fn side<'m>(mut local: impl Iterator<Item = &'m Phys>, config: &Config) -> TunnelSide {
    let interfaces = config.shaper.iter().filter_map(|shaper| shaper.interfaces.as_ref());
    let outer: Vec<_> = interfaces.filter_map(|it| it.toward_internet.as_ref()).map(Interface::as_str).collect();
    let is_outer = |phys: &Phys| phys.interface.as_ref().is_some_and(|it| outer.contains(&it.as_str()));
    if local.any(is_outer) { TunnelSide::Internet } else { TunnelSide::Subscribers }
}

fn bound(model: &Model, name: &Name, net: &pleach_overlay::Net, config: &Config) -> Option<Net> {
    let at = net.at.clone()?;
    let technology = model.technology(net);
    let protocol = if technology.is_geneve() { TunnelProtocol::Geneve } else { TunnelProtocol::Vxlan };
    let group = technology.group().map(pleach_overlay::MulticastGroup::address);
    let ends: Vec<_> = model.attached(net).filter_map(|(_, phys)| phys.ip).chain(group).collect();
    let local = || model.attached(net).map(|(_, phys)| phys).filter(|phys| phys.place == Place::Local);
    let (ends_here, side) = (local().next().is_some(), side(local(), config));
    let tunnel = technology.port().map(|port| Tunnel { protocol, port: port.get(), ends, ends_here, side });
    let family = model.attached(net).find_map(|(_, phys)| model.underlay_family(net, phys)).unwrap_or(Family::V4);
    let carried = model.attached(net).filter_map(|(_, phys)| model.recommended_mtu(net, phys)).min();
    let virts = net.virts().iter().map(|(name, virt)| NetVirt {
        name: name.as_str().into(),
        phys: virt.connection.as_ref().map(|connection| connection.phys.as_str().into()),
    });
    Some(Net {
        name: name.as_str().into(),
        at,
        tag: match net.id() {
            NetworkId::Direct(_) => NetTag::Untagged,
            NetworkId::Vlan(id) => NetTag::Vlan(id.get()),
            NetworkId::Vxlan(number) | NetworkId::Geneve(number) => NetTag::Vni(number.get()),
        },
        prefixes: net.prefixes.iter().copied().collect(),
        tunnel,
        overhead: technology.overhead(family),
        mtu: net.mtu.or(carried).map(Mtu::get),
        virts: virts.collect(),
    })
}

/// Uploads of a net whose tunnel ends on this host are told by their mark, if that has room for the net's number. Downloads have
/// none: where the tunnel is on the internet's side, they are told by nothing.
fn untold(net: &Net, mark: MarkField) -> Option<Problem> {
    let NetTag::Vni(number) = net.tag else { return None };
    let tunnel = net.tunnel.as_ref().filter(|tunnel| tunnel.ends_here)?;
    if tunnel.side == TunnelSide::Internet {
        let message = format!(
            "net `{}` ends on this host, on the internet's side: downloads come out of it here, and count as unknown or \
             another's",
            net.name
        );
        let hint = "shape its downloads where they enter the tunnel; its uploads are shaped here";
        return Some(Problem::new(Code::UntoldDownloads, message).record(&net.at).hint(hint));
    }
    if number <= mark.most() {
        return None;
    }
    let why = if mark.is_none() {
        "`mark` says nothing of nets".to_owned()
    } else {
        format!("`mark` has no room for the number {number}")
    };
    let message = format!("net `{}` ends on this host, and {why}: its uploads count as unknown or another's", net.name);
    let hint = "set `mark` under `[overlay]`, 0x00ffffff say; `pleach overlay commit` puts the number there";
    Some(Problem::new(Code::UntoldUploads, message).record(&net.at).hint(hint))
}

/// What the classifier must know to follow the tunnels of these nets.
pub fn tunnels(nets: &[Net], mark: MarkField) -> Tunnels {
    let mut tunnels = Tunnels { mark, ..Tunnels::default() };
    for tunnel in nets.iter().filter_map(|net| net.tunnel.as_ref()) {
        let carried = match tunnel.protocol {
            TunnelProtocol::Vxlan => Carried::Vxlan,
            TunnelProtocol::Geneve => Carried::Geneve,
        };
        for &address in &tunnel.ends {
            tunnels.endpoints.insert(Endpoint { address, port: tunnel.port }, carried);
            tunnels.endpoints.insert(Endpoint { address, port: 0 }, Carried::Fragments);
        }
    }
    tunnels
}

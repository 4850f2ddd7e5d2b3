//! A customer's Ethernet port: the plan may be faster than it.

use pleach_graph::{Code, PlanRate, Problem, Rate};

use crate::plan::Plan;
use crate::records::Device;
use crate::settings::{CustomerPort, UispSettings};
use crate::words::{DeviceType, Role, WirelessMode};

/// What the ports of a customer's devices can carry: the slowest of its stations, else of what is no router.
#[expect(clippy::needless_pass_by_value, reason = "an iterator is gone through twice, which takes a copy of it")]
pub(crate) fn port<'d>(devices: impl Iterator<Item = &'d Device> + Clone) -> Option<Rate> {
    let slowest =
        |of: fn(&Device) -> bool| devices.clone().filter(|device| of(device)).filter_map(|d| d.ports.slowest).min();
    slowest(is_station).or_else(|| slowest(|device| !is_router(device)))
}

fn is_station(device: &Device) -> bool {
    let by_mode = matches!(device.mode, Some(WirelessMode::Station | WirelessMode::StationOfTwo));
    by_mode || device.role == Some(Role::Station)
}

fn is_router(device: &Device) -> bool {
    device.device_type == Some(DeviceType::Router) || matches!(device.role, Some(Role::Router | Role::Gateway))
}

/// Compares a plan with the port; lowers it where the settings say so. The problem says it in any case.
pub(crate) fn compare(plan: &mut Plan, port: Rate, name: &str, settings: &UispSettings) -> Option<Problem> {
    let carried = settings.ethernet_headroom.of(port);
    let fastest = [plan.down.max, plan.up.max].into_iter().flatten().max()?;
    if fastest <= carried {
        return None;
    }
    let done = match settings.customer_port {
        CustomerPort::Advice => "the plan is kept",
        CustomerPort::Cap => {
            for rate in [&mut plan.down, &mut plan.up] {
                *rate =
                    PlanRate { min: rate.min.map(|min| min.min(carried)), max: rate.max.map(|max| max.min(carried)) };
            }
            plan.rates.push(format!("at most {carried}, which its Ethernet port of {port} carries").into());
            "the plan is lowered to that"
        }
    };
    let message = format!(
        "client `{name}` has a plan of {fastest} behind an Ethernet port of {port}, which carries {carried}; {done}"
    );
    Some(
        Problem::new(Code::PortBelowPlan, message)
            .hint("see why the port is not faster: its cable, or what it is plugged into"),
    )
}

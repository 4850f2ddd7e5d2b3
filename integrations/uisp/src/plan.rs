//! What each customer has bought, and what becomes of it: rates, commitment, suspension.

use pleach_graph::{CEILING_UNSTATED, PlanRate, Rate, Rule, Text};
use pleach_source::Suspended;

use crate::raw_id::RawId;
use crate::records::{Records, Service, ServiceRate, Site};
use crate::services::{Bound, status_word, treatment};
use crate::settings::{Treatment, UispSettings};

/// A reason in words.
pub(crate) type Reason = std::borrow::Cow<'static, str>;

/// What is decided of a customer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) down: PlanRate,
    pub(crate) up: PlanRate,
    /// Why the rates are as they are.
    pub(crate) rates: Vec<Reason>,
    /// Why the customer is not simply shaped.
    pub(crate) status: Option<String>,
    pub(crate) place: Place,
    /// Whether the default plan of this source is used for a direction.
    pub(crate) is_default: bool,
    /// The services in use, the one that counts first, where there are several.
    pub(crate) several: Vec<ServicePlan>,
}

/// What one of several services would get by itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServicePlan {
    pub(crate) id: RawId,
    pub(crate) name: Text,
    /// Its name, number and rates.
    pub(crate) described: String,
    pub(crate) plan: Plan,
}

/// Where a customer's circuit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where it is attached.
    Network,
    /// Under the walled garden.
    WalledGarden,
    /// Nowhere.
    LeftOut(Rule),
}

/// What counts of a customer's services.
#[derive(Clone, Copy, Debug)]
struct Standing<'s> {
    treatment: Treatment,
    status: Option<u8>,
    service: Option<&'s Service>,
}

/// Decides what a customer gets.
pub(crate) fn plan(
    site: &Site,
    at: usize,
    bound: &Bound,
    services: Option<&Records<Service>>,
    settings: &UispSettings,
) -> Plan {
    let services: Vec<&Service> = match services {
        Some(all) => bound.of(at).iter().map(|&(_, service)| &all[service]).collect(),
        None => Vec::new(),
    };
    let in_use = in_use(&services, settings);
    let standing = standing(site, &services, &in_use, settings);
    let mut plan = sold(site, standing.service, settings);
    if in_use.len() > 1 {
        plan.several = in_use.iter().map(|service| by_itself(site, service, settings)).collect();
    }
    apply(standing, site.is_suspended, settings, &mut plan);
    plan
}

fn by_itself(site: &Site, service: &Service, settings: &UispSettings) -> ServicePlan {
    let mut plan = sold(site, Some(service), settings);
    let treatment = treatment(service.status, &settings.status);
    let standing = Standing { treatment, status: service.status, service: Some(service) };
    apply(standing, site.is_suspended, settings, &mut plan);
    ServicePlan { id: service.id.clone(), name: service.name.clone(), described: described(service), plan }
}

/// The services that count while they are in use: those that are active, else those that are shaped all the same. The
/// fastest first.
fn in_use<'s>(services: &[&'s Service], settings: &UispSettings) -> Vec<&'s Service> {
    const ACTIVE: Option<u8> = Some(1);
    let is_shaped = |service: &&&Service| treatment(service.status, &settings.status) == Treatment::Shape;
    let mut in_use: Vec<&Service> = services.iter().filter(is_shaped).copied().collect();
    if in_use.iter().any(|service| service.status == ACTIVE) {
        in_use.retain(|service| service.status == ACTIVE);
    }
    in_use.sort_by_key(|service| std::cmp::Reverse((speed(service.down), speed(service.up)))); // they come by id
    in_use
}

/// How fast a service is, for comparing it with another.
fn speed(rate: ServiceRate) -> Rate {
    match rate {
        ServiceRate::Unstated => Rate::ZERO,
        ServiceRate::Plan(rate) | ServiceRate::Override(rate) => rate,
        ServiceRate::Unlimited => Rate::MAX,
    }
}

fn described(service: &Service) -> String {
    let rate = |rate| match rate {
        ServiceRate::Unstated => "no rate".to_owned(),
        ServiceRate::Plan(rate) | ServiceRate::Override(rate) => rate.to_string(),
        ServiceRate::Unlimited => "no limit".to_owned(),
    };
    format!("`{}` ({}, {} down, {} up)", service.name, service.id.to_text(), rate(service.down), rate(service.up))
}

fn standing<'s>(
    site: &Site,
    services: &[&'s Service],
    in_use: &[&'s Service],
    settings: &UispSettings,
) -> Standing<'s> {
    let of = |service: &Service| treatment(service.status, &settings.status);
    let counts = in_use.first().or_else(|| services.iter().find(|service| of(service) == Treatment::Suspend));
    match counts.or_else(|| services.first()) {
        Some(&service) => Standing { treatment: of(service), status: service.status, service: Some(service) },
        None => Standing {
            treatment: treatment(site.service_status, &settings.status),
            status: site.service_status,
            service: None,
        },
    }
}

/// Where a rate is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatedBy {
    Service,
    Override,
    /// An override by no limit.
    Unlimited,
    Qos,
    /// Nowhere: the default plan of this source, or of all.
    Default,
}

/// The rates that are sold.
fn sold(site: &Site, service: Option<&Service>, settings: &UispSettings) -> Plan {
    let default = settings.default_plan;
    let (down, down_by) = base(service.map(|service| service.down), site.qos.down, default.map(|plan| plan.down));
    let (up, up_by) = base(service.map(|service| service.up), site.qos.up, default.map(|plan| plan.up));
    let mut rates = say_who_states(service, down_by, up_by);
    for (name, burst) in [("download", site.qos.down_burst), ("upload", site.qos.up_burst)] {
        if let Some(bytes) = burst {
            let text = format!("{name}: a burst of {bytes} bytes is the depth of a bucket, and not added to the rate");
            rates.push(text.into());
        }
    }
    say_factors(site, settings, &mut rates);
    Plan {
        down: scaled(down, site, settings),
        up: scaled(up, site, settings),
        rates,
        status: None,
        place: Place::Network,
        is_default: default.is_some() && [down_by, up_by].contains(&StatedBy::Default),
        several: Vec::new(),
    }
}

/// A rate as it was sold, and where it is stated: in CRM before NMS before the default plan. Zero is not a rate.
fn base(of_service: Option<ServiceRate>, of_qos: Option<Rate>, default: Option<Rate>) -> (Option<Rate>, StatedBy) {
    match (of_service, of_qos) {
        (Some(ServiceRate::Plan(rate)), _) if rate > Rate::ZERO => (Some(rate), StatedBy::Service),
        (Some(ServiceRate::Override(rate)), _) if rate > Rate::ZERO => (Some(rate), StatedBy::Override),
        (Some(ServiceRate::Unlimited), _) => (Some(CEILING_UNSTATED), StatedBy::Unlimited),
        (_, Some(rate)) if rate > Rate::ZERO => (Some(rate), StatedBy::Qos),
        _ => (default, StatedBy::Default),
    }
}

fn say_who_states(service: Option<&Service>, down: StatedBy, up: StatedBy) -> Vec<Reason> {
    let name = || service.map_or("", |service| service.name.as_str());
    let say = |by| -> Reason {
        match by {
            StatedBy::Service => format!("CRM service `{}`", name()).into(),
            StatedBy::Override => format!("the traffic shaping override of CRM service `{}`", name()).into(),
            StatedBy::Unlimited => format!("CRM service `{}` is overridden to have no limit", name()).into(),
            StatedBy::Qos => "`qos` of the client site".into(),
            StatedBy::Default => "nothing states a rate above zero, so the default plan is used".into(),
        }
    };
    if down == up {
        return vec![say(down)];
    }
    vec![format!("download: {}", say(down)).into(), format!("upload: {}", say(up)).into()]
}

/// A sold rate with overhead and commitment.
fn scaled(base: Option<Rate>, site: &Site, settings: &UispSettings) -> PlanRate {
    let Some(base) = base else { return PlanRate::default() };
    let max = settings.overhead.of(base);
    let min = match (settings.commit, site.qos.aggregation) {
        (Some(commit), _) => Some(commit.of(base)),
        (None, Some(times)) => Some(divided(base, times)),
        (None, None) => None,
    };
    PlanRate { min: min.map(|min| min.min(max)), max: Some(max) }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are below 2^53, and the divisor is at least 1"
)]
fn divided(rate: Rate, times: f64) -> Rate {
    Rate::from_bit((rate.bit() as f64 / times) as u64)
}

fn say_factors(site: &Site, settings: &UispSettings, reasons: &mut Vec<Reason>) {
    if settings.overhead != crate::Multiplier::ONE {
        reasons.push(format!("times {}, the `overhead`", settings.overhead).into());
    }
    match (settings.commit, site.qos.aggregation) {
        (Some(commit), _) => reasons.push(format!("committed: {commit} of the plan, the `commit`").into()),
        (None, Some(times)) => {
            reasons.push(format!("committed: the plan divided by {times}, the `qos.aggregation`").into());
        }
        (None, None) => {}
    }
}

/// What a status does to the plan.
fn apply(standing: Standing<'_>, is_suspended: bool, settings: &UispSettings, plan: &mut Plan) {
    let status = standing.status.map(status_word);
    match standing.treatment {
        Treatment::LeaveOut => {
            plan.place = Place::LeftOut(Rule::NotInService);
            plan.status = Some(format!("left out: its service is {}", status.unwrap_or("unknown")));
        }
        Treatment::Shape if !is_suspended => {}
        Treatment::Shape | Treatment::Suspend => {
            let by = match (is_suspended, status) {
                (false, Some(status)) => format!("its service is {status}"),
                _ => "UISP says so of the client site".to_owned(),
            };
            plan.status = Some(suspend(&by, settings, plan));
        }
    }
}

/// Applies what the settings say of suspended customers, and says it.
fn suspend(by: &str, settings: &UispSettings, plan: &mut Plan) -> String {
    if let Some((down, up)) = settings.suspended.plan(settings.walled) {
        (plan.down, plan.up) = (down, up);
        plan.is_default = false;
    }
    match settings.suspended {
        Suspended::None => format!("suspended: {by}; it keeps its rates (`suspended = \"none\"`)"),
        Suspended::Slow => {
            format!("suspended: {by}; it gets {} (`suspended = \"slow\"`)", Rate::SUBSCRIBER_MIN)
        }
        Suspended::Ignore => {
            plan.place = Place::LeftOut(Rule::Suspended);
            format!("suspended: {by}; it is left out (`suspended = \"ignore\"`)")
        }
        Suspended::Walled => {
            plan.place = Place::WalledGarden;
            format!("suspended: {by}; it hangs from the walled garden (`suspended = \"walled\"`)")
        }
    }
}

//! Limits of virts.

use pleach_graph::Code;

use super::Checks;
use crate::model::VirtKey;
use crate::mtu::Mtu;
use crate::origin::Subject;
use crate::rule::Direction;

impl Checks<'_> {
    pub(super) fn limits(&mut self) {
        for (net_name, net, name, virt) in self.model.virts() {
            let subject = Subject::Virt(VirtKey { net: net_name.clone(), virt: name.clone() });
            for direction in Direction::BOTH {
                let Some(limit) = virt.limit(direction) else { continue };
                let field = format!("rate.{direction}");
                let errors = limit.errors();
                for error in &errors {
                    let message = format!("rate {direction} of virt `{name}`: {error}");
                    let hint = "state an average of at least 8 bit/s and a burst of at least one frame";
                    self.report(Code::BadRateLimit, &subject, &field, message, hint);
                }
                let mtu = net.mtu.unwrap_or(Mtu::USUAL);
                if let Some(burst) = limit.burst().filter(|_| errors.is_empty() && !limit.passes(mtu)) {
                    let message = format!(
                        "rate {direction} of virt `{name}`: a burst of {burst} holds no frame of {mtu} bytes and its header"
                    );
                    let hint = "state a burst of 64 KiB where the kernel joins packets (GSO), of one frame elsewhere";
                    self.report(Code::SmallBurst, &subject, &field, message, hint);
                }
            }
        }
    }
}

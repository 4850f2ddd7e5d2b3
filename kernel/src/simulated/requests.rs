//! What the kernel does with each request, and what it answers: 0 or an error number.

use pleach_tc::{
    Class, ClassifierState, Endpoint, Handle, Interface, MapWrite, Operation, PortIndex, Qdisc, QdiscKind, Store,
};

use crate::simulated::classifier::Instance;
use crate::simulated::{Port, Simulated};

const ENOENT: i32 = 2;
const EBUSY: i32 = 16;
const EEXIST: i32 = 17;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const E2BIG: i32 = 7;
/// Link, six nodes, circuit (`TC_HTB_MAXDEPTH`).
const MOST_LEVELS: usize = 8;

type Answer = Result<(), i32>;

impl Simulated {
    pub(super) fn request(&mut self, operation: &Operation) -> Answer {
        match operation {
            Operation::AddQdisc { interface, handle, qdisc } => self.add_qdisc(interface, *handle, qdisc),
            Operation::ChangeQdisc { interface, handle, qdisc } => self.change_qdisc(interface, *handle, qdisc),
            Operation::DeleteQdisc { interface, handle, parent } => self.delete_qdisc(interface, *handle, *parent),
            Operation::AddClass { interface, handle, class } => self.add_class(interface, *handle, class),
            Operation::ChangeClass { interface, handle, class } => {
                let old = self.port(interface)?.classes.get_mut(handle).ok_or(ENOENT)?;
                *old = Class { parent: old.parent, ..kept_class(class) }; // another parent is acknowledged and ignored
                Ok(())
            }
            Operation::DeleteClass { interface, handle } => self.delete_class(interface, *handle),
            Operation::AddClsact { interface } => {
                let port = self.port(interface)?;
                if port.has_clsact || port.qdiscs.contains_key(&Handle::CLSACT) {
                    return Err(EEXIST);
                }
                port.has_clsact = true;
                Ok(())
            }
            Operation::DeleteClsact { interface } => {
                let port = self.port(interface)?;
                if !port.has_clsact {
                    return Err(ENOENT);
                }
                (port.has_clsact, port.attached, port.other_filters) = (false, None, 0);
                self.collect();
                Ok(())
            }
            Operation::LoadClassifier { version, sizes } => {
                let empty = ClassifierState { version: *version, sizes: *sizes, ..ClassifierState::default() };
                self.instances.insert(self.next_instance, Instance::holding(&empty));
                self.current = Some(self.next_instance);
                self.next_instance += 1;
                self.collect();
                Ok(())
            }
            Operation::Attach { interface, port } => self.attach(interface, *port),
            Operation::Detach { interface } => {
                self.port(interface)?.attached.take().ok_or(ENOENT)?;
                self.collect();
                Ok(())
            }
            Operation::Map(write) => self.map(write),
            Operation::SetXps { interface, queue, cpus } => {
                let port = self.port(interface)?;
                let is_none = cpus.chars().all(|c| matches!(c, '0' | ','));
                if is_none {
                    port.xps.remove(queue)
                } else {
                    port.xps.insert(*queue, cpus.clone())
                };
                Ok(())
            }
        }
    }

    fn port(&mut self, interface: &Interface) -> Result<&mut Port, i32> {
        self.interfaces.get_mut(interface).ok_or(ENODEV)
    }

    fn add_qdisc(&mut self, interface: &Interface, handle: Handle, qdisc: &Qdisc) -> Answer {
        let port = self.port(interface)?;
        if handle.minor() != 0 || handle.major() == 0 || handle.major() == u16::MAX {
            return Err(EINVAL);
        }
        if port.qdiscs.contains_key(&handle) || port.qdiscs.values().any(|other| other.parent == qdisc.parent) {
            return Err(EEXIST);
        }
        let is_slot = |parent: Handle| {
            let root = port.qdiscs.get(&parent.of_qdisc());
            root.is_some_and(|root| root.kind == QdiscKind::Mq) && (1..=port.queues).contains(&parent.minor())
        };
        if qdisc.kind == QdiscKind::Mq && (qdisc.parent != Handle::ROOT || port.queues < 2) {
            return Err(EINVAL);
        }
        if qdisc.parent != Handle::ROOT && !is_slot(qdisc.parent) {
            if !port.classes.contains_key(&qdisc.parent) {
                return Err(ENOENT);
            }
            if port.classes.values().any(|class| class.parent == qdisc.parent) {
                return Err(EINVAL);
            }
        }
        port.qdiscs.insert(handle, kept_qdisc(qdisc));
        self.packets.lose(interface, qdisc.parent); // the queue that was there goes
        Ok(())
    }

    fn change_qdisc(&mut self, interface: &Interface, handle: Handle, qdisc: &Qdisc) -> Answer {
        let old = self.port(interface)?.qdiscs.get_mut(&handle).ok_or(ENOENT)?;
        let (QdiscKind::Leaf(from), QdiscKind::Leaf(to)) = (&old.kind, &qdisc.kind) else { return Err(EINVAL) };
        if from.kind() != to.kind() || old.parent != qdisc.parent {
            return Err(EINVAL);
        }
        let (keeps, parent) = (from.can_become(to), qdisc.parent);
        if !keeps && from.kind() == "fq_codel" {
            return Err(EINVAL);
        }
        *old = kept_qdisc(qdisc);
        if !keeps {
            self.packets.lose(interface, parent);
        }
        Ok(())
    }

    fn delete_qdisc(&mut self, interface: &Interface, handle: Handle, parent: Handle) -> Answer {
        let port = self.port(interface)?;
        if port.qdiscs.get(&handle).ok_or(ENOENT)?.parent != parent {
            return Err(EINVAL);
        }
        let is_root = parent == Handle::ROOT;
        port.qdiscs.retain(|&other, qdisc| {
            let is_below = is_root && other != Handle::CLSACT || qdisc.parent.of_qdisc() == handle;
            other != handle && !is_below
        });
        port.classes.retain(|class, _| !is_root && class.of_qdisc() != handle);
        self.packets.lose_all(interface, |class| is_root || class.of_qdisc() == handle || class == parent);
        Ok(())
    }

    fn add_class(&mut self, interface: &Interface, handle: Handle, class: &Class) -> Answer {
        let port = self.port(interface)?;
        let htb = port.qdiscs.get(&handle.of_qdisc()).ok_or(ENOENT)?;
        if htb.kind != QdiscKind::Htb || handle.minor() == 0 || class.rate.bit() == 0 {
            return Err(EINVAL);
        }
        if port.classes.contains_key(&handle) {
            return Err(EEXIST);
        }
        let mut levels = 1;
        let mut at = class.parent;
        while at != handle.of_qdisc() {
            at = port.classes.get(&at).filter(|_| at.of_qdisc() == handle.of_qdisc()).ok_or(ENOENT)?.parent;
            levels += 1;
        }
        if levels > MOST_LEVELS {
            return Err(EINVAL);
        }
        port.classes.insert(handle, kept_class(class));
        port.qdiscs.retain(|_, qdisc| qdisc.parent != class.parent || class.parent.minor() == 0);
        if class.parent.minor() != 0 {
            self.packets.lose(interface, class.parent);
        }
        Ok(())
    }

    fn delete_class(&mut self, interface: &Interface, handle: Handle) -> Answer {
        let port = self.port(interface)?;
        if !port.classes.contains_key(&handle) {
            return Err(ENOENT);
        }
        if port.classes.values().any(|class| class.parent == handle) {
            return Err(EBUSY);
        }
        port.classes.remove(&handle);
        port.qdiscs.retain(|_, qdisc| qdisc.parent != handle);
        self.packets.lose(interface, handle);
        Ok(())
    }

    fn attach(&mut self, interface: &Interface, index: PortIndex) -> Answer {
        let instance = self.current.ok_or(ENOENT)?;
        let port = self.port(interface)?;
        if !port.has_clsact {
            return Err(EINVAL);
        }
        port.attached = Some((instance, index));
        self.collect();
        Ok(())
    }

    fn map(&mut self, write: &MapWrite) -> Answer {
        let instance = self.current.and_then(|instance| self.instances.get_mut(&instance)).ok_or(ENOENT)?;
        let state = &mut instance.rest;
        match write {
            MapWrite::PutDevice { store, key, value } => {
                if *store == Store::Exact && !Store::takes_exact(key.prefix) {
                    return Err(EINVAL);
                }
                let most = usize::try_from(instance.rest.sizes.devices).unwrap_or(usize::MAX);
                let map = instance.store(*store);
                if !map.contains_key(key) && map.len() >= most {
                    return Err(E2BIG);
                }
                map.insert(*key, *value);
                Ok(())
            }
            MapWrite::RemoveDevice { store, key } => instance.store(*store).remove(key).map(|_| ()).ok_or(ENOENT),
            MapWrite::SetPort { index, port } => {
                state.ports.insert(*index, *port);
                Ok(())
            }
            MapWrite::Watch(prefix) => {
                state.watched.insert(*prefix);
                Ok(())
            }
            MapWrite::Unwatch(prefix) => state.watched.remove(prefix).then_some(()).ok_or(ENOENT),
            MapWrite::SetEndpoint { endpoint, carried } => {
                let is_full = state.endpoints.len() >= Endpoint::MOST as usize;
                if is_full && !state.endpoints.contains_key(endpoint) {
                    return Err(E2BIG);
                }
                state.endpoints.insert(*endpoint, *carried);
                Ok(())
            }
            MapWrite::RemoveEndpoint(endpoint) => state.endpoints.remove(endpoint).map(|_| ()).ok_or(ENOENT),
            MapWrite::Identify { key, record } => {
                state.identities.insert(key.clone(), *record);
                Ok(())
            }
            MapWrite::Forget(key) => state.identities.remove(key).map(|_| ()).ok_or(ENOENT),
        }
    }
}

/// As the kernel keeps it.
fn kept_class(class: &Class) -> Class {
    Class { rate: Class::kernel_rate(class.rate), ceil: Class::kernel_rate(class.ceil), ..*class }
}

fn kept_qdisc(qdisc: &Qdisc) -> Qdisc {
    let kind = match &qdisc.kind {
        QdiscKind::Leaf(leaf) => QdiscKind::Leaf(leaf.kept()),
        other => other.clone(),
    };
    Qdisc { parent: qdisc.parent, kind }
}

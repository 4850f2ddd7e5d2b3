//! Clsact and the filter that runs the classifier, with a program that lets everything pass.
#![allow(unsafe_code)] // loads a program of two instructions

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use pleach_kernel::netlink::filter::AttachedProgram;
use pleach_kernel::{Adopted, Attachable, Kernel, KernelError, Linux};
use pleach_tc::layout::FILTER_PREFERENCE;
use pleach_tc::{ClassifierState, ClassifierVersion, Interface, MapSizes, MapWrite, Operation, PortIndex, Statistics};

use crate::harness::{DEVICE, execute, in_namespace, observe, pair, refused, run};

/// `r0 = -1; exit`: says nothing about the packet, so that filters behind it still run.
const PROGRAM: [u64; 2] = [0xffff_ffff_0000_00b7, 0x95];

/// The first fields of `union bpf_attr` for `BPF_PROG_LOAD`.
#[repr(C)]
struct ProgramLoad {
    kind: u32,
    instructions: u32,
    program: u64,
    license: u64,
    rest: [u64; 12],
}

fn load_program() -> OwnedFd {
    const BPF_PROG_LOAD: libc::c_long = 5;
    const SCHED_CLS: u32 = 3;
    let license = c"GPL";
    let attributes = ProgramLoad {
        kind: SCHED_CLS,
        instructions: 2,
        program: PROGRAM.as_ptr() as u64,
        license: license.as_ptr() as u64,
        rest: [0; 12],
    };
    // SAFETY: both addresses are of constants, as long as stated; the descriptor that is returned is nobody else's.
    unsafe {
        let fd = libc::syscall(libc::SYS_bpf, BPF_PROG_LOAD, &raw const attributes, size_of::<ProgramLoad>());
        assert!(fd >= 0, "{}", std::io::Error::last_os_error());
        OwnedFd::from_raw_fd(i32::try_from(fd).expect("a descriptor"))
    }
}

/// A classifier without maps: its state says which of its programs are attached.
#[derive(Default)]
struct Passing {
    loaded: Option<OwnedFd>,
}

impl Attachable for Passing {
    fn load(&mut self, _: ClassifierVersion, _: MapSizes) -> Result<(), KernelError> {
        self.loaded = Some(load_program());
        Ok(())
    }

    fn program(&mut self, _: PortIndex) -> Result<BorrowedFd<'_>, KernelError> {
        Ok(self.loaded.as_ref().expect("a loaded program").as_fd())
    }

    fn observe(&mut self, attached: &BTreeMap<Interface, AttachedProgram>) -> Result<Option<Adopted>, KernelError> {
        assert!(attached.values().all(|program| program.program > 0));
        let sizes = MapSizes { devices: u32::try_from(attached.len()).expect("few"), ..MapSizes::default() };
        let state = ClassifierState { sizes, ..ClassifierState::default() };
        let interfaces = attached.keys().cloned().collect();
        Ok((!attached.is_empty()).then_some(Adopted { state, interfaces }))
    }

    fn write(&mut self, writes: &[&MapWrite]) -> Result<(), (usize, KernelError)> {
        match writes.iter().position(|write| matches!(write, MapWrite::Unwatch(_))) {
            Some(at) => {
                Err((at, KernelError::Malformed { operation: "writing".to_owned(), what: "unwatch".to_owned() }))
            }
            None => Ok(()),
        }
    }

    fn statistics(&mut self, statistics: &mut Statistics) -> Result<(), KernelError> {
        statistics.unknown.clear();
        Ok(())
    }
}

fn shaper() -> Linux {
    Linux::open().expect("a socket").attaching(Box::new(Passing::default()))
}

fn load() -> Operation {
    Operation::LoadClassifier { version: ClassifierVersion::default(), sizes: MapSizes::default() }
}

#[test]
fn a_program_is_attached_replaced_and_taken_away() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux = shaper();
        let attach = |port| Operation::Attach { interface: interface.clone(), port };
        let state = |linux: &mut Linux| observe(linux, &interface);

        execute(
            &mut linux,
            &[load(), Operation::AddClsact { interface: interface.clone() }, attach(PortIndex::Download)],
        );
        let attached = state(&mut linux);
        assert!(attached.interfaces[&interface].has_clsact);
        assert_eq!(attached.interfaces[&interface].attached, Some(PortIndex::Download));
        assert_eq!(attached.classifier.expect("a classifier").sizes.devices, 1);
        let first = run(&format!("tc filter show dev {DEVICE} egress"));
        assert!(first.contains("direct-action") && first.contains(&format!("pref {FILTER_PREFERENCE} ")), "{first}");

        // Somebody else's filter stays, whatever we do with ours.
        run(&format!(
            "tc filter add dev {DEVICE} egress pref 9 protocol ip u32 match u32 0 0 action mirred egress redirect dev lo"
        ));
        assert_eq!(state(&mut linux).interfaces[&interface].other_filters, 1);
        run(&format!(
            "tc filter add dev {DEVICE} ingress pref {FILTER_PREFERENCE} protocol ip u32 match u32 0 0 action mirred egress redirect dev lo"
        ));
        assert_eq!(state(&mut linux).interfaces[&interface].other_filters, 2, "clsact has two sides");
        assert_eq!(state(&mut linux).interfaces[&interface].attached, Some(PortIndex::Download));
        execute(&mut linux, &[load(), attach(PortIndex::Stick)]);
        let second = run(&format!("tc filter show dev {DEVICE} egress"));
        assert_eq!(second.matches("direct-action").count(), 1, "one took the other's place: {second}");
        assert_eq!(state(&mut linux).interfaces[&interface].attached, Some(PortIndex::Stick));

        execute(&mut linux, &[Operation::Detach { interface: interface.clone() }]);
        let after = state(&mut linux);
        assert_eq!((after.interfaces[&interface].attached, after.classifier), (None, None));
        assert!(run(&format!("tc filter show dev {DEVICE} egress")).contains("pref 9 "));
        execute(&mut linux, &[Operation::DeleteClsact { interface: interface.clone() }]);
        assert!(!state(&mut linux).interfaces[&interface].has_clsact);
    });
}

#[test]
fn somebody_elses_filter_at_our_place_is_not_touched() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux = shaper();
        execute(&mut linux, &[load(), Operation::AddClsact { interface: interface.clone() }]);
        run(&format!(
            "tc filter add dev {DEVICE} egress pref {FILTER_PREFERENCE} protocol ip u32 match u32 0 0 action mirred egress redirect dev lo"
        ));
        let before = run(&format!("tc filter show dev {DEVICE} egress"));
        let attach = Operation::Attach { interface: interface.clone(), port: PortIndex::Upload };
        for operation in [attach, Operation::Detach { interface: interface.clone() }] {
            let said = refused(&mut linux, operation);
            assert!(said.contains("somebody else's"), "{said}");
        }
        assert_eq!(run(&format!("tc filter show dev {DEVICE} egress")), before);
        let state = observe(&mut linux, &interface);
        assert_eq!((state.interfaces[&interface].attached, state.interfaces[&interface].other_filters), (None, 1));
    });
}

#[test]
fn operations_of_both_kinds_are_done_in_order_and_stop_at_the_first_refusal() {
    in_namespace(|| {
        let interface = pair(1);
        let network = pleach_graph::Prefix::parse("192.0.2.0/24").expect("a prefix").prefix;
        let operations = [
            load(),
            Operation::AddClsact { interface: interface.clone() },
            Operation::Map(MapWrite::Watch(network)),
            Operation::Map(MapWrite::Unwatch(network)),
            Operation::DeleteClsact { interface: interface.clone() },
        ];
        let mut linux = shaper();
        let executed = linux.execute(&operations);
        assert_eq!(executed.sent, 4);
        assert!(matches!(&executed.refused[..], [(3, KernelError::Malformed { .. })]), "{executed:?}");
        assert!(observe(&mut linux, &interface).interfaces[&interface].has_clsact, "nothing behind it was sent");

        let said = refused(&mut Linux::open().expect("a socket"), load());
        assert!(said.contains("this program has"), "{said}");
    });
}

#[test]
fn attaching_without_clsact_is_refused_in_the_kernels_words() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux = shaper();
        execute(&mut linux, &[load()]);
        let said = refused(&mut linux, Operation::Attach { interface: interface.clone(), port: PortIndex::Upload });
        assert!(said.starts_with("tc filter replace dev shaped egress pref 2766 handle 1 bpf"), "{said}");
    });
}

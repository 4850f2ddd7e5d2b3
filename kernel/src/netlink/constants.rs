//! Numbers of the kernel's interface, under the kernel's own names. Source: `include/uapi/linux/rtnetlink.h`,
//! `pkt_sched.h`, `pkt_cls.h`, `gen_stats.h` and `netlink.h` (6.12).
#![expect(missing_docs, reason = "the kernel's own names")]

pub const RTM_GETLINK: u16 = 18;
pub const RTM_NEWQDISC: u16 = 36;
pub const RTM_DELQDISC: u16 = 37;
pub const RTM_GETQDISC: u16 = 38;
pub const RTM_NEWTCLASS: u16 = 40;
pub const RTM_DELTCLASS: u16 = 41;
pub const RTM_GETTCLASS: u16 = 42;
pub const RTM_NEWTFILTER: u16 = 44;
pub const RTM_DELTFILTER: u16 = 45;
pub const RTM_GETTFILTER: u16 = 46;

pub const IFLA_IFNAME: u16 = 3;
pub const IFLA_MTU: u16 = 4;
pub const IFLA_NUM_TX_QUEUES: u16 = 31;

pub const TCA_KIND: u16 = 1;
pub const TCA_OPTIONS: u16 = 2;
pub const TCA_STATS2: u16 = 7;

pub const TCA_STATS_BASIC: u16 = 1;
pub const TCA_STATS_QUEUE: u16 = 3;
pub const TCA_STATS_APP: u16 = 4;
pub const TCA_STATS_PKT64: u16 = 8;

pub const TC_LINKLAYER_ETHERNET: u8 = 1;

pub const TCA_HTB_PARMS: u16 = 1;
pub const TCA_HTB_INIT: u16 = 2;
pub const TCA_HTB_DIRECT_QLEN: u16 = 5;
pub const TCA_HTB_RATE64: u16 = 6;
pub const TCA_HTB_CEIL64: u16 = 7;
pub const TCA_HTB_OFFLOAD: u16 = 9;

pub const TCA_CAKE_BASE_RATE64: u16 = 2;
pub const TCA_CAKE_DIFFSERV_MODE: u16 = 3;
pub const TCA_CAKE_ATM: u16 = 4;
pub const TCA_CAKE_FLOW_MODE: u16 = 5;
pub const TCA_CAKE_OVERHEAD: u16 = 6;
pub const TCA_CAKE_RTT: u16 = 7;
pub const TCA_CAKE_TARGET: u16 = 8;
pub const TCA_CAKE_AUTORATE: u16 = 9;
pub const TCA_CAKE_MEMORY: u16 = 10;
pub const TCA_CAKE_NAT: u16 = 11;
pub const TCA_CAKE_RAW: u16 = 12;
pub const TCA_CAKE_WASH: u16 = 13;
pub const TCA_CAKE_MPU: u16 = 14;
pub const TCA_CAKE_INGRESS: u16 = 15;
pub const TCA_CAKE_ACK_FILTER: u16 = 16;
pub const TCA_CAKE_SPLIT_GSO: u16 = 17;
pub const TCA_CAKE_FWMARK: u16 = 18;

pub const TCA_CAKE_STATS_TIN_STATS: u16 = 10;
pub const TCA_CAKE_TIN_STATS_SENT_PACKETS: u16 = 2;
pub const TCA_CAKE_TIN_STATS_SENT_BYTES64: u16 = 3;
pub const TCA_CAKE_TIN_STATS_DROPPED_PACKETS: u16 = 4;
pub const TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS: u16 = 8;
pub const TCA_CAKE_TIN_STATS_PEAK_DELAY_US: u16 = 18;
pub const TCA_CAKE_TIN_STATS_AVG_DELAY_US: u16 = 19;
pub const TCA_CAKE_TIN_STATS_BASE_DELAY_US: u16 = 20;

pub const TCA_FQ_CODEL_TARGET: u16 = 1;
pub const TCA_FQ_CODEL_LIMIT: u16 = 2;
pub const TCA_FQ_CODEL_INTERVAL: u16 = 3;
pub const TCA_FQ_CODEL_ECN: u16 = 4;
pub const TCA_FQ_CODEL_FLOWS: u16 = 5;
pub const TCA_FQ_CODEL_QUANTUM: u16 = 6;
pub const TCA_FQ_CODEL_CE_THRESHOLD: u16 = 7;
pub const TCA_FQ_CODEL_DROP_BATCH_SIZE: u16 = 8;
pub const TCA_FQ_CODEL_MEMORY_LIMIT: u16 = 9;
pub const TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR: u16 = 10;

pub const TCA_BPF_FD: u16 = 6;
pub const TCA_BPF_NAME: u16 = 7;
pub const TCA_BPF_FLAGS: u16 = 8;
pub const TCA_BPF_ID: u16 = 11;
pub const TCA_BPF_FLAG_ACT_DIRECT: u32 = 1;

pub const ETH_P_ALL: u16 = 3;

pub const NLMSGERR_ATTR_MSG: u16 = 1;

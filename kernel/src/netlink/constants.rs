//! Numbers of the kernel's interface, under the kernel's own names. Source: `include/uapi/linux/rtnetlink.h`,
//! `if_addr.h`, `if_link.h`, `neighbour.h`,
//! `pkt_sched.h`, `pkt_cls.h`, `tc_act/*.h`, `gen_stats.h` and `netlink.h` (6.12).
#![expect(missing_docs, reason = "the kernel's own names")]

pub const RTM_NEWLINK: u16 = 16;
pub const RTM_DELLINK: u16 = 17;
pub const RTM_GETLINK: u16 = 18;
pub const RTM_GETADDR: u16 = 22;
pub const RTM_NEWNEIGH: u16 = 28;
pub const RTM_DELNEIGH: u16 = 29;
pub const RTM_GETNEIGH: u16 = 30;
pub const RTM_NEWQDISC: u16 = 36;
pub const RTM_DELQDISC: u16 = 37;
pub const RTM_GETQDISC: u16 = 38;
pub const RTM_NEWTCLASS: u16 = 40;
pub const RTM_DELTCLASS: u16 = 41;
pub const RTM_GETTCLASS: u16 = 42;
pub const RTM_NEWTFILTER: u16 = 44;
pub const RTM_DELTFILTER: u16 = 45;
pub const RTM_GETTFILTER: u16 = 46;

pub const IFA_ADDRESS: u16 = 1;
pub const IFA_LOCAL: u16 = 2;

pub const IFLA_IFNAME: u16 = 3;
pub const IFLA_MTU: u16 = 4;
pub const IFLA_LINK: u16 = 5;
pub const IFLA_MASTER: u16 = 10;
pub const IFLA_LINKINFO: u16 = 18;
pub const IFLA_IFALIAS: u16 = 20;
pub const IFLA_STATS64: u16 = 23;
pub const IFLA_AF_SPEC: u16 = 26;
pub const IFLA_EXT_MASK: u16 = 29;
pub const IFLA_NUM_TX_QUEUES: u16 = 31;
pub const IFLA_GSO_MAX_SEGS: u16 = 40;
pub const IFLA_GSO_MAX_SIZE: u16 = 41;
pub const IFLA_TSO_MAX_SIZE: u16 = 59;
pub const IFLA_TSO_MAX_SEGS: u16 = 60;

pub const RTEXT_FILTER_SKIP_STATS: u32 = 1 << 3;

pub const IFF_UP: u32 = 1;

pub const IFLA_INFO_KIND: u16 = 1;
pub const IFLA_INFO_DATA: u16 = 2;
pub const IFLA_INFO_SLAVE_DATA: u16 = 5;
pub const IFLA_BRPORT_ISOLATED: u16 = 33;

pub const AF_INET6: u16 = 10;
pub const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
pub const IN6_ADDR_GEN_MODE_NONE: u8 = 1;

pub const IFLA_VLAN_ID: u16 = 1;
pub const IFLA_VLAN_PROTOCOL: u16 = 5;
pub const ETH_P_8021Q: u16 = 0x8100;

pub const IFLA_VXLAN_ID: u16 = 1;
pub const IFLA_VXLAN_GROUP: u16 = 2;
pub const IFLA_VXLAN_LINK: u16 = 3;
pub const IFLA_VXLAN_LOCAL: u16 = 4;
pub const IFLA_VXLAN_LEARNING: u16 = 7;
pub const IFLA_VXLAN_PORT: u16 = 15;
pub const IFLA_VXLAN_GROUP6: u16 = 16;
pub const IFLA_VXLAN_LOCAL6: u16 = 17;
pub const IFLA_VXLAN_COLLECT_METADATA: u16 = 25;
pub const IFLA_VXLAN_DF: u16 = 29;
pub const VXLAN_DF_SET: u8 = 1;

pub const IFLA_GENEVE_ID: u16 = 1;
pub const IFLA_GENEVE_REMOTE: u16 = 2;
pub const IFLA_GENEVE_PORT: u16 = 5;
pub const IFLA_GENEVE_COLLECT_METADATA: u16 = 6;
pub const IFLA_GENEVE_REMOTE6: u16 = 7;
pub const IFLA_GENEVE_DF: u16 = 13;
pub const GENEVE_DF_SET: u8 = 1;

pub const NDA_DST: u16 = 1;
pub const NDA_LLADDR: u16 = 2;
pub const NUD_NOARP: u16 = 0x40;
pub const NUD_PERMANENT: u16 = 0x80;
pub const NTF_SELF: u8 = 0x02;

pub const TCA_KIND: u16 = 1;
pub const TCA_OPTIONS: u16 = 2;
pub const TCA_STATS2: u16 = 7;
pub const TCA_CHAIN: u16 = 11;

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
pub const ETH_P_IP: u16 = 0x0800;
pub const ETH_P_IPV6: u16 = 0x86dd;

pub const TCA_FLOWER_ACT: u16 = 3;
pub const TCA_FLOWER_KEY_ETH_DST: u16 = 4;
pub const TCA_FLOWER_KEY_ETH_DST_MASK: u16 = 5;
pub const TCA_FLOWER_KEY_ETH_SRC: u16 = 6;
pub const TCA_FLOWER_KEY_ETH_SRC_MASK: u16 = 7;
pub const TCA_FLOWER_KEY_ETH_TYPE: u16 = 8;
pub const TCA_FLOWER_KEY_IP_PROTO: u16 = 9;
pub const TCA_FLOWER_KEY_IPV4_SRC: u16 = 10;
pub const TCA_FLOWER_KEY_IPV4_SRC_MASK: u16 = 11;
pub const TCA_FLOWER_KEY_IPV4_DST: u16 = 12;
pub const TCA_FLOWER_KEY_IPV4_DST_MASK: u16 = 13;
pub const TCA_FLOWER_KEY_IPV6_SRC: u16 = 14;
pub const TCA_FLOWER_KEY_IPV6_SRC_MASK: u16 = 15;
pub const TCA_FLOWER_KEY_IPV6_DST: u16 = 16;
pub const TCA_FLOWER_KEY_IPV6_DST_MASK: u16 = 17;
pub const TCA_FLOWER_KEY_TCP_SRC: u16 = 18;
pub const TCA_FLOWER_KEY_TCP_DST: u16 = 19;
pub const TCA_FLOWER_KEY_UDP_SRC: u16 = 20;
pub const TCA_FLOWER_KEY_UDP_DST: u16 = 21;
pub const TCA_FLOWER_FLAGS: u16 = 22;
pub const TCA_FLOWER_KEY_ENC_KEY_ID: u16 = 26;
pub const TCA_FLOWER_KEY_ENC_IPV4_SRC: u16 = 27;
pub const TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK: u16 = 28;
pub const TCA_FLOWER_KEY_ENC_IPV6_SRC: u16 = 31;
pub const TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK: u16 = 32;
pub const TCA_FLOWER_KEY_SCTP_SRC: u16 = 41;
pub const TCA_FLOWER_KEY_SCTP_DST: u16 = 42;
pub const TCA_FLOWER_KEY_PORT_SRC_MIN: u16 = 87;
pub const TCA_FLOWER_KEY_PORT_SRC_MAX: u16 = 88;
pub const TCA_FLOWER_KEY_PORT_DST_MIN: u16 = 89;
pub const TCA_FLOWER_KEY_PORT_DST_MAX: u16 = 90;

pub const TCA_ACT_KIND: u16 = 1;
pub const TCA_ACT_OPTIONS: u16 = 2;
pub const TCA_ACT_STATS: u16 = 4;
pub const TC_ACT_UNSPEC: u32 = u32::MAX;
pub const TC_ACT_SHOT: u32 = 2;
pub const TC_ACT_PIPE: u32 = 3;
pub const TC_ACT_STOLEN: u32 = 4;
pub const TC_ACT_GOTO_CHAIN: u32 = 2 << 28;

pub const TCA_GACT_PARMS: u16 = 2;
pub const TCA_MIRRED_PARMS: u16 = 2;
pub const TCA_EGRESS_REDIR: u32 = 1;
pub const TCA_EGRESS_MIRROR: u32 = 2;
pub const TCA_INGRESS_REDIR: u32 = 3;

pub const TCA_SKBEDIT_PARMS: u16 = 2;
pub const TCA_SKBEDIT_PRIORITY: u16 = 3;
pub const TCA_SKBEDIT_QUEUE_MAPPING: u16 = 4;
pub const TCA_SKBEDIT_MARK: u16 = 5;
pub const TCA_SKBEDIT_PTYPE: u16 = 7;
pub const TCA_SKBEDIT_MASK: u16 = 8;
pub const TCA_SKBEDIT_FLAGS: u16 = 9;
pub const TCA_VLAN_PARMS: u16 = 2;
pub const TCA_VLAN_PUSH_VLAN_ID: u16 = 3;
pub const TCA_VLAN_PUSH_VLAN_PROTOCOL: u16 = 4;
pub const TCA_VLAN_PUSH_VLAN_PRIORITY: u16 = 6;
pub const TCA_VLAN_ACT_PUSH: u32 = 2;
pub const TCA_TUNNEL_KEY_PARMS: u16 = 2;
pub const TCA_TUNNEL_KEY_ENC_IPV4_SRC: u16 = 3;
pub const TCA_TUNNEL_KEY_ENC_IPV4_DST: u16 = 4;
pub const TCA_TUNNEL_KEY_ENC_IPV6_SRC: u16 = 5;
pub const TCA_TUNNEL_KEY_ENC_IPV6_DST: u16 = 6;
pub const TCA_TUNNEL_KEY_ENC_KEY_ID: u16 = 7;
pub const TCA_TUNNEL_KEY_NO_CSUM: u16 = 10;
pub const TCA_TUNNEL_KEY_NO_FRAG: u16 = 14;
pub const TCA_TUNNEL_KEY_ACT_SET: u32 = 1;

pub const TCA_POLICE_TBF: u16 = 1;
pub const TCA_POLICE_RATE: u16 = 2;
pub const TCA_POLICE_PEAKRATE: u16 = 3;
pub const TCA_POLICE_RESULT: u16 = 5;
pub const TCA_POLICE_RATE64: u16 = 8;
pub const TCA_POLICE_PEAKRATE64: u16 = 9;

pub const NLMSGERR_ATTR_MSG: u16 = 1;

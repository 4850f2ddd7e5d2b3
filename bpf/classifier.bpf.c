// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The classifier: finds the subscriber that a packet is for or from, and the class and transmit queue that carry it.
//
// It stands on clsact's egress of every shaped interface, says which class by `skb->priority` and which queue by
// `skb->queue_mapping`, and returns TC_ACT_UNSPEC, so that filters behind it still run. It never drops, never changes a
// byte, and puts what it cannot read into the default class.
//
// One object, three entry points at the end of the file. What the maps mean is told in the tc crate (`classifier`,
// `statistics`, `wire`); both sides must agree byte for byte. Only helpers and maps that Linux 5.15 has: a test reads the
// object and compares.

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define INLINE static __always_inline

// Sizes: those of the device map, identities and slots are what an object has that is loaded as it is; the loader sets its own.
#define DEVICES 131072
#define IDENTITIES 131072
#define SLOTS 131072
#define WATCHED 4096
#define UNKNOWN 16384
#define ENDPOINTS 4096

// New unknown addresses that a CPU may record in a window of time: 400 a second at HZ 100, 4 000 at HZ 1000. Recording one
// costs several times as much as classifying a packet, and an attacker chooses how many there are.
#define RECORDS_PER_WINDOW 64
#define WINDOW_JIFFIES_SHIFT 4

#define MOST_TAGS 2
#define MOST_LABELS 8

#define MAJOR_OF(class) ((class) & 0xffff0000)
#define MINOR_OF(class) ((class) & 0xffff)
#define VLAN_ID 0x0fff
#define NET_SCOPE 0x80000000 // a scope with this bit is a net's, and has its number (VNI) below

enum direction { DOWNLOAD, UPLOAD };
enum port_index { PORT_DOWNLOAD, PORT_UPLOAD, PORT_STICK, PORTS };
enum mode { SHAPE, BYPASS };

// In the order of Reason in the tc crate.
enum reason {
    KNOWN,
    NOT_IP,
    CONTROL,
    UNKNOWN_IPV4,
    UNKNOWN_IPV6,
    TRUNCATED,
    TOO_DEEP,
    NOT_UNDERSTOOD,
    OTHER_VLAN,
    BYPASSED,
    NOT_RECORDED,
    UNKNOWN_IN_NET,
    TUNNEL_FRAGMENT,
    REASONS
};

struct exact4_key {
    u32 scope;
    u32 address;
};

struct exact6_key {
    u32 scope;
    u32 length;
    u64 address[2];
};

struct trie4_key {
    u32 prefix_length;
    u32 scope; // big-endian, because a trie compares from the first byte
    u32 address;
};

struct trie6_key {
    u32 prefix_length;
    u32 scope; // big-endian
    u32 address[4];
};

struct watched4_key {
    u32 prefix_length;
    u32 address;
};

struct watched6_key {
    u32 prefix_length;
    u32 address[4];
};

struct device {
    u32 class[2];
    u16 queue[2];
    u32 slot;
};

struct port {
    u32 mode;
    u32 default_class[2];
    u16 default_queue[2];
    u16 vlan[2];
    u32 mark_mask; // which bits of an upload's `skb->mark` are the number of its net; 0: none
    u32 mark_shift;
};

// An address where tunnels end, IPv4 as mapped IPv6, and a UDP port of it; port 0 for fragments, which have none.
struct endpoint_key {
    u32 address[4];
    u16 zero;
    u16 port; // big-endian
};

enum technology { VXLAN = 1, GENEVE = 2 };

struct about {
    u32 absent; // what a set bit names is in no store, so it need not be looked for; zero is always right
    u32 slots;  // how many circuits have counters: the length of a row of them
    u8 version[8]; // not read here: which object was loaded
};

struct identity_key {
    u32 interface;
    u32 class;
};

struct identity {
    u8 identity[16];
    u32 slot;
};

struct count {
    u64 packets;
    u64 bytes;
};

struct address {
    u64 half[2];
};

// What each CPU keeps to itself.
struct scratch {
    u64 window;
    u32 spent;
    u32 found;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, DEVICES);
    __type(key, struct exact4_key);
    __type(value, struct device);
} exact4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, DEVICES);
    __type(key, struct exact6_key);
    __type(value, struct device);
} exact6 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DEVICES);
    __type(key, struct trie4_key);
    __type(value, struct device);
} trie4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DEVICES);
    __type(key, struct trie6_key);
    __type(value, struct device);
} trie6 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, PORTS);
    __type(key, u32);
    __type(value, struct port);
} ports SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct about);
} about SEC(".maps");

// Bits of `absent`.
#define ABSENT_SCOPED 1
#define ABSENT_LENGTH_64 2
#define ABSENT_LENGTH_56 4
#define ABSENT_ENDPOINTS 8

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, WATCHED);
    __type(key, struct watched4_key);
    __type(value, u8);
} watched4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, WATCHED);
    __type(key, struct watched6_key);
    __type(value, u8);
} watched6 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, ENDPOINTS);
    __type(key, struct endpoint_key);
    __type(value, u32);
} endpoints SEC(".maps");

// Not read here: whose class each class is, kept where it lives as long as the program does.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, IDENTITIES);
    __type(key, struct identity_key);
    __type(value, struct identity);
} identities SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 2 * SLOTS); // for each CPU; the loader knows how many there are
    __type(key, u32);
    __type(value, struct count);
} slots SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 2 * REASONS);
    __type(key, u32);
    __type(value, struct count);
} reasons SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
    __uint(max_entries, UNKNOWN);
    __type(key, struct address);
    __type(value, struct count);
} unknown SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct scratch);
} scratch SEC(".maps");

#define ETHERNET_HEADER 14
#define ETHERTYPE_OFFSET 12
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_SERVICE_VLAN 0x88a8
#define ETHERTYPE_OLD_SERVICE_VLAN 0x9100
#define ETHERTYPE_PPPOE_SESSION 0x8864
#define ETHERTYPE_MPLS 0x8847
#define ETHERTYPE_MPLS_MULTICAST 0x8848
#define ETHERTYPE_BRIDGING 0x6558 // Ethernet in Geneve

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_COMPRESSED 0x0100

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_OSPF 89

#define VLAN_TAG 4
#define PPPOE_HEADER 8 // with the PPP protocol at its end
#define PPPOE_PROTOCOL 6

// Of the network header only these fields are read.
#define IPV4_HEADER 20
#define IPV4_FRAGMENT 6
#define IPV4_PROTOCOL 9
#define IPV4_ADDRESSES 12
#define IPV6_HEADER 40
#define IPV6_NEXT_HEADER 6 // the hop limit follows
#define IPV6_ADDRESSES 8

#define UDP_HEADER 8
#define UDP_DESTINATION 2
#define TUNNEL_HEADER 8 // of VXLAN (RFC 7348) and Geneve (RFC 8926), whose options follow
#define TUNNEL_NET 4    // the net's number, in the first three of four bytes
#define VXLAN_HAS_NET 0x08
#define GENEVE_VERSION 0xc0
#define GENEVE_OPTIONS 0x3f // in words
#define GENEVE_PROTOCOL 2

// Where a packet's network header is, and which of the two it is; or why there is none.
struct found {
    u32 offset;
    u32 scope;
    u8 is_ipv4; // else it is IPv6
    u8 reason;  // KNOWN: the other fields hold
};

// What was decided about a packet.
struct verdict {
    u32 class;
    u16 queue;
    u8 reason;
};

// Reads a field of the frame, whether or not it is in the skb's linear part. Not 0: the frame ends before it. Loads need
// not be aligned: every architecture that a 64-bit verifier runs on takes them from packets. The mask tells the verifier
// what is so, and stands in assembler because the compiler knows it too.
#define DEFINE_READ(type)                                                                                              \
    INLINE int read_##type(struct __sk_buff *skb, u64 offset, type *to) {                                              \
        void *data = (void *)(long)skb->data;                                                                          \
        void *end = (void *)(long)skb->data_end;                                                                       \
                                                                                                                       \
        asm volatile("%0 &= 1023" : "+r"(offset));                                                                     \
        if (data + offset + sizeof(type) <= end) {                                                                     \
            *to = *(type *)(data + offset);                                                                            \
            return 0;                                                                                                  \
        }                                                                                                              \
        return bpf_skb_load_bytes(skb, offset, to, sizeof(type));                                                      \
    }
DEFINE_READ(u8)
DEFINE_READ(u16)
DEFINE_READ(u32)
DEFINE_READ(u64)

INLINE void add(struct count *count, struct __sk_buff *skb) {
    u32 segments = skb->gso_segs;

    count->packets += segments ? segments : 1;
    count->bytes += skb->wire_len;
}

INLINE void count_reason(struct __sk_buff *skb, u32 reason, u32 direction) {
    u32 index = 2 * reason + direction;
    struct count *count = bpf_map_lookup_elem(&reasons, &index);

    if (count)
        add(count, skb);
}

INLINE int is_vlan(u16 ethertype) {
    return ethertype == bpf_htons(ETHERTYPE_VLAN) || ethertype == bpf_htons(ETHERTYPE_SERVICE_VLAN) ||
           ethertype == bpf_htons(ETHERTYPE_OLD_SERVICE_VLAN);
}

// Notes a tag. One without a VLAN id carries a priority alone and has no part in the scope.
INLINE void push_tag(u32 *tags, u16 tci) {
    u32 id = tci & VLAN_ID;

    if (*tags)
        *tags |= id << 12;
    else
        *tags = id;
}

// Behind MPLS labels: which IP by the first nibble, or a pseudowire's control word (RFC 4385) with a frame behind it.
// Returns the ethertype of what is at `offset`, 0 where it is to be read as Ethernet, or why it is neither in `reason`.
INLINE u16 behind_labels(struct __sk_buff *skb, u32 *offset, u8 *reason) {
    u32 label = 0;
    u8 nibble;
    int i;

    for (i = 0; i < MOST_LABELS; i++) {
        // By the helper alone: two ways to each of eight labels are what the verifier would spend most of its time on.
        if (bpf_skb_load_bytes(skb, *offset, &label, sizeof(label))) {
            *reason = TRUNCATED;
            return 0;
        }
        *offset += sizeof(label);
        if (label & bpf_htonl(0x100)) // bottom of stack
            break;
    }
    if (i == MOST_LABELS) {
        *reason = TOO_DEEP;
        return 0;
    }
    if (read_u8(skb, *offset, &nibble)) {
        *reason = TRUNCATED;
        return 0;
    }
    switch (nibble >> 4) {
    case 4:
        return bpf_htons(ETHERTYPE_IPV4);
    case 6:
        return bpf_htons(ETHERTYPE_IPV6);
    case 0:
        *offset += sizeof(label);
        return 0;
    default:
        *reason = NOT_UNDERSTOOD;
        return 0;
    }
}

// Reads VLAN tags at `offset`, at most two with those read before.
INLINE u8 read_tags(struct __sk_buff *skb, u32 *offset, u16 *ethertype, u32 *tags, u32 *tag_count) {
    u16 tci;
    int i;

#pragma unroll
    for (i = 0; i < MOST_TAGS; i++) {
        if (!is_vlan(*ethertype))
            return KNOWN;
        if (*tag_count == MOST_TAGS)
            return TOO_DEEP;
        if (read_u16(skb, *offset, &tci) || read_u16(skb, *offset + 2, ethertype))
            return TRUNCATED;
        push_tag(tags, bpf_ntohs(tci));
        *tag_count += 1;
        *offset += VLAN_TAG;
    }
    return is_vlan(*ethertype) ? TOO_DEEP : KNOWN;
}

INLINE u8 read_pppoe(struct __sk_buff *skb, u32 *offset, u16 *ethertype) {
    u16 protocol;

    if (read_u16(skb, *offset + PPPOE_PROTOCOL, &protocol))
        return TRUNCATED;
    protocol = bpf_ntohs(protocol);
    *offset += PPPOE_HEADER;
    if (protocol & PPP_COMPRESSED) { // the protocol in one byte (RFC 1661, 6.5)
        protocol >>= 8;
        *offset -= 1;
    }
    if (protocol == PPP_IPV4)
        *ethertype = bpf_htons(ETHERTYPE_IPV4);
    else if (protocol == PPP_IPV6)
        *ethertype = bpf_htons(ETHERTYPE_IPV6);
    else
        return NOT_IP;
    return KNOWN;
}

INLINE int is_ip(u16 ethertype) {
    return ethertype == bpf_htons(ETHERTYPE_IPV4) || ethertype == bpf_htons(ETHERTYPE_IPV6);
}

INLINE int is_mpls(u16 ethertype) {
    return ethertype == bpf_htons(ETHERTYPE_MPLS) || ethertype == bpf_htons(ETHERTYPE_MPLS_MULTICAST);
}

// Finds the network header of a frame that does not begin with one, through tags, MPLS and PPPoE, from an ethertype on.
INLINE u8 find_behind(struct __sk_buff *skb, u32 *offset, u16 *ethertype, u32 *tags, u32 tag_count) {
    u8 reason = read_tags(skb, offset, ethertype, tags, &tag_count);

    if (reason != KNOWN)
        return reason;
    if (is_mpls(*ethertype)) {
        *ethertype = behind_labels(skb, offset, &reason);
        if (reason != KNOWN)
            return reason;
        if (!*ethertype) {
            if (read_u16(skb, *offset + ETHERTYPE_OFFSET, ethertype))
                return TRUNCATED;
            *offset += ETHERNET_HEADER;
            reason = read_tags(skb, offset, ethertype, tags, &tag_count);
            if (reason != KNOWN)
                return reason;
            if (is_mpls(*ethertype))
                return NOT_UNDERSTOOD;
        }
    }
    if (*ethertype == bpf_htons(ETHERTYPE_PPPOE_SESSION))
        return read_pppoe(skb, offset, ethertype);
    return is_ip(*ethertype) ? KNOWN : NOT_IP;
}

// A value through memory that the verifier knows nothing of: it would follow each way to get here to the end by itself,
// and there are too many.
INLINE u32 through_memory(struct scratch *scratch_of, u32 value) {
    *(volatile u32 *)&scratch_of->found = value;
    return *(volatile u32 *)&scratch_of->found;
}

// All that was found, through it, so that every way that ends here is one to the verifier.
INLINE void join_ways(struct scratch *scratch_of, struct found *found) {
    u32 value = through_memory(scratch_of, found->offset << 5 | found->reason << 1 | (found->is_ipv4 & 1));

    found->scope = through_memory(scratch_of, found->scope);
    found->is_ipv4 = value & 1;
    found->reason = value >> 1 & 0xf;
    found->offset = value >> 5;
}

// Finds the network header.
INLINE void find(struct __sk_buff *skb, struct found *found) {
    u32 zero = 0, tag_count = 0, offset = ETHERNET_HEADER, tags = 0;
    struct scratch *scratch_of;
    u16 ethertype;

    if (skb->vlan_present) {
        push_tag(&tags, skb->vlan_tci);
        tag_count = 1;
    }
    *found = (struct found){.offset = offset, .scope = tags, .reason = TRUNCATED};
    if (read_u16(skb, ETHERTYPE_OFFSET, &ethertype))
        return;
    found->is_ipv4 = ethertype == bpf_htons(ETHERTYPE_IPV4);
    found->reason = KNOWN;
    if (is_ip(ethertype))
        return;
    found->reason = find_behind(skb, &offset, &ethertype, &tags, tag_count);
    found->scope = tags;
    scratch_of = bpf_map_lookup_elem(&scratch, &zero);
    if (!scratch_of)
        return;
    found->offset = offset;
    found->is_ipv4 = ethertype == bpf_htons(ETHERTYPE_IPV4);
    join_ways(scratch_of, found);
}

// The key of an end of a tunnel, by where its address is.
INLINE int read_endpoint(struct __sk_buff *skb, u64 offset, int is_ipv4, struct endpoint_key *key) {
    if (is_ipv4) {
        key->address[0] = key->address[1] = 0;
        key->address[2] = bpf_htonl(0xffff);
        return read_u32(skb, offset, &key->address[3]);
    }
    return bpf_skb_load_bytes(skb, offset, key->address, sizeof(key->address));
}

// The UDP header of a packet that might be a tunnel's, and whether it is a fragment. Not 0: it is none.
INLINE int find_udp(struct __sk_buff *skb, u32 offset, int is_ipv4, u32 *udp, int *is_fragment) {
    u8 version_length, protocol;
    u16 fragment;

    if (is_ipv4) {
        if (read_u8(skb, offset + IPV4_PROTOCOL, &protocol) || protocol != PROTOCOL_UDP ||
            read_u8(skb, offset, &version_length) || read_u16(skb, offset + IPV4_FRAGMENT, &fragment))
            return -1;
        *udp = offset + 4 * (version_length & 0xf);
        *is_fragment = !!(fragment & bpf_htons(0x3fff));
        return 0;
    }
    *udp = offset + IPV6_HEADER;
    *is_fragment = 0;
    if (read_u8(skb, offset + IPV6_NEXT_HEADER, &protocol))
        return -1;
    if (protocol == PROTOCOL_FRAGMENT) {
        *is_fragment = 1;
        if (read_u8(skb, *udp, &protocol))
            return -1;
    }
    return protocol != PROTOCOL_UDP;
}

// From a tunnel's header to the network header in it.
INLINE u8 find_inside(struct __sk_buff *skb, u32 technology, u32 *offset, u32 *net, u16 *ethertype) {
    u32 tag_count = 0, tags = 0;
    u8 first, reason;

    if (read_u8(skb, *offset, &first) || read_u32(skb, *offset + TUNNEL_NET, net))
        return TRUNCATED;
    *net = bpf_ntohl(*net) >> 8;
    *ethertype = bpf_htons(ETHERTYPE_BRIDGING);
    if (technology == VXLAN) {
        if (!(first & VXLAN_HAS_NET))
            return NOT_UNDERSTOOD;
        *offset += TUNNEL_HEADER;
    } else {
        if (first & GENEVE_VERSION)
            return NOT_UNDERSTOOD;
        if (read_u16(skb, *offset + GENEVE_PROTOCOL, ethertype))
            return TRUNCATED;
        *offset += TUNNEL_HEADER + 4 * (first & GENEVE_OPTIONS);
    }
    if (*ethertype != bpf_htons(ETHERTYPE_BRIDGING))
        return is_ip(*ethertype) ? KNOWN : NOT_UNDERSTOOD;
    if (read_u16(skb, *offset + ETHERTYPE_OFFSET, ethertype))
        return TRUNCATED;
    *offset += ETHERNET_HEADER;
    reason = read_tags(skb, offset, ethertype, &tags, &tag_count);
    if (reason != KNOWN)
        return reason;
    if (*ethertype == bpf_htons(ETHERTYPE_PPPOE_SESSION))
        return read_pppoe(skb, offset, ethertype);
    return is_ip(*ethertype) ? KNOWN : NOT_IP;
}

// Follows a tunnel, where both of a packet's ends are known to have one at that port: so nobody else's packets are.
INLINE void enter_tunnel(struct __sk_buff *skb, struct scratch *scratch_of, struct found *found) {
    struct endpoint_key key = {};
    u32 net = 0, addresses, offset, *technology;
    u32 step = found->is_ipv4 ? 4 : 16;
    u16 ethertype = 0;
    int is_fragment;

    if (find_udp(skb, found->offset, found->is_ipv4, &offset, &is_fragment))
        return;
    if (!is_fragment && (read_u16(skb, offset + UDP_DESTINATION, &key.port) || !key.port))
        return;
    addresses = found->offset + (found->is_ipv4 ? IPV4_ADDRESSES : IPV6_ADDRESSES);
    if (read_endpoint(skb, addresses + step, found->is_ipv4, &key) || !bpf_map_lookup_elem(&endpoints, &key) ||
        read_endpoint(skb, addresses, found->is_ipv4, &key))
        return;
    technology = bpf_map_lookup_elem(&endpoints, &key);
    if (!technology)
        return;
    if (is_fragment) {
        found->reason = TUNNEL_FRAGMENT;
        return;
    }
    offset = through_memory(scratch_of, offset + UDP_HEADER);
    found->reason = find_inside(skb, *technology, &offset, &net, &ethertype);
    found->scope = NET_SCOPE | net;
    found->offset = offset;
    found->is_ipv4 = ethertype == bpf_htons(ETHERTYPE_IPV4);
}

// Finds the net that a packet is in: by the tunnel around it, or, of an upload that left its tunnel here, by its mark.
INLINE void find_net(struct __sk_buff *skb, const struct port *port, struct found *found, u32 direction, u32 hints) {
    u32 zero = 0, marked;
    struct scratch *scratch_of = bpf_map_lookup_elem(&scratch, &zero);

    if (!scratch_of)
        return;
    if (!(hints & ABSENT_ENDPOINTS))
        enter_tunnel(skb, scratch_of, found);
    if (direction == UPLOAD && !(found->scope & NET_SCOPE)) {
        marked = (skb->mark & port->mark_mask) >> (port->mark_shift & 31);
        if (marked)
            found->scope = NET_SCOPE | marked;
    }
    join_ways(scratch_of, found);
}

INLINE struct device *lookup4(u32 scope, u32 address) {
    struct exact4_key exact = {.scope = scope, .address = address};
    struct trie4_key trie = {.prefix_length = 64, .scope = bpf_htonl(scope), .address = address};
    struct device *device = bpf_map_lookup_elem(&exact4, &exact);

    return device ? device : bpf_map_lookup_elem(&trie4, &trie);
}

INLINE struct device *lookup6(u32 scope, const struct address *address, u32 hints) {
    struct trie6_key trie = {.prefix_length = 160, .scope = bpf_htonl(scope)};
    struct exact6_key exact = {.scope = scope, .length = 64, .address = {}};
    struct device *device;

    __builtin_memcpy(exact.address, address, 8);
    if (!(hints & ABSENT_LENGTH_64)) {
        device = bpf_map_lookup_elem(&exact6, &exact);
        if (device)
            return device;
    }
    if (!(hints & ABSENT_LENGTH_56)) {
        exact.length = 56;
        exact.address[0] &= bpf_cpu_to_be64(~0xffULL);
        device = bpf_map_lookup_elem(&exact6, &exact);
        if (device)
            return device;
    }
    __builtin_memcpy(trie.address, address, sizeof(trie.address));
    return bpf_map_lookup_elem(&trie6, &trie);
}

// Whether a packet of an unknown address is one of those that the network itself runs on.
INLINE int is_control(struct __sk_buff *skb, u8 protocol, u32 offset) {
    u16 source, destination;

    if (protocol == PROTOCOL_OSPF)
        return 1;
    if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP)
        return 0;
    if (read_u16(skb, offset, &source) || read_u16(skb, offset + 2, &destination))
        return 0;
    source = bpf_ntohs(source);
    destination = bpf_ntohs(destination);
    if (protocol == PROTOCOL_TCP) // BGP
        return source == 179 || destination == 179;
    switch (destination) {
    case 67: // DHCP
    case 68:
    case 546: // DHCPv6
    case 547:
    case 3784: // BFD: one hop, echo, several hops, link aggregation
    case 3785:
    case 4784:
    case 6784:
        return 1;
    default:
        return 0;
    }
}

INLINE int is_control4(struct __sk_buff *skb, u32 offset) {
    u16 fragment;
    u8 version_length, protocol;

    if (read_u8(skb, offset, &version_length) || read_u16(skb, offset + IPV4_FRAGMENT, &fragment) ||
        read_u8(skb, offset + IPV4_PROTOCOL, &protocol))
        return 0;
    if (fragment & bpf_htons(0x1fff)) // the ports are in the first fragment
        return protocol == PROTOCOL_OSPF;
    return is_control(skb, protocol, offset + 4 * (version_length & 0xf));
}

// Neighbour discovery (RFC 4861): valid only with a hop limit of 255, so nobody beyond the link can send it.
INLINE int is_neighbour_discovery(struct __sk_buff *skb, u16 next_header, u32 offset) {
    u8 type;

    if (next_header != bpf_htons(PROTOCOL_ICMPV6 << 8 | 255))
        return 0;
    return !read_u8(skb, offset + IPV6_HEADER, &type) && type >= 133 && type <= 137;
}

// Counts an unknown address by itself. New ones are taken only so fast.
INLINE void record(struct __sk_buff *skb, const struct address *address, u32 direction) {
    struct count *count = bpf_map_lookup_elem(&unknown, address);
    struct count first = {};
    struct scratch *left;
    u64 window;
    u32 zero = 0;

    if (count) {
        add(count, skb);
        return;
    }
    left = bpf_map_lookup_elem(&scratch, &zero);
    if (!left)
        return;
    window = bpf_jiffies64() >> WINDOW_JIFFIES_SHIFT;
    if (left->window != window) {
        left->window = window;
        left->spent = 0;
    }
    if (left->spent >= RECORDS_PER_WINDOW) {
        count_reason(skb, NOT_RECORDED, direction);
        return;
    }
    left->spent += 1;
    add(&first, skb);
    bpf_map_update_elem(&unknown, address, &first, BPF_NOEXIST);
}

// The known circuit's class, and its counters: a row for each CPU and direction, so that nothing is shared and a packet
// touches one cache line. (A per-CPU array costs two more for each packet: its table of pointers, and another page.)
INLINE void take(struct __sk_buff *skb, const struct device *device, u32 direction, const struct about *notes,
                 struct verdict *verdict) {
    u32 row = 2 * bpf_get_smp_processor_id() + direction;
    u32 slot = device->slot, index = row * notes->slots + slot;
    struct count *count;

    verdict->class = device->class[direction];
    verdict->queue = device->queue[direction];
    verdict->reason = KNOWN;
    if (slot >= notes->slots)
        return;
    count = bpf_map_lookup_elem(&slots, &index);
    if (count)
        add(count, skb);
}

INLINE void classify4(struct __sk_buff *skb, const struct found *found, u32 direction, const struct about *notes,
                      struct verdict *verdict) {
    u32 offset = found->offset, address, scope = found->scope;
    struct watched4_key watched;
    struct device *device = NULL;

    if (offset + IPV4_HEADER > skb->len ||
        read_u32(skb, offset + IPV4_ADDRESSES + (direction == DOWNLOAD ? 4 : 0), &address)) {
        verdict->reason = TRUNCATED;
        return;
    }
    if (scope && !(notes->absent & ABSENT_SCOPED))
        device = lookup4(scope, address);
    if (!device && !(scope & NET_SCOPE))
        device = lookup4(0, address);
    if (device) {
        take(skb, device, direction, notes, verdict);
        return;
    }
    if (is_control4(skb, offset)) {
        verdict->reason = CONTROL;
        return;
    }
    if (scope & NET_SCOPE) {
        verdict->reason = UNKNOWN_IN_NET;
        return;
    }
    verdict->reason = UNKNOWN_IPV4;
    watched.prefix_length = 32;
    watched.address = address;
    if (bpf_map_lookup_elem(&watched4, &watched)) {
        struct address mapped = {.half = {0, 0}};
        mapped.half[1] = (u64)address << 32 | bpf_htonl(0xffff);
        record(skb, &mapped, direction);
    }
}

INLINE void classify6(struct __sk_buff *skb, const struct found *found, u32 direction, const struct about *notes,
                      struct verdict *verdict) {
    u32 offset = found->offset, scope = found->scope;
    u32 address_offset = offset + IPV6_ADDRESSES + (direction == DOWNLOAD ? 16 : 0);
    struct watched6_key watched;
    struct device *device = NULL;
    struct address address;
    u16 next_header;

    if (offset + IPV6_HEADER > skb->len || read_u16(skb, offset + IPV6_NEXT_HEADER, &next_header) ||
        read_u64(skb, address_offset, &address.half[0]) || read_u64(skb, address_offset + 8, &address.half[1])) {
        verdict->reason = TRUNCATED;
        return;
    }
    if (is_neighbour_discovery(skb, next_header, offset)) {
        verdict->reason = CONTROL;
        return;
    }
    if (scope && !(notes->absent & ABSENT_SCOPED))
        device = lookup6(scope, &address, notes->absent);
    if (!device && !(scope & NET_SCOPE))
        device = lookup6(0, &address, notes->absent);
    if (device) {
        take(skb, device, direction, notes, verdict);
        return;
    }
    if (is_control(skb, bpf_ntohs(next_header) >> 8, offset + IPV6_HEADER)) {
        verdict->reason = CONTROL;
        return;
    }
    if (scope & NET_SCOPE) {
        verdict->reason = UNKNOWN_IN_NET;
        return;
    }
    verdict->reason = UNKNOWN_IPV6;
    watched.prefix_length = 128;
    __builtin_memcpy(watched.address, &address, sizeof(address));
    if (bpf_map_lookup_elem(&watched6, &watched))
        record(skb, &address, direction);
}

// On a stick: the outgoing VLAN says which direction it is, and is no part of the scope.
INLINE int direction_of_vlan(const struct port *port, struct found *found, u32 *direction) {
    u32 vlan = found->scope & VLAN_ID;

    if (vlan && vlan == port->vlan[DOWNLOAD])
        *direction = DOWNLOAD;
    else if (vlan && vlan == port->vlan[UPLOAD])
        *direction = UPLOAD;
    else
        return -1;
    found->scope >>= 12;
    return 0;
}

// Who it is for or from, or why nobody; the class and queue in `verdict` are the default ones until somebody is found.
INLINE void decide(struct __sk_buff *skb, const struct port *port, struct found *found, u32 direction,
                   struct verdict *verdict) {
    struct about *notes;
    u32 zero = 0;

    verdict->reason = found->reason;
    if (found->reason != KNOWN)
        return;
    notes = bpf_map_lookup_elem(&about, &zero);
    if (!notes)
        return;
    if (!(notes->absent & ABSENT_ENDPOINTS) || (direction == UPLOAD && port->mark_mask)) {
        find_net(skb, port, found, direction, notes->absent);
        verdict->reason = found->reason;
        if (found->reason != KNOWN)
            return;
    }
    if (found->is_ipv4)
        classify4(skb, found, direction, notes, verdict);
    else
        classify6(skb, found, direction, notes, verdict);
}

// The class beside a default class that carries what the network itself runs on: the minor before it. Where the default
// is an HTB's own handle, there is none.
INLINE u32 control_beside(u32 default_class) {
    return MINOR_OF(default_class) ? default_class - 1 : default_class;
}

INLINE int classify(struct __sk_buff *skb, u32 index) {
    u32 direction = index == PORT_UPLOAD ? UPLOAD : DOWNLOAD;
    struct port *port = bpf_map_lookup_elem(&ports, &index);
    struct verdict verdict;
    struct found found;
    int is_other_vlan = 0;

    if (!port)
        return TC_ACT_UNSPEC;
    find(skb, &found);
    if (index == PORT_STICK)
        is_other_vlan = direction_of_vlan(port, &found, &direction);
    verdict.class = port->default_class[direction];
    verdict.queue = port->default_queue[direction];
    if (is_other_vlan)
        verdict.reason = OTHER_VLAN;
    else
        decide(skb, port, &found, direction, &verdict);

    if (verdict.reason == TRUNCATED) {
        // Nothing is looked for: a map lives as long as a program names it.
        struct identity_key nobody = {};
        bpf_map_lookup_elem(&identities, &nobody);
    }
    if (verdict.reason == NOT_IP || verdict.reason == CONTROL || verdict.reason == OTHER_VLAN)
        verdict.class = control_beside(verdict.class);
    if (port->mode == BYPASS) {
        verdict.class = MAJOR_OF(verdict.class);
        verdict.reason = BYPASSED;
    }
    count_reason(skb, verdict.reason, direction);
    skb->priority = verdict.class;
    skb->queue_mapping = verdict.queue + 1;
    return TC_ACT_UNSPEC;
}

SEC("classifier")
int download(struct __sk_buff *skb) {
    return classify(skb, PORT_DOWNLOAD);
}

SEC("classifier")
int upload(struct __sk_buff *skb) {
    return classify(skb, PORT_UPLOAD);
}

SEC("classifier")
int stick(struct __sk_buff *skb) {
    return classify(skb, PORT_STICK);
}

char license_text[] SEC("license") = "Dual MIT/GPL";

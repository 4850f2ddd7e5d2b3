// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Measures a classifier on many packets: a test run repeats one frame, so this program writes the destination of the next
// packet of a list into it, and goes on into the program that is measured. What an empty program costs behind it is to be
// taken off. The list is 8 bytes a packet, so that it takes little of the caches that the measured maps are in.

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// Where the destination's first half is, in an untagged frame, and where IPv4's is.
#define ETHERTYPE 12
#define IPV4_DESTINATION 30
#define IPV6_DESTINATION 38
#define FRAME 64

struct cursor {
    __u32 next;
    __u32 count;
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} packets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct cursor);
} cursor SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} measured SEC(".maps");

// Entries as the classifier's exact store of IPv4 has them: 8 bytes and 16.
struct found {
    __u64 half[2];
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u64);
    __type(value, struct found);
} entries SEC(".maps");

SEC("classifier")
int drive(struct __sk_buff *skb) {
    void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
    __u32 zero = 0, index;
    struct cursor *at = bpf_map_lookup_elem(&cursor, &zero);
    __u64 *packet;

    if (!at || data + FRAME > end)
        return TC_ACT_SHOT;
    index = at->next;
    at->next = index + 1 < at->count ? index + 1 : 0;
    packet = bpf_map_lookup_elem(&packets, &index);
    if (!packet)
        return TC_ACT_SHOT;
    if (*packet >> 32) { // the first half of an IPv6 address, never 0 (both in network order)
        *(__u16 *)(data + ETHERTYPE) = bpf_htons(0x86dd);
        *(__u64 *)(data + IPV6_DESTINATION) = *packet;
    } else {
        *(__u16 *)(data + ETHERTYPE) = bpf_htons(0x0800);
        *(__u32 *)(data + IPV4_DESTINATION) = *packet;
    }
    bpf_tail_call(skb, &measured, 0);
    return TC_ACT_SHOT;
}

SEC("classifier")
int empty(struct __sk_buff *skb) {
    (void)skb;
    return TC_ACT_UNSPEC;
}

// The least that a classifier can do: one look-up in a hash.
SEC("classifier")
int look_up(struct __sk_buff *skb) {
    void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
    struct found *found;
    __u64 key;

    if (data + FRAME > end)
        return TC_ACT_SHOT;
    if (*(__u16 *)(data + ETHERTYPE) == bpf_htons(0x86dd))
        key = *(__u64 *)(data + IPV6_DESTINATION);
    else
        key = *(__u32 *)(data + IPV4_DESTINATION);
    found = bpf_map_lookup_elem(&entries, &key);
    if (!found)
        return TC_ACT_SHOT;
    skb->mark = found->half[1];
    return TC_ACT_UNSPEC;
}

char license_text[] SEC("license") = "Dual MIT/GPL";

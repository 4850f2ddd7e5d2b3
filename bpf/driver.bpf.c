// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Measures a classifier on many packets: a test run repeats one frame, so this program writes the next frame of a list over
// it and goes on into the program that is measured. What an empty program costs behind it is to be taken off.

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define WORDS 8

struct frame {
    __u64 word[WORDS];
};

struct cursor {
    __u32 next;
    __u32 count;
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct frame);
} frames SEC(".maps");

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

SEC("classifier")
int drive(struct __sk_buff *skb) {
    __u64 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
    __u32 zero = 0, index;
    struct cursor *at = bpf_map_lookup_elem(&cursor, &zero);
    struct frame *frame;

    if (!at)
        return TC_ACT_SHOT;
    index = at->next;
    at->next = index + 1 < at->count ? index + 1 : 0;
    frame = bpf_map_lookup_elem(&frames, &index);
    if (!frame || data + WORDS > end)
        return TC_ACT_SHOT;
#pragma unroll
    for (int i = 0; i < WORDS; i++)
        data[i] = frame->word[i];
    bpf_tail_call(skb, &measured, 0);
    return TC_ACT_SHOT;
}

SEC("classifier")
int empty(struct __sk_buff *skb) {
    (void)skb;
    return TC_ACT_UNSPEC;
}

char license_text[] SEC("license") = "Dual MIT/GPL";

// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Marks what comes out of a tunnel with the number of the tunnel's interface, in the low 24 bits. For tests on kernels
// without skbedit, which does the same with any number: there an interface gets the number of its net.

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define FIELD 0x00ffffff

SEC("classifier")
int mark(struct __sk_buff *skb) {
    skb->mark = (skb->mark & ~FIELD) | (skb->ifindex & FIELD);
    return TC_ACT_UNSPEC;
}

char license_text[] SEC("license") = "Dual MIT/GPL";

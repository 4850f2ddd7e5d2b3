//! Problems: what was found wrong with the data, as data.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use compact_str::{CompactString, ToCompactString};
use serde::{Deserialize, Deserializer, Serialize};

use crate::id::NodeId;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was set aside: an address, a row or a circuit is not in the result.
    Error,
    /// All of it is in the result, but not as it was written.
    Warning,
    /// Worth knowing; nothing to do.
    Note,
}

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $text:literal $severity:ident),* $(,)?) => {
        /// What kind of problem it is. The text form is stable: scripts and dashboards may rely on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $meaning])+ $variant,)* }

        impl Code {
            /// Every code, in the order problems are listed in.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable text: `bad-rate`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// How much problems of this kind matter.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it means, in a sentence or two: the text of the operator's manual.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning,)+).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// The circuit has no usable address, so it cannot be shaped; it is quarantined.
    NoAddress = "no-address" Error,
    /// The row has no Circuit ID; it is quarantined and counts as a circuit of its own.
    MissingCircuitId = "missing-circuit-id" Error,
    /// The Circuit ID starts with `#`, which a LibreQoS reader takes for a comment; the circuit is quarantined.
    CommentCircuitId = "comment-circuit-id" Error,
    /// A rate is not a number, negative or infinite; the row is set aside.
    BadRate = "bad-rate" Error,
    /// The row ends before the columns it needs; it is set aside.
    ShortRow = "short-row" Error,
    /// The line is longer than any row can be; it is set aside.
    LongLine = "long-line" Error,
    /// A quote is opened and not closed; its line is set aside.
    UnclosedQuote = "unclosed-quote" Error,
    /// An address or prefix cannot be read; it is set aside, the rest of its row stays.
    BadAddress = "bad-address" Error,
    /// A prefix belongs to two devices; the better claim keeps it, the other loses that prefix only.
    DuplicatePrefix = "duplicate-prefix" Error,
    /// Two different records have one id; the first is kept.
    DuplicateId = "duplicate-id" Error,
    /// A site, access point or link record cannot be used; it is set aside.
    BadNode = "bad-node" Error,
    /// A row of the links table cannot be used; it is set aside.
    BadLink = "bad-link" Error,
    /// A record of a source cannot be read, or has no id; it is set aside.
    BadRecord = "bad-record" Error,
    /// A queue has as many classes as HTB can number; the circuit has none there, and its packets count as unknown.
    ClassLimit = "class-limit" Error,
    /// A key of an overlay file is not known; nothing is planned from the file.
    UnknownKey = "unknown-key" Error,
    /// A value of an overlay file cannot be used; it counts as not stated.
    BadOverlayValue = "bad-overlay-value" Error,
    /// Settings, a net or a phys are named that are not there; what names them is set aside.
    UnknownReference = "unknown-reference" Error,
    /// The technology of a net has no such number; the net is set aside.
    BadNetworkId = "bad-network-id" Error,
    /// Two nets of one technology have one number.
    DuplicateNetworkId = "duplicate-network-id" Error,
    /// A multicast group is missing or no multicast address; the settings are set aside.
    NotMulticast = "not-multicast" Error,
    /// Something is not stated that this network type needs.
    MissingAttribute = "missing-attribute" Error,
    /// Two physes have one address.
    DuplicateUnderlayAddress = "duplicate-underlay-address" Error,
    /// Physes of one net, or its multicast group, have addresses of different families.
    MixedUnderlay = "mixed-underlay" Error,
    /// A virt is connected at a phys that is not attached to its net.
    NotAttached = "not-attached" Error,
    /// Two local physes are attached to one net.
    SeveralLocalPhyses = "several-local-physes" Error,
    /// Two virts of a net have one MAC address.
    DuplicateMac = "duplicate-mac" Error,
    /// An interface is used for two things that exclude each other.
    InterfaceReused = "interface-reused" Error,
    /// An interface is not there on this host.
    NoSuchInterface = "no-such-interface" Error,
    /// Tunnels are to end at an address that this host does not have.
    NoSuchAddress = "no-such-address" Error,
    /// Tunnels that cannot share a UDP port are to use the same one on one host.
    PortConflict = "port-conflict" Error,
    /// Rules of one priority are equal, or look at different parts of a packet.
    RuleConflict = "rule-conflict" Error,
    /// No packet can match a rule as it is stated.
    BadRule = "bad-rule" Error,
    /// A rate or burst is outside what the kernel can count.
    BadRateLimit = "bad-rate-limit" Error,
    /// Two nets that are routed by one table have overlapping prefixes.
    OverlappingNets = "overlapping-nets" Error,
    /// Two nets are bound to one node, so that nothing tells which of them a subscriber is in.
    BoundTwice = "bound-twice" Error,
    /// The underlay cannot carry the frames of a net.
    MtuTooLarge = "mtu-too-large" Error,
    /// The parent is not in the network; the record hangs from the node `Orphans`.
    UnknownParent = "unknown-parent" Warning,
    /// Sources state different things of one node; the one that is believed first is used.
    SourcesDisagree = "sources-disagree" Warning,
    /// What a rule of `same` goes by is shared by several records of one table; none of them is joined.
    AmbiguousJoin = "ambiguous-join" Warning,
    /// A rule of `same` makes one of records that cannot be one; they stay apart.
    UnfitJoin = "unfit-join" Warning,
    /// A rule of `same`, or `prefer`, names what no source has, or a rule joins nothing.
    UnmatchedJoin = "unmatched-join" Warning,
    /// An override names a node or link that no source has; it changes nothing.
    UnmatchedOverride = "unmatched-override" Warning,
    /// An override does not fit the node or link that it names; that of it changes nothing.
    UnfitOverride = "unfit-override" Warning,
    /// Two overrides set the same of one node; the later one wins.
    RepeatedOverride = "repeated-override" Warning,
    /// The parent's name belongs to several nodes; the one with the smallest id is taken.
    AmbiguousParent = "ambiguous-parent" Warning,
    /// A client is attached to several access points; the one that its source says most clearly is taken.
    SeveralParents = "several-parents" Warning,
    /// Nothing in the source says where the internet is, so no path leads from there; all hangs from the node `Orphans`.
    NoInternet = "no-internet" Warning,
    /// The source does not say what a node hangs from: a circuit hangs from the node `Orphans`, anything else from the top.
    NoParent = "no-parent" Warning,
    /// A record names another one that its source does not list; it is read as if it did not.
    MissingRecord = "missing-record" Warning,
    /// Parents form a cycle; it is broken at the smallest id, which now hangs from the top.
    ParentCycle = "parent-cycle" Warning,
    /// No path leads from the root to this part of the network; it hangs from the node `Orphans`.
    Unreachable = "unreachable" Warning,
    /// There is no node file, so the network is flat and the Parent Node cells are not used.
    ParentsIgnored = "parents-ignored" Warning,
    /// An address has host bits set; it was taken as the host.
    HostBits = "host-bits" Warning,
    /// A field of a record is not of the kind it should be; it is taken as not stated.
    BadField = "bad-field" Warning,
    /// A field holds a word that Pleach does not know; its records are handled as if they did not state it.
    UnknownValue = "unknown-value" Warning,
    /// Several services in use share one circuit; it gets the rates of the fastest.
    SeveralServices = "several-services" Warning,
    /// Rows of one circuit disagree; the first row that states a value wins.
    RowsDisagree = "rows-disagree" Warning,
    /// A Device ID is used in several circuits; the later one is known by circuit and device together.
    DuplicateDeviceId = "duplicate-device-id" Warning,
    /// A rate is blank; the default plan is used.
    BlankRate = "blank-rate" Warning,
    /// A rate is below the smallest that can be shaped; it is raised.
    LowRate = "low-rate" Warning,
    /// A minimum rate is above its maximum; it is lowered.
    MinAboveMax = "min-above-max" Warning,
    /// The sqm cell is not `cake`, `fq_codel`, `none` or a pair of them; the default is used.
    BadSqm = "bad-sqm" Warning,
    /// A capacity or cost cannot be read, or is zero; it is taken as unknown.
    BadCapacity = "bad-capacity" Warning,
    /// A capacity is lower than any such device has; it is raised to what is believed at least.
    LowCapacity = "low-capacity" Warning,
    /// No end of a radio link says which of them is the access point; the smaller direction is used for both.
    LinkDirection = "link-direction" Warning,
    /// The minimum rates that the source states add up to more than the node can carry.
    OversoldMinimums = "oversold-minimums" Warning,
    /// Neither the node, its path nor the shaper's uplink states a capacity; 10 Gbit/s is used.
    NoCeiling = "no-ceiling" Warning,
    /// The configuration names a node that is not in the network.
    NoSuchNode = "no-such-node" Warning,
    /// A ceiling is divided in fixed parts, so that what one part leaves another cannot borrow.
    BorrowingLost = "borrowing-lost" Warning,
    /// The root's ceiling begins to bind, so a direction moves under one HTB, and all of its classes are new.
    LayoutChanged = "layout-changed" Warning,
    /// The minimum rates that the source states exceed a ceiling of the plan; all of them are lowered alike.
    MinimumsScaled = "minimums-scaled" Warning,
    /// A ceiling is below a byte a second for each class under it; it is raised to that.
    CeilingRaised = "ceiling-raised" Warning,
    /// An interface has no number left for another qdisc; the circuit gets the plain queue that HTB gives every class.
    LeafLimit = "leaf-limit" Warning,
    /// A virt's interface is not on its host: the virt is left out until it is.
    AbsentVirt = "absent-virt" Warning,
    /// A net's tunnel ends on this host, on the internet's side: nothing tells from which net a download came.
    UntoldDownloads = "untold-downloads" Warning,
    /// A net's tunnel ends on this host, and nothing tells from which net an upload came.
    UntoldUploads = "untold-uploads" Warning,
    /// Overhead is added once to an aggregate of packets, because the circuit's queue does not split aggregates.
    OverheadUncounted = "overhead-uncounted" Warning,
    /// Another version of Pleach found it, and this one has no such code; its own stands before the message.
    Unlisted = "unlisted" Warning,
    /// The burst of a rate limit holds less than a full frame, so that no full frame ever passes.
    SmallBurst = "small-burst" Warning,
    /// The file is not UTF-8; it was read in another encoding.
    Encoding = "encoding" Note,
    /// A record is there twice, alike; one copy is dropped.
    DuplicateRow = "duplicate-row" Note,
    /// An address lies inside a prefix that is never shaped or not allowed; it is dropped by that rule.
    IgnoredAddress = "ignored-address" Note,
    /// An override has expired, so what the sources say holds again.
    ExpiredOverride = "expired-override" Note,
    /// Several nodes share a name, or it is reserved; they are written under longer names.
    DuplicateName = "duplicate-name" Note,
    /// A rate had to be rounded up to a whole number for this dialect.
    RoundedRate = "rounded-rate" Note,
    /// Latitude or longitude cannot be read or is out of range; they are turned round where that helps, else dropped.
    BadPosition = "bad-position" Note,
    /// Subscribers are in a net of the overlay, which files cannot say; their readers take the addresses for untunnelled ones.
    NetNotWritten = "net-not-written" Note,
    /// A customer's Ethernet port is slower than the plan, so the plan cannot be had through it.
    PortBelowPlan = "port-below-plan" Note,
    /// The tree is deeper than HTB, and this node needs no class of its own for every ceiling to hold.
    NodeDropped = "node-dropped" Note,
    /// A turn in proportion to the plan would be shorter than a frame or longer than the kernel takes; it is clamped.
    QuantumClamped = "quantum-clamped" Note,
    /// One queue carries much more than it would have to; nobody is moved unless asked.
    QueuesUnbalanced = "queues-unbalanced" Note,
    /// A direction is under one HTB though several would hold every ceiling; nobody is moved unless asked.
    LayoutKept = "layout-kept" Note,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Code {
    type Err = Infallible;
    /// [`Code::Unlisted`] for a text that is none of this version's.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Self::Unlisted))
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        let Ok(code) = text.parse();
        Ok(code)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing found wrong: which record, where it came from, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::stored::ProblemOnDisk")]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// The file or request it was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<CompactString>,
    /// The line in that document, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column or key, as the document names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<CompactString>,
    /// The text that stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<CompactString>,
    /// The record's id, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<NodeId>,
    /// What is wrong and what was done about it: lower case, names in backticks.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

impl Problem {
    /// A problem of this kind; the rest is filled in by the methods below.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            document: None,
            line: None,
            field: None,
            value: None,
            record: None,
            message: message.into(),
            hint: String::new(),
        }
    }

    /// Says where it was read; an empty name is no document, line 0 no line.
    #[must_use]
    pub fn at(mut self, document: &str, line: u32) -> Self {
        self.document = (!document.is_empty()).then(|| document.into());
        self.line = (line > 0).then_some(line);
        self
    }

    /// Says which column or key.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says what stands there; a long text is cut.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        const SHOWN: usize = 80; // a line of a terminal
        self.value = Some(match value.char_indices().nth(SHOWN) {
            Some((cut, _)) => [&value[..cut], "…"].concat().into(),
            None => value.to_compact_string(),
        });
        self
    }

    /// Says which record.
    #[must_use]
    pub fn record(mut self, id: &NodeId) -> Self {
        self.record = Some(id.clone());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// Problems as they are found; [`Problems::into_sorted`] gives their stable order.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All of them, as they were found, to be completed.
    pub fn as_mut_slice(&mut self) -> &mut [Problem] {
        &mut self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, as they were found.
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    /// All of them by code, then document, line, field and record: the same for the same input, whatever found them first.
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.0.sort_by(|a, b| {
            let key = |p: &Problem| (p.code, p.line);
            (key(a).0, &a.document, key(a).1, &a.field, &a.record, &a.value, &a.message).cmp(&(
                key(b).0,
                &b.document,
                key(b).1,
                &b.field,
                &b.record,
                &b.value,
                &b.message,
            ))
        });
        self.0.dedup();
        self.0
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_listed_worst_first() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(Code::ALL.is_sorted_by_key(|code| code.severity()));
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let problem = Problem::new(Code::BadRate, "").value(&"é".repeat(100));
        assert_eq!(problem.value.expect("a value").chars().count(), 81);
    }
}

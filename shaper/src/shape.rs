//! What of a leaf cannot be changed in place: a change of it is a move to a new class.

use std::fmt;
use std::str::FromStr;

use pleach_tc::{Diffserv, Leaf};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A leaf's kind, and those of its options that the kernel cannot change while packets wait in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeafShape {
    /// CAKE; with fewer tins, packets in those that vanish would be lost.
    Cake {
        /// How many tins its diffserv mode has.
        tins: u8,
    },
    /// `fq_codel`, which refuses another number of flows (`fq_codel_change`).
    FqCodel {
        /// How many flows.
        flows: u32,
    },
    /// `sfq`.
    Sfq {
        /// How many flows.
        flows: u32,
        /// The size of its hash table.
        divisor: u32,
        /// The most packets of one flow.
        depth: u32,
    },
    /// `pfifo`.
    Pfifo,
}

impl LeafShape {
    /// The shape of a leaf.
    pub const fn of(leaf: &Leaf) -> Self {
        match leaf {
            Leaf::Cake(cake) => Self::Cake {
                tins: match cake.diffserv {
                    Diffserv::Besteffort => 1,
                    Diffserv::Diffserv3 => 3,
                    Diffserv::Diffserv4 => 4,
                    Diffserv::Diffserv8 | Diffserv::Precedence => 8,
                },
            },
            Leaf::FqCodel(fq_codel) => Self::FqCodel { flows: fq_codel.flows },
            Leaf::Sfq(sfq) => Self::Sfq { flows: sfq.flows, divisor: sfq.divisor, depth: sfq.depth },
            Leaf::Pfifo(_) => Self::Pfifo,
        }
    }

    /// Whether a leaf of this shape can become one of that shape with its packets staying.
    pub fn can_become(self, wanted: Self) -> bool {
        match (self, wanted) {
            (Self::Cake { tins }, Self::Cake { tins: wanted }) => wanted >= tins,
            _ => self == wanted,
        }
    }
}

impl fmt::Display for LeafShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cake { tins } => write!(f, "cake {tins}"),
            Self::FqCodel { flows } => write!(f, "fq_codel {flows}"),
            Self::Sfq { flows, divisor, depth } => write!(f, "sfq {flows} {divisor} {depth}"),
            Self::Pfifo => f.write_str("pfifo"),
        }
    }
}

/// A text that is no shape of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the shape of a leaf, such as `cake 4`")]
pub struct LeafShapeError;

impl FromStr for LeafShape {
    type Err = LeafShapeError;
    fn from_str(text: &str) -> Result<Self, LeafShapeError> {
        let number = |text: &str| text.parse::<u32>().map_err(|_| LeafShapeError);
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["cake", tins] => Ok(Self::Cake { tins: tins.parse().map_err(|_| LeafShapeError)? }),
            ["fq_codel", flows] => Ok(Self::FqCodel { flows: number(flows)? }),
            ["sfq", flows, divisor, depth] => {
                Ok(Self::Sfq { flows: number(flows)?, divisor: number(divisor)?, depth: number(depth)? })
            }
            ["pfifo"] => Ok(Self::Pfifo),
            _ => Err(LeafShapeError),
        }
    }
}

impl Serialize for LeafShape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LeafShape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = compact_str::CompactString::deserialize(deserializer)?;
        text.parse().map_err(|error| de::Error::custom(format!("`{text}` {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_print_and_read_back() {
        for text in ["cake 4", "fq_codel 1024", "sfq 127 1024 127", "pfifo"] {
            assert_eq!(text.parse::<LeafShape>().expect("a shape").to_string(), text);
        }
        for text in ["", "cake", "cake 400", "pfifo 1", "tbf"] {
            assert_eq!(text.parse::<LeafShape>(), Err(LeafShapeError), "{text}");
        }
    }

    #[test]
    fn more_tins_are_no_move_and_fewer_are() {
        let cake = |tins| LeafShape::Cake { tins };
        assert!(cake(3).can_become(cake(4)));
        assert!(!cake(4).can_become(cake(3)));
        assert!(!cake(4).can_become(LeafShape::Pfifo));
        assert!(!LeafShape::FqCodel { flows: 1024 }.can_become(LeafShape::FqCodel { flows: 512 }));
    }
}

//! Reading `network.json` as a stream, iteratively: nodes may be nested to any depth.
//!
//! `struson` is a pull parser without recursion whose depth limit can be lifted; `serde_json` recurses into nested values
//! and merges duplicate keys, which here are two nodes.

use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ReaderSettings, ValueType};

use super::error::{JsonError, words};
use super::ids::{self, Unnamed};
use super::node::{JsonNode, NodeType};
use crate::capacity::{Capacity, Limit};
use crate::id::NodeId;
use crate::node::{Position, Text};
use crate::problem::{Code, Problem, Problems};
use crate::rate::{Rate, RateUnit};
use crate::spreadsheet::unescape;

/// Reads the nodes of `text`, parents before children, in the order of the file. `{}` has none: a flat network.
///
/// Keys it does not know are passed over, whatever they hold, and never become nodes.
pub fn read(text: &str, document: &str, problems: &mut Problems) -> Result<Vec<JsonNode>, JsonError> {
    let settings = ReaderSettings {
        max_nesting_depth: None, // nothing here recurses
        track_path: false,
        restrict_number_values: false, // `Rate` refuses what is too large
        ..ReaderSettings::default()
    };
    let json = JsonStreamReader::new_custom(text.as_bytes(), settings);
    let mut reader = Reader { json, document, problems, drafts: Vec::new(), subjects: Vec::new() };
    reader.document()?;
    let Reader { json, problems, drafts, subjects, .. } = reader;
    json.consume_trailing_whitespace()?;
    let nodes = finish(drafts, document, problems);
    for (problem, node) in subjects {
        problems.as_mut_slice()[problem].record = Some(nodes[node].id.clone());
    }
    Ok(nodes)
}

/// A node being read.
#[derive(Default)]
struct Draft {
    name: Text,
    attachment: Text,
    stated_id: Option<Text>,
    parent: Option<usize>,
    node_type: NodeType,
    is_virtual: bool,
    capacity: Capacity,
    degrees: [Degrees; 2],
    line: u32,
}

#[derive(Clone, Copy, Default)]
enum Degrees {
    #[default]
    Absent,
    Bad,
    Read(f64),
}

/// The keys of a node that are read.
#[derive(Clone, Copy)]
enum Key {
    Children,
    Download,
    Upload,
    Type,
    Id,
    Virtual,
    Latitude,
    Longitude,
    Attachment,
    Other,
}

impl Key {
    fn of(key: &str) -> Self {
        match key {
            "children" => Self::Children,
            "downloadBandwidthMbps" => Self::Download,
            "uploadBandwidthMbps" => Self::Upload,
            "type" => Self::Type,
            "id" => Self::Id,
            "virtual" => Self::Virtual,
            "latitude" => Self::Latitude,
            "longitude" => Self::Longitude,
            "active_attachment_name" => Self::Attachment,
            _ => Self::Other,
        }
    }
}

/// What the object being read holds.
#[derive(Clone, Copy)]
enum Frame {
    Nodes { parent: Option<usize> },
    Node(usize),
}

struct Reader<'t, 'p> {
    json: JsonStreamReader<&'t [u8]>,
    document: &'p str,
    problems: &'p mut Problems,
    drafts: Vec<Draft>,
    /// Problems by position, each with the node it is about: ids are known only at the end.
    subjects: Vec<(usize, usize)>,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<(), JsonError> {
        let found = self.json.peek()?;
        if found != ValueType::Object {
            let (line, column) = self.place();
            return Err(JsonError::NotAnObject { line, column, found: words(&found.to_string()) });
        }
        self.json.begin_object()?;
        let mut stack = vec![Frame::Nodes { parent: None }];
        while let Some(&frame) = stack.last() {
            if !self.json.has_next()? {
                self.json.end_object()?;
                stack.pop();
                continue;
            }
            let entered = match frame {
                Frame::Nodes { parent } => self.node(parent)?,
                Frame::Node(index) => {
                    let known = self.problems.len();
                    let entered = self.member(index)?;
                    self.subjects.extend((known..self.problems.len()).map(|problem| (problem, index)));
                    entered
                }
            };
            stack.extend(entered);
        }
        Ok(())
    }

    /// Line and column of what comes next, from 1.
    fn place(&self) -> (u64, u64) {
        self.json.current_position(false).line_pos.map_or((0, 0), |place| (place.line + 1, place.column + 1))
    }

    /// A key that names a node.
    fn node(&mut self, parent: Option<usize>) -> Result<Option<Frame>, ReaderError> {
        let line = u32::try_from(self.place().0).unwrap_or(u32::MAX);
        let name = Text::from(unescape(self.json.next_name()?.trim()));
        if self.json.peek()? != ValueType::Object {
            self.json.skip_value()?;
            let message = format!("`{name}` is not an object, so it is no node; it is passed over");
            let hint = "write a node as `\"name\": { … }`";
            self.problems.push(Problem::new(Code::BadNode, message).at(self.document, line).field(&name).hint(hint));
            return Ok(None);
        }
        self.json.begin_object()?;
        self.drafts.push(Draft { name, parent, line, ..Draft::default() });
        Ok(Some(Frame::Node(self.drafts.len() - 1)))
    }

    /// A key of a node.
    fn member(&mut self, index: usize) -> Result<Option<Frame>, ReaderError> {
        let line = u32::try_from(self.place().0).unwrap_or(u32::MAX);
        match Key::of(self.json.next_name()?) {
            Key::Children => return self.children(index, line),
            Key::Download => self.drafts[index].capacity.down = self.bandwidth("downloadBandwidthMbps", line)?,
            Key::Upload => self.drafts[index].capacity.up = self.bandwidth("uploadBandwidthMbps", line)?,
            Key::Latitude => self.drafts[index].degrees[0] = self.degrees()?,
            Key::Longitude => self.drafts[index].degrees[1] = self.degrees()?,
            Key::Virtual if self.json.peek()? == ValueType::Boolean => {
                self.drafts[index].is_virtual = self.json.next_bool()?;
            }
            Key::Type => {
                self.drafts[index].node_type = self.text()?.map_or_else(NodeType::default, |t| NodeType::of(&t));
            }
            Key::Id => self.drafts[index].stated_id = self.text()?.filter(|id| !id.is_empty()),
            Key::Attachment => self.drafts[index].attachment = self.text()?.unwrap_or_default(),
            Key::Virtual | Key::Other => self.json.skip_value()?,
        }
        Ok(None)
    }

    fn children(&mut self, index: usize, line: u32) -> Result<Option<Frame>, ReaderError> {
        match self.json.peek()? {
            ValueType::Object => {
                self.json.begin_object()?;
                return Ok(Some(Frame::Nodes { parent: Some(index) }));
            }
            ValueType::Null => {}
            _ => {
                let name = &self.drafts[index].name;
                let message = format!("`children` of `{name}` is not an object of nodes; it is passed over");
                let hint = "write `\"children\": { \"name\": { … } }`";
                let problem = Problem::new(Code::BadNode, message).at(self.document, line).field("children").hint(hint);
                self.problems.push(problem);
            }
        }
        self.json.skip_value()?;
        Ok(None)
    }

    /// The text of a string; nothing, and passed over, if it is anything else.
    fn text(&mut self) -> Result<Option<Text>, ReaderError> {
        if self.json.peek()? == ValueType::String {
            return Ok(Some(self.json.next_str()?.trim().into()));
        }
        self.json.skip_value()?;
        Ok(None)
    }

    /// The text of a number, or of a string that may hold one. `Err` holds what stands there instead.
    fn number(&mut self) -> Result<Result<Text, ValueType>, ReaderError> {
        Ok(match self.json.peek()? {
            ValueType::Number => Ok(self.json.next_number_as_str()?.into()),
            ValueType::String => Ok(self.json.next_str()?.trim().into()),
            other => {
                self.json.skip_value()?;
                Err(other)
            }
        })
    }

    fn bandwidth(&mut self, key: &str, line: u32) -> Result<Limit, ReaderError> {
        let (text, reason) = match self.number()? {
            Err(ValueType::Null) => return Ok(Limit::NONE),
            Err(other) => (Text::from(words(&other.to_string())), "is not a rate in Mbit/s".to_owned()),
            Ok(text) => match Rate::parse(&text, RateUnit::Megabit) {
                Ok(Rate::ZERO) => (text, "is no capacity".to_owned()),
                Ok(rate) => return Ok(Limit::of(rate)),
                Err(error) => (text, error.to_string()),
            },
        };
        let problem = Problem::new(Code::BadCapacity, format!("`{text}` {reason}; the capacity is taken as unknown"))
            .at(self.document, line)
            .field(key)
            .value(&text)
            .hint("write Mbit/s as a number, or leave the key out if the capacity is not known");
        self.problems.push(problem);
        Ok(Limit::NONE)
    }

    fn degrees(&mut self) -> Result<Degrees, ReaderError> {
        Ok(match self.number()? {
            Err(ValueType::Null) => Degrees::Absent,
            Err(_) => Degrees::Bad,
            Ok(text) => text.parse().map_or(Degrees::Bad, Degrees::Read),
        })
    }
}

fn finish(drafts: Vec<Draft>, document: &str, problems: &mut Problems) -> Vec<JsonNode> {
    let unnamed: Vec<_> = drafts
        .iter()
        .map(|draft| Unnamed { name: &draft.name, stated: draft.stated_id.as_deref(), parent: draft.parent })
        .collect();
    let ids = ids::settle(&unnamed);
    let settled = drafts.into_iter().zip(ids).map(|(draft, id)| JsonNode {
        position: position(&draft, &id, document, problems),
        id,
        node_type: if draft.is_virtual { NodeType::Virtual } else { draft.node_type },
        name: draft.name,
        attachment: draft.attachment,
        parent: draft.parent,
        capacity: draft.capacity,
        line: draft.line,
    });
    settled.collect()
}

fn position(draft: &Draft, id: &NodeId, document: &str, problems: &mut Problems) -> Option<Position> {
    let read = match draft.degrees {
        [Degrees::Absent, Degrees::Absent] => return None,
        [Degrees::Read(latitude), Degrees::Read(longitude)] => Position::new(latitude, longitude),
        _ => None,
    };
    if read.is_none() {
        let message =
            format!("latitude and longitude of `{}` are not two numbers in range; it has no position", draft.name);
        let hint = "write degrees: latitude from -90 to 90, longitude from -180 to 180";
        problems.push(Problem::new(Code::BadPosition, message).at(document, draft.line).record(id).hint(hint));
    }
    read
}

//! Fields of a record by their path.

use serde_json::Value;

/// A record that is being spoilt. Paths are JSON pointers (RFC 6901); what is not there stays away.
pub(super) trait Fields {
    /// Puts another value in a field that is there.
    fn set(&mut self, path: &str, value: impl Into<Value>);
    /// Removes a field.
    fn remove(&mut self, path: &str);
}

impl Fields for Value {
    fn set(&mut self, path: &str, value: impl Into<Value>) {
        if let Some(there) = self.pointer_mut(path) {
            *there = value.into();
        }
    }

    fn remove(&mut self, path: &str) {
        let (object, field) = path.rsplit_once('/').expect("invariant: paths begin with a slash");
        if let Some(object) = self.pointer_mut(object).and_then(Value::as_object_mut) {
            object.remove(field);
        }
    }
}

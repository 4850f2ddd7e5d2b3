//! Who this host is, remembered between commits. It has a file of its own: an older version does not look at it.

use serde::{Deserialize, Serialize};

use super::guard::Physes;
use super::memory::{MemoryError, here};
use crate::state::{Name, StateFolder};

/// Which physes were committed last; it is of one boot and one network namespace, as what was committed is.
#[derive(Debug, Serialize, Deserialize)]
struct Committed {
    boot: String,
    namespace: u64,
    physes: Physes,
}

/// Which physes were committed last in this boot and this network namespace; none after a cleanup, or where nothing is
/// remembered.
pub fn committed(folder: &StateFolder) -> Result<Physes, MemoryError> {
    // Empty is what a loss of power may leave: that was another boot.
    let text = folder.read(Name::Committed)?.filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(Physes::new()) };
    let read: Committed = serde_json::from_str(&text).map_err(|source| {
        let path = folder.file(Name::Committed).display().to_string();
        MemoryError::Unreadable { path, what: "which physes were committed last", source }
    })?;
    let is_of_now = (read.boot, read.namespace) == here()?;
    Ok(if is_of_now { read.physes } else { Physes::new() })
}

/// Remembers which physes were committed, or removes the file where there are none. It need not survive the kernel.
pub(super) fn remember(folder: &StateFolder, physes: &Physes) -> Result<(), MemoryError> {
    if physes.is_empty() {
        return Ok(folder.remove(Name::Committed)?);
    }
    let (boot, namespace) = here()?;
    let committed = Committed { boot, namespace, physes: physes.clone() };
    let text = serde_json::to_string(&committed).expect("invariant: the keys are names");
    Ok(folder.write_until_boot(Name::Committed, &text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::Memory;

    #[test]
    fn it_is_of_one_boot_and_one_namespace_and_no_part_of_the_baseline() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::of_overlays(root.path());
        folder.prepare().expect("made");
        assert_eq!(committed(&folder).expect("nothing yet"), Physes::new());
        let physes = Physes::from([("A".to_owned(), Some([172, 16, 0, 1].into())), ("B".to_owned(), None)]);
        let mut memory = Memory::read(&folder).expect("nothing yet");
        memory.baseline.making.insert("pl-vx1".parse().expect("a name"));
        memory.write(&folder).expect("written");
        remember(&folder, &physes).expect("written");
        assert_eq!(committed(&folder).expect("read"), physes);
        let baseline = folder.read(Name::Baseline).expect("read").expect("there");
        let baseline: serde_json::Value = serde_json::from_str(&baseline).expect("JSON");
        let fields: Vec<&String> = baseline.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["baseline", "boot", "namespace", "version"], "what version 2 has, and refuses more");
        let text = folder.read(Name::Committed).expect("read").expect("there");
        let (boot, namespace) = here().expect("it is known");
        let namespace = format!("\"namespace\":{namespace}");
        for other in [text.replace(&boot, "another"), text.replace(&namespace, "\"namespace\":1"), String::new()] {
            folder.write(Name::Committed, &other).expect("written");
            assert_eq!(committed(&folder).expect("read"), Physes::new(), "{other}");
        }
        folder.write(Name::Committed, &text.replacen('{', "{\"later\":1,", 1)).expect("written");
        assert_eq!(committed(&folder).expect("a later version's, with more in it"), physes);
        remember(&folder, &Physes::new()).expect("removed");
        assert!(!folder.file(Name::Committed).exists());
        folder.write(Name::Committed, "{").expect("written");
        let error = committed(&folder).expect_err("it is spoilt").to_string();
        assert!(error.ends_with("/overlay/committed.json` does not say which physes were committed last"), "{error}");
    }
}

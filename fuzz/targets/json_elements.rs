//! Any bytes as the answer of an API: what is an array to a parser of the whole has the same elements read one by one, however
//! the bytes come; and what is not never passes for a whole array of records.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use pleach_source::{Body, ElementsError, JsonElements};
use serde_json::value::RawValue;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let buffer = usize::from(first).max(1);
    let found = elements(JsonElements::new(BufReader::with_capacity(buffer, bytes)));
    assert_eq!(found.is_ok(), elements(Body::plain(bytes.to_vec()).elements()).is_ok(), "pieces make no difference");

    let whole = serde_json::from_slice::<Vec<&RawValue>>(bytes);
    match (whole, found) {
        (Ok(whole), found) => {
            let found = found.expect("a parser of the whole takes it");
            assert_eq!(found.len(), whole.len());
            for (whole, found) in whole.iter().zip(&found) {
                assert_eq!(whole.get().as_bytes(), found.trim_ascii());
            }
        }
        (Err(error), Ok(found)) => {
            let all_good = found.iter().all(|element| serde_json::from_slice::<&RawValue>(element).is_ok());
            let marked = bytes.starts_with(b"\xef\xbb\xbf");
            assert!(
                !all_good || marked || error.to_string().contains("recursion"),
                "`{error}`, and all elements are good"
            );
        }
        (Err(_), Err(_)) => {}
    }
});

fn elements(mut elements: JsonElements<impl std::io::BufRead>) -> Result<Vec<Vec<u8>>, ElementsError> {
    let mut found = Vec::new();
    while let Some(element) = elements.next_element()? {
        assert_eq!(element.index, found.len() as u64);
        assert_eq!(element.bytes.len() as u64, element.length);
        found.push(element.bytes.to_vec());
    }
    Ok(found)
}

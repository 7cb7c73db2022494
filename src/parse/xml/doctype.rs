//! Entities that a document declares for itself. Only short internal text: nothing is fetched, nothing nests.

use std::collections::HashMap;

/// Longest value of an entity that is taken over; with no nesting, a bomb stays a firecracker.
const LONGEST: usize = 200;

pub(in crate::parse) fn entities(doctype: &str) -> HashMap<&str, &str> {
    let mut found = HashMap::new();
    for declaration in doctype.split("<!ENTITY").skip(1).take(300) {
        let Some((name, rest)) = declaration.trim_start().split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let Some(end) = rest[1..].find(quote) else { continue };
        let value = &rest[1..=end];
        if value.len() <= LONGEST && name != "%" && !value.contains('<') {
            found.entry(name).or_insert(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::entities;

    #[test]
    fn internal_text_only() {
        let found = entities(
            "<!DOCTYPE rss [ <!ENTITY desk \"Khyber\"> <!ENTITY x SYSTEM 'file:///etc/passwd'> <!ENTITY % p 'q'> ]>",
        );
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("desk", "Khyber")]);
    }
}

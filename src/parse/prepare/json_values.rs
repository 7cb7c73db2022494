//! JSON values of the wrong type: a number for a string, an object for a list; read without building a tree.

use crate::parse::limits;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A string, or what can pass for one.
#[derive(Debug, Default)]
pub(super) struct Loose(pub Option<String>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E>(self, value: &str) -> Result<Loose, E> {
        Ok(Loose(Some(value.to_owned())))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Loose, E> {
        Ok(Loose(Some(value.to_string())))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Loose, E> {
        Ok(Loose(Some(value.to_string())))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Loose, E> {
        Ok(Loose(Some(value.to_string())))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Loose, E> {
        Ok(Loose(None))
    }
    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }
    /// An author as an object: its name.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "name" || key == "url" && found.is_none() {
                let Loose(value) = map.next_value()?;
                found = if key == "name" { value.or(found) } else { value };
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Loose(found))
    }
}

/// A list, or the one thing in place of it; what exceeds the cap is passed over.
#[derive(Debug)]
pub(super) struct Capped<T> {
    pub values: Vec<T>,
    pub more: bool,
}

impl<T> Default for Capped<T> {
    fn default() -> Self {
        Self { values: Vec::new(), more: false }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Capped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CappedVisitor(PhantomData))
    }
}

struct CappedVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for CappedVisitor<T> {
    type Value = Capped<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> Result<Capped<T>, E> {
        Ok(Capped::default())
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Capped<T>, E> {
        let values = T::deserialize(serde::de::value::StrDeserializer::<E>::new(value)).into_iter().collect();
        Ok(Capped { values, more: false })
    }
    fn visit_bool<E>(self, _: bool) -> Result<Capped<T>, E> {
        Ok(Capped::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Capped<T>, E> {
        Ok(Capped::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Capped<T>, A::Error> {
        let mut values = Vec::new();
        while values.len() < limits::ENTRIES {
            match list.next_element()? {
                Some(value) => values.push(value),
                None => return Ok(Capped { values, more: false }),
            }
        }
        let mut more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok(Capped { values, more })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Capped<T>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Capped::default())
    }
}

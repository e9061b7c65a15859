//! Reading a submitted JSON object into typed members.
//!
//! Names match ignoring case or exactly, `null` stands for the zero value, absent members leave what is there, unknown
//! ones are ignored, and a value of the wrong type is [`Malformed`]. Nothing is validated here.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// A member has the wrong JSON type, or appears twice in different letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a member has the wrong type")]
pub struct Malformed;

/// The members of one object.
#[derive(Debug)]
pub struct Members<'a> {
    by_name: HashMap<String, &'a Json>,
    spelling: Spelling,
}

/// How the names of members have to be spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// In whatever letter case.
    Any,
    /// As the contract has them.
    Exact,
}

impl<'a> Members<'a> {
    /// Takes an object apart whose names match ignoring case.
    pub fn new(object: &'a Map<String, Json>) -> Result<Self, Malformed> {
        Self::spelled(object, Spelling::Any)
    }

    /// Takes an object apart whose names match exactly.
    pub fn exact(object: &'a Map<String, Json>) -> Self {
        Self {
            by_name: object
                .iter()
                .map(|(name, value)| (name.clone(), value))
                .collect(),
            spelling: Spelling::Exact,
        }
    }

    fn spelled(object: &'a Map<String, Json>, spelling: Spelling) -> Result<Self, Malformed> {
        if spelling == Spelling::Exact {
            return Ok(Self::exact(object));
        }
        let mut by_name = HashMap::with_capacity(object.len());
        for (name, value) in object {
            if by_name.insert(name.to_lowercase(), value).is_some() {
                return Err(Malformed);
            }
        }
        Ok(Self { by_name, spelling })
    }

    /// Takes an object inside apart, in the same way.
    pub fn nested(&self, object: &'a Map<String, Json>) -> Result<Self, Malformed> {
        Self::spelled(object, self.spelling)
    }

    /// A member as it is.
    pub fn get(&self, name: &str) -> Option<&'a Json> {
        match self.spelling {
            Spelling::Any => self.by_name.get(&name.to_lowercase()),
            Spelling::Exact => self.by_name.get(name),
        }
        .copied()
    }

    /// Reads a member that is an object itself. `zero` is what `null` makes of the target.
    pub fn object<T>(
        &self,
        name: &str,
        target: &mut T,
        zero: impl FnOnce() -> T,
        read: impl FnOnce(&Self, &mut T) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        match self.get(name) {
            None => Ok(()),
            Some(Json::Null) => {
                *target = zero();
                Ok(())
            }
            Some(Json::Object(members)) => read(&self.nested(members)?, target),
            Some(_) => Err(Malformed),
        }
    }

    /// Reads a text.
    pub fn text(&self, name: &str, target: &mut String) -> Result<(), Malformed> {
        self.read(name, target, |value| value.as_str().map(str::to_owned))
    }

    /// Reads a flag.
    pub fn flag(&self, name: &str, target: &mut bool) -> Result<(), Malformed> {
        self.read(name, target, Json::as_bool)
    }

    /// Reads a whole number.
    pub fn integer(&self, name: &str, target: &mut i64) -> Result<(), Malformed> {
        self.read(name, target, Json::as_i64)
    }

    /// Reads a list of texts; `null` items are empty texts.
    pub fn texts(&self, name: &str, target: &mut Vec<String>) -> Result<(), Malformed> {
        self.read(name, target, |value| {
            value
                .as_array()?
                .iter()
                .map(|item| match item {
                    Json::Null => Some(String::new()),
                    Json::String(text) => Some(text.clone()),
                    _ => None,
                })
                .collect()
        })
    }

    /// Reads a text that may be absent.
    pub fn optional_text(&self, name: &str, target: &mut Option<String>) -> Result<(), Malformed> {
        self.read(name, target, |value| {
            value.as_str().map(|text| Some(text.to_owned()))
        })
    }

    /// Reads a flag that may be absent.
    pub fn optional_flag(&self, name: &str, target: &mut Option<bool>) -> Result<(), Malformed> {
        self.read(name, target, |value| value.as_bool().map(Some))
    }

    /// Reads an object that is kept as it is.
    pub fn map(&self, name: &str, target: &mut Map<String, Json>) -> Result<(), Malformed> {
        self.read(name, target, |value| value.as_object().cloned())
    }

    fn read<T: Default>(
        &self,
        name: &str,
        target: &mut T,
        convert: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Result<(), Malformed> {
        match self.get(name) {
            None => {}
            Some(Json::Null) => *target = T::default(),
            Some(value) => *target = convert(value).ok_or(Malformed)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Malformed, Members};

    #[test]
    fn names_ignore_case_and_null_is_zero() {
        let value = json!({"NAME": "a", "count": null, "other": 1});
        let members = Members::new(value.as_object().unwrap()).unwrap();
        let (mut name, mut count, mut flag) = (String::new(), 5, true);
        members.text("name", &mut name).unwrap();
        members.integer("count", &mut count).unwrap();
        members.flag("flag", &mut flag).unwrap();
        assert_eq!((name.as_str(), count, flag), ("a", 0, true));
    }

    #[test]
    fn wrong_types_and_doubled_names_are_malformed() {
        let value = json!({"a": "5", "b": 1.5});
        let members = Members::new(value.as_object().unwrap()).unwrap();
        assert_eq!(members.integer("a", &mut 0), Err(Malformed));
        assert_eq!(members.integer("b", &mut 0), Err(Malformed));
        let doubled = json!({"a": 1, "A": 2});
        assert_eq!(
            Members::new(doubled.as_object().unwrap()).err(),
            Some(Malformed)
        );
    }
}

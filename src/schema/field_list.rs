//! The list of a collection's fields: identities are unique, and a field given twice replaces the earlier one.

use crate::schema::fields::Field;

/// Rebuilds a list from submitted fields, in order, by adding one after the other.
pub fn rebuild(submitted: Vec<Field>) -> Vec<Field> {
    let mut fields = Vec::with_capacity(submitted.len());
    for field in submitted {
        add(&mut fields, field);
    }
    fields
}

/// Adds a field: one without an id takes the place and the id of the one with its name, one with an id takes the place
/// of the one with that id, any other goes to the end, with a generated id if it has none.
pub fn add(fields: &mut Vec<Field>, mut field: Field) {
    let place = if field.id.is_empty() {
        fields.iter().position(|other| other.name == field.name)
    } else {
        fields.iter().position(|other| other.id == field.id)
    };
    if let Some(existing) = place.and_then(|place| fields.get_mut(place)) {
        if field.id.is_empty() {
            field.id.clone_from(&existing.id);
        }
        *existing = field;
        return;
    }
    if field.id.is_empty() {
        field.id = free_id(fields, &field);
    }
    fields.push(field);
}

/// The default id of a field, with a number behind it while another field has it.
fn free_id(fields: &[Field], field: &Field) -> String {
    let base = Field::default_id(field.kind.type_name(), &field.name);
    let taken = |id: &str| fields.iter().any(|other| other.id == id);
    if !taken(&base) {
        return base;
    }
    (2..=fields.len() + 2)
        .map(|n| format!("{base}{n}"))
        .find(|id| !taken(id))
        .unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::rebuild;
    use crate::schema::fields::{Field, FieldKind};

    fn field(id: &str, name: &str) -> Field {
        Field {
            id: id.to_owned(),
            ..Field::new(name, FieldKind::Bool)
        }
    }

    #[track_caller]
    fn check(input: &[(&str, &str)], expect: &[(&str, &str)]) {
        let fields = rebuild(input.iter().map(|(id, name)| field(id, name)).collect());
        let shown: Vec<(&str, &str)> = fields
            .iter()
            .map(|f| (f.id.as_str(), f.name.as_str()))
            .collect();
        assert_eq!(shown, expect);
    }

    #[test]
    fn fields_given_twice_replace_the_earlier_one() {
        check(&[("x", "a"), ("x", "b")], &[("x", "b")]);
        check(
            &[("x", "a"), ("", "b"), ("", "a")],
            &[("x", "a"), ("bool1908338681", "b")],
        );
        check(&[("x", "a"), ("y", "a")], &[("x", "a"), ("y", "a")]);
    }

    #[test]
    fn generated_ids_are_unique() {
        check(
            &[("bool3904355907", "b"), ("", "a")],
            &[("bool3904355907", "b"), ("bool39043559072", "a")],
        );
    }
}

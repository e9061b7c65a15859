//! A collection as its clients see it.

use crate::schema::{Collection, CollectionKind, Field, FieldKind, Rules, Schema};

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// A date as text, or an empty text.
    Date,
    Number,
    Bool,
    /// Any JSON.
    Any,
    GeoPoint,
    /// One of some texts, or an empty one.
    Choice(Vec<String>),
    /// Ids of records.
    Relation(String),
    File,
}

/// A member of a record.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    pub shape: Shape,
    pub is_list: bool,
    /// It is in answers, to some callers at least.
    pub is_answered: bool,
    /// It is in every answer.
    pub is_certain: bool,
    pub is_writable: bool,
    /// A record cannot be made without it.
    pub is_needed: bool,
    /// Only superusers see it.
    pub is_hidden: bool,
    pub note: String,
}

/// A collection.
#[derive(Clone, Debug)]
pub struct Model {
    pub collection: String,
    pub id: String,
    /// Its name as that of a type.
    pub type_name: String,
    pub kind: CollectionKind,
    pub members: Vec<Member>,
    pub rules: Rules,
}

impl Model {
    /// Relations of the model that lead to another one: member, model, whether there are several.
    pub fn relations<'a>(
        &'a self,
        all: &'a [Self],
    ) -> impl Iterator<Item = (&'a str, &'a Self, bool)> {
        self.members.iter().filter_map(move |member| {
            let Shape::Relation(id) = &member.shape else {
                return None;
            };
            let target = all.iter().find(|other| other.id == *id)?;
            Some((member.name.as_str(), target, member.is_list))
        })
    }

    /// Members that answers have.
    pub fn answered(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.is_answered)
    }

    /// Members that clients may set.
    pub fn writable(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.is_writable)
    }
}

/// All collections but those of the product itself, and superusers, in order of their names.
pub fn models(schema: &Schema) -> Vec<Model> {
    let mut models: Vec<Model> = schema
        .collections()
        .map(|entry| entry.definition())
        .filter(|collection| !collection.system)
        .map(|collection| model(collection))
        .collect();
    models.sort_by(|a, b| a.collection.cmp(&b.collection));
    let mut taken = Vec::new();
    for model in &mut models {
        while taken.contains(&model.type_name) {
            model.type_name.push('_');
        }
        taken.push(model.type_name.clone());
    }
    models
}

/// What of the models is nobody's secret: no hidden members, no conditions of rules, and no collection that only
/// superusers may use.
pub fn public(models: Vec<Model>) -> Vec<Model> {
    models
        .into_iter()
        .filter_map(|mut model| {
            let rules = &mut model.rules;
            let rules = [
                &mut rules.list,
                &mut rules.view,
                &mut rules.create,
                &mut rules.update,
                &mut rules.delete,
            ];
            let mut is_used = false;
            for rule in rules.into_iter().flatten() {
                is_used = true;
                if !rule.is_empty() {
                    "a condition holds".clone_into(rule);
                }
            }
            model.members.retain(|member| !member.is_hidden);
            (is_used || model.kind == CollectionKind::Auth).then_some(model)
        })
        .collect()
}

fn model(collection: &Collection) -> Model {
    let mut members: Vec<Member> = collection
        .fields
        .iter()
        .map(|field| member(collection, field))
        .collect();
    if collection.is_auth() {
        let after = members.iter().position(|member| member.name == "password");
        members.insert(
            after.map_or(members.len(), |at| at + 1),
            Member {
                name: "passwordConfirm".to_owned(),
                shape: Shape::Text,
                is_list: false,
                is_answered: false,
                is_certain: false,
                is_writable: true,
                is_needed: true,
                is_hidden: false,
                note: "The password once more.".to_owned(),
            },
        );
    }
    Model {
        collection: collection.name.clone(),
        id: collection.id.clone(),
        type_name: pascal(&collection.name),
        kind: collection.kind(),
        members,
        rules: collection.rules.clone(),
    }
}

fn member(collection: &Collection, field: &Field) -> Member {
    let shape = match &field.kind {
        FieldKind::Number(_) => Shape::Number,
        FieldKind::Bool => Shape::Bool,
        FieldKind::Json(_) => Shape::Any,
        FieldKind::GeoPoint => Shape::GeoPoint,
        FieldKind::Date(_) | FieldKind::Autodate(_) => Shape::Date,
        FieldKind::Select(options) => Shape::Choice(options.values.clone()),
        FieldKind::Relation(options) => Shape::Relation(options.collection_id.clone()),
        FieldKind::File(_) => Shape::File,
        FieldKind::Text(_)
        | FieldKind::Email(_)
        | FieldKind::Url(_)
        | FieldKind::Editor(_)
        | FieldKind::Password(_) => Shape::Text,
    };
    let is_secret = matches!(field.kind, FieldKind::Password(_))
        || (collection.is_auth() && field.name == "tokenKey");
    let is_auth_email = collection.is_auth() && field.name == "email";
    let makes_itself = match &field.kind {
        FieldKind::Text(options) => options.primary_key || !options.autogenerate_pattern.is_empty(),
        FieldKind::Autodate(_) => true,
        _ => false,
    };
    let note = if !field.help.is_empty() {
        field.help.clone()
    } else if field.hidden && !is_secret {
        "Only superusers see it.".to_owned()
    } else if is_auth_email {
        "Others see it only if `emailVisibility` says so.".to_owned()
    } else {
        String::new()
    };
    Member {
        name: field.name.clone(),
        shape,
        is_list: field.is_multiple(),
        is_answered: !is_secret,
        is_certain: !is_secret && !field.hidden && !is_auth_email,
        is_writable: !collection.is_view()
            && !matches!(field.kind, FieldKind::Autodate(_))
            && field.name != "tokenKey",
        is_needed: field.required && !makes_itself,
        is_hidden: field.hidden && !is_secret,
        note,
    }
}

/// `blog_posts` as `BlogPosts`.
fn pascal(name: &str) -> String {
    let mut out = String::new();
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    if out.starts_with(|first: char| first.is_ascii_digit()) || out.is_empty() {
        out.insert(0, 'C');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::pascal;

    #[test]
    fn names_of_collections_become_names_of_types() {
        for (name, expect) in [
            ("posts", "Posts"),
            ("blog_posts", "BlogPosts"),
            ("_x", "X"),
            ("1st", "C1st"),
            ("usersX", "UsersX"),
        ] {
            assert_eq!(pascal(name), expect);
        }
    }
}

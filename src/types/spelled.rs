//! Values with one spelling in JSON, SQL (`text`) and OpenAPI, checked wherever they are read.

use std::fmt;

/// Spells a type by what a method of its gives, which its `FromStr` reads back.
macro_rules! spelled {
    ($name:ident by $spelling:ident, $description:literal, example $example:literal $(, pattern $pattern:literal)?) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.$spelling())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <String as ::serde::Deserialize>::deserialize(from)?.parse().map_err(::serde::de::Error::custom)
            }
        }

        impl ::diesel::serialize::ToSql<::diesel::sql_types::Text, ::diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut ::diesel::serialize::Output<'b, '_, ::diesel::pg::Pg>) -> ::diesel::serialize::Result {
                <str as ::diesel::serialize::ToSql<::diesel::sql_types::Text, ::diesel::pg::Pg>>::to_sql(self.$spelling(), out)
            }
        }

        impl ::diesel::deserialize::FromSql<::diesel::sql_types::Text, ::diesel::pg::Pg> for $name {
            fn from_sql(value: ::diesel::pg::PgValue<'_>) -> ::diesel::deserialize::Result<Self> {
                let text = <String as ::diesel::deserialize::FromSql<::diesel::sql_types::Text, ::diesel::pg::Pg>>::from_sql(value)?;
                Ok(text.parse()?)
            }
        }

        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                ::utoipa::openapi::ObjectBuilder::new()
                    .schema_type(::utoipa::openapi::schema::Type::String)
                    $(.pattern(Some($pattern)))?
                    .description(Some($description))
                    .examples([$example])
                    .into()
            }
        }

        impl ::utoipa::ToSchema for $name {}
    };
}

pub(crate) use spelled;

/// As banks print account numbers and references: `ES91 2100 0418 …`.
pub(super) fn in_groups_of_four(code: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, character) in code.chars().enumerate() {
        if position > 0 && position % 4 == 0 {
            f.write_str(" ")?;
        }
        write!(f, "{character}")?;
    }
    Ok(())
}

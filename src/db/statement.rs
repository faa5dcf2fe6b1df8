//! Statements written by hand that are prepared once per connection.
//!
//! diesel caches neither `update()` nor `sql_query()` nor upserts: each costs a parse and often a round trip more.
//! A type of its own with a static `QueryId` is cached like any query of the builder (`docs/performance.md`).

/// Declares a statement: a struct of its parameters, bound to the `?` of the SQL in their order.
///
/// `execute(conn)` runs it; `load::<Row>(conn)` reads rows by column name (`QueryableByName`).
macro_rules! statement {
    ($(#[$meta:meta])* $vis:vis struct $name:ident $(<$life:lifetime>)? { $($(#[$fmeta:meta])* $field:ident : $type:ty => $sql_type:ty),* $(,)? } $sql:expr) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name $(<$life>)? { $($(#[$fmeta])* pub $field: $type),* }

        impl $(<$life>)? ::diesel::query_builder::QueryId for $name $(<$life>)? {
            type QueryId = $crate::db::statement_id!($name $(, $life)?);
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl $(<$life>)? ::diesel::query_builder::Query for $name $(<$life>)? {
            type SqlType = ::diesel::sql_types::Untyped;
        }

        impl $(<$life>)? ::diesel::query_builder::QueryFragment<::diesel::pg::Pg> for $name $(<$life>)? {
            fn walk_ast<'b>(&'b self, mut out: ::diesel::query_builder::AstPass<'_, 'b, ::diesel::pg::Pg>) -> ::diesel::QueryResult<()> {
                const SQL: &str = $sql;
                let mut pieces = SQL.split('?');
                out.push_sql(pieces.next().unwrap_or_default());
                $(
                    out.push_bind_param::<$sql_type, _>(&self.$field)?;
                    out.push_sql(pieces.next().unwrap_or_default());
                )*
                Ok(())
            }
        }
    };
}

macro_rules! statement_id {
    ($name:ident) => { $name };
    ($name:ident, $life:lifetime) => { $name<'static> };
}

pub(crate) use {statement, statement_id};

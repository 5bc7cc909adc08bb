//! A question as SQL: what PostgreSQL and SQLite both read, with `$1`, `$2` … for what is filled in.

use std::fmt::Write as _;

use super::{Condition, JoinKind, Query, Relation, RowOrder, Selection, Term};
use crate::table::{Cell, Column};

impl Query {
    /// The text, which consists of names of our tables and columns only, and what is filled in.
    pub fn sql(&self) -> (String, Vec<Cell>) {
        let mut text = Text::default();
        match self.asked() {
            Selection::Count => text.push("SELECT COUNT(*)"),
            Selection::Columns(columns) => {
                text.list("SELECT ", ", ", columns, |text, column| text.column(*column));
            }
        }
        text.push(" FROM ");
        text.push(self.table().name);
        for join in self.joins() {
            text.push(match join.kind {
                JoinKind::Inner => " JOIN ",
                JoinKind::Left => " LEFT JOIN ",
            });
            text.push(join.table.name);
            text.list(" ON ", " AND ", &join.on, |text, (left, right)| {
                text.term(*left);
                text.push(" = ");
                text.term(*right);
            });
        }
        text.list(" WHERE ", " AND ", self.conditions(), Text::condition);
        text.list(" ORDER BY ", ", ", self.order(), |text, (column, order)| {
            text.column(*column);
            text.push(match order {
                RowOrder::Ascending => "",
                RowOrder::Descending => " DESC",
            });
        });
        if let Some(limit) = self.rows_max() {
            text.push(" LIMIT ");
            text.fill_in(Cell::from(limit));
        }
        (text.sql, text.args)
    }
}

#[derive(Default)]
struct Text {
    sql: String,
    args: Vec<Cell>,
}

impl Text {
    fn push(&mut self, piece: &str) {
        self.sql.push_str(piece);
    }

    /// Nothing at all of an empty list.
    fn list<T>(&mut self, begin: &str, between: &str, items: &[T], write: impl Fn(&mut Self, &T)) {
        for (number, item) in items.iter().enumerate() {
            self.push(if number == 0 { begin } else { between });
            write(self, item);
        }
    }

    fn column(&mut self, column: Column) {
        self.push(column.table().name);
        self.push(".");
        self.push(column.name());
    }

    fn term(&mut self, term: Term) {
        match term {
            Term::Column(column) => self.column(column),
            Term::Prefixed(prefix, column) => {
                self.push("'");
                self.push(prefix);
                self.push("' || ");
                self.column(column);
            }
            Term::FirstOf(first, second) => {
                self.push("COALESCE(");
                self.column(first);
                self.push(", ");
                self.column(second);
                self.push(")");
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        self.term(condition.what);
        self.push(match condition.relation {
            Relation::Is => " = ",
            Relation::IsNull => return self.push(" IS NULL"),
            Relation::Below => " < ",
            Relation::Above => " > ",
            Relation::AtMost => " <= ",
            Relation::AtLeast => " >= ",
        });
        self.fill_in(condition.value.clone());
    }

    fn fill_in(&mut self, value: Cell) {
        self.args.push(value);
        // Writing to a String cannot fail.
        let _ = write!(self.sql, "${}", self.args.len());
    }
}

#[cfg(test)]
mod tests {
    use crate::query::{Query, Term};
    use crate::table::ColumnType::{Bigint, Text};
    use crate::table::{Cell, Column, Table};

    static WARDS: Table = Table {
        name: "wards",
        columns: &[("ward", Text), ("floor", Bigint)],
        key: 1,
        indexes: &[],
    };
    static BEDS: Table = Table {
        name: "beds",
        columns: &[("bed", Bigint), ("stands_in", Text), ("moved_to", Text), ("free_at", Bigint)],
        key: 1,
        indexes: &[],
    };
    const WARD: Column = WARDS.column("ward");
    const FLOOR: Column = WARDS.column("floor");
    const BED: Column = BEDS.column("bed");
    const STANDS_IN: Column = BEDS.column("stands_in");
    const MOVED_TO: Column = BEDS.column("moved_to");
    const FREE_AT: Column = BEDS.column("free_at");

    #[test]
    fn a_question_is_written_with_every_name_in_full() {
        let query = Query::of(&BEDS)
            .join(&WARDS, [(WARD.into(), Term::FirstOf(MOVED_TO, STANDS_IN))])
            .is(FLOOR, Cell::Bigint(3))
            .is(Term::FirstOf(MOVED_TO, STANDS_IN), "3")
            .nothing_in(FREE_AT)
            .below(BED, Cell::Bigint(9))
            .descending(BED)
            .at_most_rows(5)
            .columns(&[BED, WARD]);
        let sql = "SELECT beds.bed, wards.ward FROM beds \
                   JOIN wards ON wards.ward = COALESCE(beds.moved_to, beds.stands_in) \
                   WHERE wards.floor = $1 AND COALESCE(beds.moved_to, beds.stands_in) = $2 \
                   AND beds.free_at IS NULL AND beds.bed < $3 \
                   ORDER BY beds.bed DESC LIMIT $4";
        let args = vec![Cell::Bigint(3), "3".into(), Cell::Bigint(9), Cell::Bigint(5)];
        assert_eq!(query.sql(), (sql.to_owned(), args));
        let counted = Query::of(&WARDS)
            .left_join(&BEDS, [(Term::Prefixed("ward ", STANDS_IN), WARD.into())])
            .count();
        let sql = "SELECT COUNT(*) FROM wards \
                   LEFT JOIN beds ON 'ward ' || beds.stands_in = wards.ward";
        assert_eq!(counted.sql(), (sql.to_owned(), vec![]));
    }
}

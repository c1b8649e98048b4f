//! Enums whose variants are the rows of a table.

/// Declares an enum together with a row of facts for each variant, so that a new variant is one
/// place: there is no list of the variants and no `match` to keep in step. `ALL` has them in the
/// order of the table.
macro_rules! table {
    (
        $(#[$about:meta])*
        $vis:vis enum $name:ident of $row:ty {
            $($(#[$doc:meta])* $variant:ident = $facts:expr,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Every one, in the order of the table.
            $vis const ALL: &[Self] = &[$(Self::$variant),*];

            /// What is known of it.
            const fn row(self) -> &'static $row {
                const ROWS: &[$row] = &[$($facts),*];
                &ROWS[self as usize]
            }
        }
    };
}

pub(crate) use table;

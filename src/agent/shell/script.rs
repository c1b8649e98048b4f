//! What a script consists of, once it is read.

use std::rc::Rc;

/// A bound: what is nested deeper is refused unread.
pub(super) const DEEPEST: usize = 24;

/// A part of a word.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Characters without quotes.
    Plain(String),
    /// Characters in quotes.
    Quoted(String),
    /// A variable.
    Variable(Variable),
    /// The output of a script, which may stay one word.
    Output { script: Rc<Script>, quoted: bool },
    /// A file that holds the output of a script: `<(…)`.
    Process(Rc<Script>),
}

/// A variable in a word.
#[derive(Clone, Debug, Default)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Whether its value stays one word.
    pub(super) quoted: bool,
    /// Whether its value is what comes of it, and not its length or whether it is set.
    pub(super) shows: bool,
    /// Whether its value is the name of the variable that is meant.
    pub(super) points: bool,
    /// What stands behind the name: `:-`, `%`, or nothing.
    pub(super) sign: String,
    /// What stands behind the sign.
    pub(super) operand: Word,
}

/// A word, as parts that stand right behind each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Word(pub(super) Vec<Part>);

impl Word {
    /// Its characters, if they are all that it has and none is quoted.
    pub(super) fn bare(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Plain(text)] => Some(text),
            _ => None,
        }
    }
}

/// What is done with a file or another stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It is read.
    In,
    /// It is the word itself that is read.
    Text,
    /// It is written.
    Out,
    /// It is written, by errors too.
    Both,
    /// It is another stream, by its number.
    Same,
}

/// A redirection.
#[derive(Clone, Debug)]
pub(super) struct Redirect {
    /// The stream that is meant, if its number is told.
    pub(super) stream: Option<u32>,
    pub(super) sign: Sign,
    pub(super) word: Word,
}

/// What a command is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// `NAME=VALUE` before it, and its words.
    Simple(Vec<(String, Word)>, Vec<Word>),
    /// Commands between signs or words that belong together.
    Group(Rc<Script>, bool),
    /// A function, by its name.
    Function(String, Rc<Script>),
}

/// A command with what stands around it.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) kind: Kind,
    pub(super) redirects: Vec<Redirect>,
}

/// Commands of which each reads what the one before it writes.
pub(super) type Pipe = Vec<Command>;

/// The commands of a script, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    pub(super) pipes: Vec<Pipe>,
    /// Whether it is nested too deeply to be read.
    pub(super) is_too_deep: bool,
}

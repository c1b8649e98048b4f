//! Reminders for a calendar, as RFC 5545 has them.

use crate::allow::Date;

/// A day on which somebody wants to be reminded.
pub(crate) struct Event {
    /// What tells it from all others, for good.
    pub(crate) id: String,
    /// The day.
    pub(crate) day: Date,
    /// What is to be done.
    pub(crate) summary: String,
    /// How.
    pub(crate) description: String,
    /// After how many days again.
    pub(crate) every: u64,
}

/// A calendar with these events, made on that day.
pub(crate) fn calendar(events: &[Event], today: Date) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(text, &mut out);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//keyward//keys//EN");
    line("CALSCALE:GREGORIAN");
    for event in events {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}@keyward", event.id));
        line(&format!("DTSTAMP:{}T000000Z", digits(today)));
        line(&format!("DTSTART;VALUE=DATE:{}", digits(event.day)));
        line(&format!("RRULE:FREQ=DAILY;INTERVAL={}", event.every));
        line(&format!("SUMMARY:{}", escaped(&event.summary)));
        line(&format!("DESCRIPTION:{}", escaped(&event.description)));
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

fn digits(day: Date) -> String {
    day.to_string().replace('-', "")
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Writes a line, which goes on behind a blank where it is longer than a line may be.
fn fold(text: &str, out: &mut String) {
    /// A bound of the format, in bytes, without the end of the line.
    const LONGEST: usize = 75;
    let mut len = 0;
    for c in text.chars() {
        if len + c.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            len = 1;
        }
        out.push(c);
        len += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_is_as_its_format_says() {
        let event = Event {
            id: "ab12".to_owned(),
            day: Date::new(2027, 2, 25).expect("a day"),
            summary: format!("rotate A_KEY; {}", "\u{e4}".repeat(60)),
            description: "one, two\nthree\\".to_owned(),
            every: 90,
        };
        let made = calendar(&[event], Date::new(2026, 11, 27).expect("a day"));
        assert!(made.ends_with("END:VCALENDAR\r\n"));
        assert_eq!(made.matches('\n').count(), made.matches("\r\n").count());
        assert!(made.lines().all(|line| line.len() <= 75), "{made}");
        let whole = made.replace("\r\n ", "");
        for line in [
            "UID:ab12@keyward\r\n",
            "DTSTAMP:20261127T000000Z\r\n",
            "DTSTART;VALUE=DATE:20270225\r\n",
            "RRULE:FREQ=DAILY;INTERVAL=90\r\n",
            &format!("SUMMARY:rotate A_KEY\\; {}\r\n", "\u{e4}".repeat(60)),
            "DESCRIPTION:one\\, two\\nthree\\\\\r\n",
        ] {
            assert!(whole.contains(line), "{line}: {whole}");
        }
    }
}

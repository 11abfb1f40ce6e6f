//! The parser, on what terminals send, and on any bytes.

use arbtest::arbtest;
use crossterm::event::{KeyEventKind, MouseButton, MouseEvent, MouseEventKind};

use super::*;

/// The events of some bytes, of which the last sequence stays unfinished.
fn events(bytes: &[u8]) -> Vec<Event> {
    let mut parser = Parser::default();
    bytes.iter().filter_map(|byte| parser.feed(*byte)).collect()
}

/// The events of some bytes after which nothing arrives.
fn all(bytes: &[u8]) -> Vec<Event> {
    let mut parser = Parser::default();
    let mut events: Vec<Event> = bytes.iter().filter_map(|byte| parser.feed(*byte)).collect();
    events.extend(parser.give_up());
    assert_eq!(parser.patience(), None);
    events
}

fn plain(code: KeyCode) -> Vec<Event> {
    vec![key(code, KeyModifiers::NONE)]
}

fn with(code: KeyCode, modifiers: KeyModifiers) -> Vec<Event> {
    vec![key(code, modifiers)]
}

#[test]
fn keys_of_one_character() {
    assert_eq!(events(b"q"), plain(KeyCode::Char('q')));
    assert_eq!(events("é".as_bytes()), plain(KeyCode::Char('é')));
    assert_eq!(events("中".as_bytes()), plain(KeyCode::Char('中')));
    assert_eq!(events("😀".as_bytes()), plain(KeyCode::Char('😀')));
    assert_eq!(events(b"T"), with(KeyCode::Char('T'), KeyModifiers::SHIFT));
    assert_eq!(events(b"\r"), plain(KeyCode::Enter));
    assert_eq!(events(b"\t"), plain(KeyCode::Tab));
    assert_eq!(events(b"\x7f"), plain(KeyCode::Backspace));
    for (byte, letter) in [(0, ' '), (3, 'c'), (0x1a, 'z'), (0x1c, '4'), (0x1f, '7')] {
        assert_eq!(
            events(&[byte]),
            with(KeyCode::Char(letter), KeyModifiers::CONTROL)
        );
    }
}

#[test]
fn keys_of_a_sequence() {
    for (bytes, code) in [
        (&b"\x1b[A"[..], KeyCode::Up),
        (b"\x1bOB", KeyCode::Down),
        (b"\x1b[H", KeyCode::Home),
        (b"\x1b[4~", KeyCode::End),
        (b"\x1b[5~", KeyCode::PageUp),
        (b"\x1b[3~", KeyCode::Delete),
        (b"\x1bOP", KeyCode::F(1)),
        (b"\x1bOR", KeyCode::F(3)),
        (b"\x1b[[C", KeyCode::F(3)),
        (b"\x1b[15~", KeyCode::F(5)),
        (b"\x1b[21~", KeyCode::F(10)),
        (b"\x1b[23~", KeyCode::F(11)),
        (b"\x1b[27u", KeyCode::Esc),
        (b"\x1b[57399u", KeyCode::Char('0')),
        (b"\x1b[57414u", KeyCode::Enter),
        (b"\x1b[57419u", KeyCode::Up),
    ] {
        assert_eq!(events(bytes), plain(code), "{bytes:?}");
    }
    let (shift, ctrl) = (KeyModifiers::SHIFT, KeyModifiers::CONTROL);
    for (bytes, code, modifiers) in [
        (&b"\x1b[Z"[..], KeyCode::BackTab, shift),
        (b"\x1b[9;2u", KeyCode::BackTab, shift),
        (b"\x1b[1;5C", KeyCode::Right, ctrl),
        (b"\x1b[23;2~", KeyCode::F(11), shift),
        (b"\x1b[99;5u", KeyCode::Char('c'), ctrl),
        (b"\x1b[27;5;99~", KeyCode::Char('c'), ctrl),
        (b"\x1b[103:71;2u", KeyCode::Char('G'), shift),
        (b"\x1b[103;2u", KeyCode::Char('G'), shift),
        (b"\x1bx", KeyCode::Char('x'), KeyModifiers::ALT),
        ("\x1bé".as_bytes(), KeyCode::Char('é'), KeyModifiers::ALT),
    ] {
        assert_eq!(events(bytes), with(code, modifiers), "{bytes:?}");
    }
    let [Event::Key(key)] = events(b"\x1b[97;1:3u")[..] else {
        panic!("one key");
    };
    assert_eq!(key.kind, KeyEventKind::Release);
}

fn mouse(bytes: &[u8]) -> MouseEvent {
    match events(bytes)[..] {
        [Event::Mouse(event)] => event,
        ref other => panic!("{bytes:?}: {other:?}"),
    }
}

#[test]
fn a_mouse_report_with_coordinate_0_is_at_the_edge() {
    for bytes in [&b"\x1b[<0;0;0M"[..], b"\x1b[M   ", b"\x1b[32;0;0M"] {
        let event = mouse(bytes);
        assert_eq!(event.kind, MouseEventKind::Down(MouseButton::Left));
        assert_eq!((event.column, event.row), (0, 0), "{bytes:?}");
    }
}

#[test]
fn mouse_reports_say_button_and_cell() {
    let event = mouse(b"\x1b[<0;5;7m");
    assert_eq!(event.kind, MouseEventKind::Up(MouseButton::Left));
    assert_eq!((event.column, event.row), (4, 6));
    assert_eq!(mouse(b"\x1b[<65;1;1M").kind, MouseEventKind::ScrollDown);
    assert_eq!(mouse(b"\x1b[<35;1;1M").kind, MouseEventKind::Moved);
    let drag = mouse(b"\x1b[<34;65535;65535M");
    assert_eq!(drag.kind, MouseEventKind::Drag(MouseButton::Right));
    assert_eq!((drag.column, drag.row), (65534, 65534));
    let far = mouse(b"\x1b[<0;100000000000000000000;9M");
    assert_eq!((far.column, far.row), (65534, 8));
    // Bytes from 0x80 on are coordinates of a wide terminal, not text.
    assert_eq!(mouse(b"\x1b[M \xff\x21").column, 222);
    for nothing in [
        &b"\x1b[<;M"[..],
        b"\x1b[<0M",
        b"\x1b[<999;1;1M",
        b"\x1b[<-1;1;1M",
    ] {
        assert_eq!(events(nothing), [], "{nothing:?}");
    }
}

#[test]
fn half_a_sequence_becomes_what_was_typed() {
    let alt = KeyModifiers::ALT;
    assert_eq!(all(b"\x1b"), plain(KeyCode::Esc));
    assert_eq!(all(b"\x1b["), with(KeyCode::Char('['), alt));
    assert_eq!(
        all(b"\x1bO"),
        with(KeyCode::Char('O'), alt | KeyModifiers::SHIFT)
    );
    assert_eq!(all(b"\x1b]"), with(KeyCode::Char(']'), alt));
    for dropped in [
        &b"\x1b[1;"[..],
        b"\x1b[<0;3",
        b"\x1b[M ",
        b"\x1b[[",
        b"\xe4\xb8",
        b"\x1b]11;rgb:00",
    ] {
        assert_eq!(all(dropped), [], "{dropped:?}");
    }
    assert_eq!(all(b"\x1b[200~half"), [Event::Paste("half".into())]);
    let two = [plain(KeyCode::Esc), plain(KeyCode::Esc)].concat();
    assert_eq!(all(b"\x1b\x1b"), two);
}

#[test]
fn ctrl_c_works_after_any_half_sequence() {
    let ctrl_c = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for half in [
        &b"\x1b["[..],
        b"\x1bO",
        b"\x1b[<0;1",
        b"\x1b[M!",
        b"\x1b[[",
        b"\x1b]0;title",
        b"\x1bPtext",
        b"\xf0\x9f",
    ] {
        let bytes = [half, b"\x03"].concat();
        assert_eq!(events(&bytes).last(), Some(&ctrl_c), "{half:?}");
    }
}

#[test]
fn replies_that_were_not_asked_for_mean_nothing() {
    for reply in [
        &b"\x1b[?62;1;6;22c"[..],
        b"\x1b[>41;354;0c",
        b"\x1b[12;40R",
        b"\x1b[1;2R",
        b"\x1b[?1u",
        b"\x1b[?2026;2$y",
        b"\x1b[I",
        b"\x1b[O",
        b"\x1b[8;24;80t",
        b"\x1b[0n",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        b"\x1b]52;c;aGk=\x1b\\",
        b"\x1bP>|xterm(390)\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b[201~",
    ] {
        assert_eq!(all(reply), [], "{reply:?}");
    }
}

#[test]
fn a_paste_is_one_event() {
    let paste = |text: &str| [Event::Paste(text.into())];
    assert_eq!(events(b"\x1b[200~q\rrm\x03\x1b[201~"), paste("q\rrm\x03"));
    // What looks like the end is not the end.
    assert_eq!(
        events(b"\x1b[200~a\x1b[20\x1b\x1b[201\x1b[A\x1b[201~"),
        paste("a\x1b[20\x1b\x1b[201\x1b[A")
    );
    assert_eq!(events(b"\x1b[200~\x1b[201~"), paste(""));
}

#[test]
fn long_input_is_not_kept() {
    for begin in [&b"\x1b["[..], b"\x1b[<", b"\x1b]", b"\x1bP", b"\x1b[200~"] {
        let mut parser = Parser::default();
        for byte in begin
            .iter()
            .copied()
            .chain(std::iter::repeat_n(b'1', 1 << 20))
        {
            assert_eq!(parser.feed(byte), None);
        }
        assert!(parser.held.capacity() <= 4 * LONGEST);
        assert!(parser.pasted.capacity() <= 2 * LONGEST_PASTE);
        parser.give_up();
        assert_eq!(parser.feed(b'q'), Some(character('q', false)));
    }
    assert_eq!(
        all(&[b"\x1b[".to_vec(), b"1".repeat(200), b"A".to_vec()].concat()),
        []
    );
}

/// Bytes that often form sequences.
fn bytes(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    const PARTS: [&[u8]; 16] = [
        b"\x1b",
        b"\x1b[",
        b"\x1bO",
        b"\x1b[<",
        b"\x1b[M",
        b"\x1b[200~",
        b"\x1b[201~",
        b"\x1b]",
        b"\x1b\\",
        b"\x1bP",
        b";",
        b":",
        b"0",
        b"4294967296",
        b"M",
        b"~",
    ];
    let mut all = Vec::new();
    while !u.is_empty() {
        if u.arbitrary()? {
            all.extend_from_slice(u.choose(&PARTS)?);
        } else {
            all.push(u.arbitrary()?);
        }
    }
    Ok(all)
}

/// The parser has no other input than the bytes, so how they are split does not matter. What could
/// matter is the time between two reads: a parser that gives up after nothing is unfinished gives
/// the same events.
#[test]
fn any_bytes_give_the_same_events_however_they_are_split() {
    arbtest(|u| {
        let bytes = bytes(u)?;
        let mut parser = Parser::default();
        let mut split = Vec::new();
        for byte in &bytes {
            split.extend(parser.feed(*byte));
            if parser.patience().is_none() {
                assert_eq!(parser.give_up(), None);
            }
            assert!(parser.held.len() <= LONGEST + 1);
            assert!(parser.pasted.len() <= LONGEST_PASTE);
        }
        assert_eq!(split, events(&bytes));
        Ok(())
    });
}

/// After the half of any sequence, the next key is understood.
#[test]
fn any_bytes_are_followed_by_a_key() {
    arbtest(|u| {
        let mut parser = Parser::default();
        for byte in bytes(u)? {
            parser.feed(byte);
        }
        parser.give_up();
        assert_eq!(parser.patience(), None);
        assert_eq!(parser.feed(b'q'), Some(character('q', false)));
        Ok(())
    });
}

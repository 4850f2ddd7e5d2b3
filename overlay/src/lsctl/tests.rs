//! What scripts make, and how they stop.

use proptest::prelude::*;

use super::*;
use crate::name::Name;
use crate::rule::Direction;

/// Notes what it is asked for.
#[derive(Default)]
struct Notes {
    actions: Vec<(Action, u32)>,
    changes: Vec<(u32, Change)>,
    refuses: Option<Action>,
}

impl Runner for Notes {
    fn act(&mut self, action: Action, _: &Session, at: &Origin) -> Result<(), String> {
        self.actions.push((action, at.line));
        if self.refuses == Some(action) { Err("refused".to_owned()) } else { Ok(()) }
    }

    fn changed(&mut self, at: &Origin, change: &Change) {
        self.changes.push((at.line, change.clone()));
    }
}

fn run(script: &str, arguments: &[&str]) -> Result<Model, ScriptError> {
    let mut interpreter = Interpreter::new(arguments.iter().copied());
    interpreter.run(script, "test.lsctl", &mut Notes::default()).map(|()| interpreter.session().model.clone())
}

fn error(script: &str) -> String {
    match run(script, &[]) {
        Ok(_) => panic!("{script} runs"),
        Err(error) => error.to_string().trim_start_matches("`test.lsctl` ").to_owned(),
    }
}

/// The value of an expression, by the name of the phys that it makes.
fn value(setup: &str, word: &str) -> Result<String, String> {
    let model = run(&format!("{setup}\nphys -name <{word}>"), &["one", "two words", "x"]);
    let name = |model: Model| model.physes().keys().next().map(|name| name.as_str().to_owned());
    model.map(|model| name(model).expect("a phys").trim_matches(['<', '>']).to_owned()).map_err(|error| error.message)
}

#[test]
fn words_as_tcl_has_them() {
    for (setup, word, text) in [
        ("set a 5", "$a", "5"),
        ("set a 5", "${a}b", "5b"),
        ("set a 5", "$", "$"),
        ("set a 5; # no comment { here\nset b 6", "$a$b", "56"),
        ("set a {x\\\n    y}", "$a", "x y"),
        ("set a \"x\\\n    y\"", "$a", "x y"),
        ("set a {b [c] $d \\n}", "$a", "b [c] $d \\n"),
        ("set a \"tab\\tquote\\\" \\x41 \\u00e9 \\101 \\q\"", "$a", "tab\tquote\" A é A q"),
        ("", "[lindex $argv 0]", "one"),
        ("", "[lindex $argv 1]", "two words"),
        ("", "[lindex $argv end]", "x"),
        ("", "[lindex $argv end-1]", "two words"),
        ("", "[lindex $argv 9]", ""),
        ("", "$argc", "3"),
        ("", "[llength {a {b c} d}]", "3"),
        ("", "[lindex [list a {b c} \\{] 2]", "{"),
        ("set a 1; incr a; incr a 5; incr new", "$a$new", "71"),
        ("if {$argc > 2} {set a many} else {set a few}", "$a", "many"),
        ("if {$argc == 0} then {set a 0} elseif {$argc == 3} then {set a 3} else {set a x}", "$a", "3"),
        ("set a {}; foreach {x y} {1 2 3} z {a b} {set a $a$x$y$z,}", "$a", "12a,3b,"),
        ("set a {}; for {set i 0} {$i < 3} {incr i} {set a $a$i}", "$a", "012"),
        ("set a [set b 3]", "$a$b", "33"),
        ("# a comment \\\n set a 1\nset a 2", "$a", "2"),
        ("set a {#}", "$a", "#"),
    ] {
        assert_eq!(value(setup, word), Ok(text.to_owned()), "{setup} / {word}");
    }
}

#[test]
fn expressions_as_tcl_has_them() {
    for (expression, text) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-7 / 2", "-4"),
        ("-7 % 2", "1"),
        ("7 % -2", "-1"),
        ("7 / -2", "-4"),
        ("2 - 3 - 4", "-5"),
        ("0x10 + 010", "24"),
        ("!0 + !5", "1"),
        ("- - 3", "3"),
        ("1 < 2", "1"),
        ("2 <= 1", "0"),
        ("\"abc\" < \"abd\"", "1"),
        ("\"a\" eq {a}", "1"),
        ("\"a\" ne {a}", "0"),
        ("10 == 0xa", "1"),
        ("10 eq 0xa", "0"),
        ("1 || $nothing", "1"),
        ("0 && [nothing]", "0"),
        ("0 || 2", "1"),
        ("1 ? 5 : $nothing", "5"),
        ("0 ? $nothing : 1 ? 6 : 7", "6"),
        ("2 eq 2 == 1", "0"),
        ("1 < 2 < 3", "1"),
        ("$argc * 2", "6"),
        ("{text}", "text"),
        ("true && on", "1"),
        ("1\n+\n1", "2"),
    ] {
        assert_eq!(value("", &format!("[expr {{{expression}}}]")), Ok(text.to_owned()), "{expression}");
    }
}

#[test]
fn expressions_that_are_none() {
    for (expression, message) in [
        ("1 / 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("9223372036854775807 + 1", "the result is beyond 64 bits"),
        ("-(-9223372036854775807 - 1)", "the result is beyond 64 bits"),
        ("(-9223372036854775807 - 1) / -1", "the result is beyond 64 bits"),
        ("1.5 + 1", "cannot compute with `1.5`: decimals are not part of this language"),
        ("\"1.0\" == 1", "cannot compare `1.0`: decimals are not part of this language"),
        ("abc", "cannot compute with `abc`: a text stands in quotes or braces"),
        ("sin(1)", "cannot compute with `sin`: functions are not part of this language"),
        ("\"a\" + 1", "cannot compute with `a`: it is not a whole number"),
        ("2 ** 3", "`**` cannot stand there"),
        ("1 << 3", "`<<` cannot stand there"),
        ("1 +", "the expression ends where a value is expected"),
        ("(1", "a parenthesis is not closed"),
        ("1 ? 2", "`?` has no `:`"),
        ("1 2", "`2` cannot stand there"),
        ("$nothing", "there is no variable `nothing`"),
    ] {
        assert_eq!(value("", &format!("[expr {{{expression}}}]")), Err(message.to_owned()), "{expression}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: a line an error")]
fn scripts_stop_with_their_line() {
    for (script, message) in [
        (
            "\n\nfoo bar",
            "line 3: `foo` is no directive: `attach`, `claimLocal`, `cleanup`, `commit`, `detach`, `flushVr`, `free`, `net`, `phys`, `rate`, `rule`, `settings`, `show`, `validate` or `virt`",
        ),
        ("phis -name a", "line 1: `phis` is no directive; did you mean `phys`?"),
        (
            "puts hello",
            "line 1: `puts` is not part of this language, which has `expr`, `for`, `foreach`, `if`, `incr`, `lindex`, `list`, `llength`, `namespace`, `package` or `set` beside the directives",
        ),
        ("set a {", "line 1: a brace is opened here and not closed"),
        ("\nset a \"b", "line 2: a quote is opened here and not closed"),
        ("set a [b", "line 1: a bracket is opened here and not closed"),
        ("set a {b}c", "line 1: extra characters after close-brace: leave a space there"),
        ("set a {*}$b", "line 1: `{*}` is not part of this language"),
        ("set a $b(c)", "line 1: arrays such as `$b(…)` are not part of this language"),
        ("set argument 1\nset a $argumnt", "line 2: there is no variable `argumnt`\nhint: did you mean `$argument`?"),
        ("set", "line 1: wrong number of arguments: `set NAME ?VALUE?`"),
        ("namespace eval a {}", "line 1: of `namespace` only `namespace import lsdn::*` is part of this language"),
        ("if {maybe} {}", "line 1: cannot compute with `maybe`: a text stands in quotes or braces"),
        ("if {\"maybe\"} {}", "line 1: `maybe` is neither true nor false"),
        (
            "virt -net test\nnet -vid 1 test {}",
            "line 1: can not find network `test`\nhint: no network is stated before this line",
        ),
        (
            "settings vlan\nnet 1 {\n  net 2\n}",
            "line 3: `net` is not allowed inside `net`: it stands outside of everything or inside `phys`\n  inside `net` of line 2",
        ),
        ("rule in 1 drop", "line 1: `rule` is not allowed outside of everything: it stands inside `virt`"),
        (
            "net 1",
            "line 1: please define default network settings first\nhint: `settings vlan`, say, before the first net; or name others that there are: `net -settings NAME`",
        ),
        (
            "settings vlan\nsettings vlan",
            "line 2: settings `default`: default settings exist already, since line 1\nhint: they cannot be changed: leave these out, give them a name of their own (`-name`), or begin anew with `free`",
        ),
        (
            "settings vlan -name x\n\nsettings geneve -name x",
            "line 3: settings `x`: the name exists already, since line 1\nhint: they cannot be changed: leave these out, give them a name of their own (`-name`), or begin anew with `free`",
        ),
        (
            "settings v",
            "line 1: bad type `v`: must be `direct`, `vlan`, `vxlan/mcast`, `vxlan/e2e`, `vxlan/static`, `geneve` or `geneve/e2e`",
        ),
        ("settings vxlan/e2e -port 70000", "line 1: `-port 70000` is not a UDP port: 1 to 65535"),
        ("settings vxlan/mcast", "line 1: `settings vxlan/mcast` needs `-mcastIp`, the address of a multicast group"),
        (
            "settings vxlan/mcast -mcastIp 10.0.0.1",
            "line 1: `-mcastIp 10.0.0.1` is not a multicast address: 224.0.0.0/4 or ff00::/8",
        ),
        ("settings vlan\nnet -vid 4095 a", "line 2: `4095` is not the number of a VLAN net: 1 to 4094"),
        ("settings vlan\nnet foo", "line 2: net `foo` has no number: state `-vid`, or let its name begin with it"),
        (
            "settings vlan\nnet 1\nnet 1 -settings default",
            "line 3: net `1`: can not change settings, the network already exists\nhint: state `-settings` where it is first named, or remove it before: `net -remove 1`",
        ),
        (
            "settings vlan\nnet 1\nnet 1 -vid 2",
            "line 3: net `1`: can not change the number 1 to 2, the network already exists\nhint: another number is another net: give that another name, or remove this before: `net -remove 1`",
        ),
        ("settings vlan\nnet 1 -settings x", "line 2: can not find settings `x`\nhint: there is `default`"),
        (
            "settings vlan\nnet x -remove",
            "line 2: net `x` not found, can not remove net\nhint: it is gone already, or has another name: `show` prints those that there are",
        ),
        ("phys -ip 10.0.0", "line 1: `-ip 10.0.0` is not an IP address"),
        ("phys -ip 10.0.0.1/24", "line 1: `-ip 10.0.0.1/24` is not an IP address: it has no prefix length here"),
        ("phys -ip 10.0.0.1 -ipClear", "line 1: can not clear and set IP address at the same time"),
        (
            "phys -if sixteen-letters-",
            "line 1: `-if sixteen-letters-` is not an interface name: 1 to 15 characters, without `/`, `:` and spaces",
        ),
        ("phys -i a", "line 1: ambiguous option `-i`: `-if`, `-ip`, `-ifClear` or `-ipClear`"),
        (
            "phys -zip a",
            "line 1: unrecognized argument `-zip`: options are `-name`, `-if`, `-ip`, `-net`, `-remove`, `-ifClear`, `-ipClear` or `-mtu`",
        ),
        ("phys -name", "line 1: `-name` has no value"),
        (
            "phys {} extra",
            "line 1: unrecognized argument `extra`\nhint: words with spaces in them, and bodies, are put in braces: `{ … }`",
        ),
        ("settings vlan\nphys {} }", "line 2: unrecognized argument `}`\nhint: there is a brace too many"),
        (
            "phys {} # mine",
            "line 1: unrecognized argument `#`\nhint: a comment behind a command needs a `;` before it: `; # …`",
        ),
        (
            "settings vlan\nnet -vid 5 {attach a}",
            "line 2: the net has a body and no name: `attach a`\nhint: its name stands before its body: `net NAME { … }`",
        ),
        (
            "settings vlan\nnet -vid 5 {}",
            "line 2: the name of the net is empty\nhint: its name stands before its body: `net NAME { … }`; a word of `$argv` that was not given is empty too",
        ),
        (
            "settings vlan\nnet -vid 99999999999999999999999 a",
            "line 2: `-vid 99999999999999999999999` is not the number of a net: VLANs have 1 to 4094, VXLAN and Geneve 1 to 16777215",
        ),
        (
            "settings geneve -port 99999999999999999999999",
            "line 1: `-port 99999999999999999999999` is not a UDP port: 1 to 65535",
        ),
        ("phys -mtu x", "line 1: `-mtu x` is not an MTU: 68 to 65535"),
        (
            "phys -name [lindex $argv 5]",
            "line 1: the name is empty\nhint: a word of `$argv` that was not given is empty: say all of them behind the file, or behind the socket of `serve`",
        ),
        (
            "phys -if [lindex $argv 5]",
            "line 1: the value of `-if` is empty\nhint: a word of `$argv` that was not given is empty: say all of them behind the file, or behind the socket of `serve`",
        ),
        (
            "phys -name tower-north\nphys -name xyz\nclaimLocal tower-norht",
            "line 3: can not find phys `tower-norht`\nhint: did you mean `tower-north`?",
        ),
        (
            "phys -name abc\nphys -name xyz\nclaimLocal q",
            "line 3: can not find phys `q`\nhint: there is `abc` or `xyz`",
        ),
        (
            "foreach i {1 2 3 4 5 6 7 8 9} {phys -name $i}\nclaimLocal q",
            "line 2: can not find phys `q`\nhint: there is `1`, `2`, `3`, `4`, `5`, `6`, `7` or `8`, and 1 more",
        ),
        (
            "phys -remove",
            "line 1: phys not found, can not remove phys\nhint: state `-name`; `show` prints the physes that there are",
        ),
        ("virt", "line 1: network must be specified, either using `-net` argument or from net scope"),
        (
            "settings vlan\nnet 1 {\nvirt -net 1\n}",
            "line 3: `-net` argument is not allowed inside net scope\n  inside `net` of line 2",
        ),
        (
            "settings vlan\nnet 1 {\nvirt -mac 00:11:22\n}",
            "line 3: `-mac 00:11:22` is not a MAC address such as `9f:1a:c1:4c:ee:0b` or `9f1ac14cee0b`\n  inside `net` of line 2",
        ),
        ("settings vlan\nnet 1 {virt -if tap0}", "line 2: `-if` needs a phys: state `-phys`, or nest it in `phys`"),
        ("attach -phys a -net b", "line 1: can not find phys `a`\nhint: no phys is stated before this line"),
        ("attach a", "line 1: need to specify a phys or a net: `-phys` or `-net`"),
        (
            "claimLocal",
            "line 1: expected either a list of physes, a phys scope or `-phys` argument\nhint: `claimLocal PHYS`, or without a name inside `phys`",
        ),
        (
            "claimLocal [lindex $argv 0]",
            "line 1: the name of the phys is empty\nhint: a word of `$argv` that was not given is empty: say all of them behind the file, or behind the socket of `serve`",
        ),
        (
            "settings vlan\nnet 1 {virt {\nrule up 1 drop}}",
            "line 3: `up` is no direction: `in` or `out`\n  inside `virt` of line 2\n  inside `net` of line 2",
        ),
        (
            "settings vlan\nnet 1 {virt {\nrule in 32768 drop}}",
            "line 3: `32768` is not a priority: 0 to 32767\n  inside `virt` of line 2\n  inside `net` of line 2",
        ),
        (
            "settings vlan\nnet 1 {virt {\nrule in 1 log}}",
            "line 3: `log` is no action: `drop` or `accept`\n  inside `virt` of line 2\n  inside `net` of line 2",
        ),
        (
            "settings vlan\nnet 1 {virt {\nrate in -avg 1kb}}",
            "line 3: `rate` needs both `-avg` and `-burst`\n  inside `virt` of line 2\n  inside `net` of line 2",
        ),
        (
            "settings vlan\nnet 1 {virt {\nrate in -avg 1kib -burst 1}}",
            "line 3: `-avg 1kib` has an unknown unit: `kb`, `mb`, `gb`, `bit`, `kbit`, `mbit`, `gbit`, or none for bytes\n  inside `virt` of line 2\n  inside `net` of line 2",
        ),
        ("commit now", "line 1: unrecognized argument `now`\nhint: leave it out"),
        ("show -tcl -json", "line 1: `-tcl` and `-json` exclude each other"),
    ] {
        assert_eq!(error(script), message, "{script}");
    }
}

#[test]
fn every_script_ends() {
    let seconds = std::time::Instant::now();
    for (script, message) in [
        ("for {set i 0} {1} {} {}".to_owned(), "the script takes too long"),
        (
            format!("set a {}\nfor {{}} {{1}} {{}} {{set a $a$a}}", "x".repeat(100)),
            "the variables hold more than 16 MiB",
        ),
        ("{".repeat(100_000), "a brace is opened"),
        ("[".repeat(100_000), "more than 32 brackets"),
        (format!("if {{{}1}} {{}}", "(".repeat(100_000)), "nested more than 32 deep"),
        (format!("if {{{}1}} {{}}", "!".repeat(100_000)), "nested more than 32 deep"),
        (format!("{}{}", "if 1 {".repeat(1000), "}".repeat(1000)), "commands are nested more than 32 deep"),
        (format!("set a {}x{}", "[list ".repeat(33), "]".repeat(33)), "more than 32 brackets"),
    ] {
        let found = run(&script, &[]).map(|_| ()).map_err(|error| error.message);
        assert!(found.as_ref().is_err_and(|found| found.contains(message)), "{found:?} is not {message}");
    }
    assert!(seconds.elapsed().as_secs() < 60, "limits are small enough");
}

/// The four ways in which the manual writes one model.
#[test]
fn nesting_is_a_matter_of_style() {
    let models = [
        "phys -name p\nnet 42 {\nvirt -name a -phys p\nattach p\n}",
        "phys -name p\nnet 42\nvirt -name a -net 42 -phys p\nattach -phys p -net 42",
        "net 42\nphys -name p {\nvirt -name a -net 42\n}\nattach -phys p -net 42",
        "net 42 {\nphys -name p {\nvirt -name a\n}\n}",
    ]
    .map(|script| run(&format!("settings vxlan/e2e\n{script}"), &[]).expect("it runs"));
    assert_eq!(models[0].nets()["42"].id().number(), 42);
    assert_eq!(models[0].virts().count(), 1);
    assert!(models.iter().all(|model| *model == models[0]));
}

#[test]
fn a_virt_moves_and_changes() {
    let start = "settings vlan\nphys -name a\nphys -name b\nnet 1 {attach a b\nvirt -name v -phys a -if tap0 -mac 020000000001 {\nrule in 1 drop -srcIp 10.0.0.1\nrate in -avg 1kb -burst 2kb\nrate out -avg 1kb -burst 2kb}}\n";
    let moved = run(&format!("{start}virt -name v -net 1 -phys b\n"), &[]).expect("it runs");
    let virt = &moved.nets()["1"].virts()["v"];
    let connection = virt.connection.as_ref().expect("it is connected");
    assert_eq!(
        (connection.phys.as_str(), connection.interface.as_ref().map(pleach_tc::Interface::as_str)),
        ("b", Some("tap0"))
    );
    let end =
        "virt -name v -net 1 -macClear {\nflushVr\nrate in\n}\nphys -name a -remove\nphys -name b -ifClear {detach 1}";
    let changed = run(&format!("{start}{end}"), &[]).expect("it runs");
    let virt = &changed.nets()["1"].virts()["v"];
    assert_eq!((virt.mac, virt.rules(), &virt.connection, virt.limit(Direction::In)), (None, &[][..], &None, None));
    assert!(virt.limit(Direction::Out).is_some());
    assert!(changed.nets()["1"].attached().is_empty());
    let lifted = run(&format!("{start}virt -name v -net 1 {{rate}}"), &[]).expect("it runs");
    assert_eq!(lifted.nets()["1"].virts()["v"].limit(Direction::Out), None);
}

#[test]
fn options_and_types_are_abbreviated_and_names_are_made() {
    let model = run("settings vxlan/s -po 0x12b5\nphys -na A\nphys\nphys -name phys-2\nphys\nnet 1 {virt; virt}", &[])
        .expect("it runs");
    assert_eq!(model.settings()["default"].type_name(), "vxlan/static");
    assert_eq!(model.settings()["default"].port().map(crate::UdpPort::get), Some(4789));
    assert_eq!(model.physes().keys().map(Name::as_str).collect::<Vec<_>>(), ["A", "phys-1", "phys-2", "phys-3"]);
    assert_eq!(model.nets()["1"].virts().keys().map(Name::as_str).collect::<Vec<_>>(), ["virt-1", "virt-2"]);
}

#[test]
fn actions_and_changes_are_handed_on_with_their_lines() {
    let mut notes = Notes { refuses: Some(Action::Commit), ..Notes::default() };
    let mut interpreter = Interpreter::new([]);
    let script = "phys -name a\nvalidate\nshow -json\n\ncommit\nshow";
    let error = interpreter.run(script, "a.lsctl", &mut notes).expect_err("the commit is refused");
    assert_eq!(error.to_string(), "`a.lsctl` line 5: refused");
    assert_eq!(notes.actions, [(Action::Validate, 2), (Action::Show(Format::Json), 3), (Action::Commit, 5)]);
    assert_eq!(notes.changes, [(1, Change::AddPhys("a".parse().expect("a name")))]);
    // What was done stays, in variables too, until it is freed.
    notes.refuses = None;
    interpreter.run("set b [expr 1]\nphys -name b$b", "b.lsctl", &mut notes).expect("it runs");
    interpreter.run("phys -name c$b\nshow", "c.lsctl", &mut notes).expect("it runs");
    assert_eq!(interpreter.session().model.physes().len(), 3);
    interpreter.run("free", "d.lsctl", &mut notes).expect("it runs");
    assert_eq!(interpreter.session(), &Session::default());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(script in "[a-z0-9 {}\\[\\]$\"\\\\;\n#.*<>=&|?:!()-]{0,60}") {
        let _ = run(&script, &["a"]);
        let _ = run(&format!("set x [expr {{{script}}}]"), &["a"]);
    }
}

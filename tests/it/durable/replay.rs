//! What a disk holds after a power cut: made from the log of `shim.c`, for any moment of it.
//!
//! The rules are POSIX's, without what kind file systems do on top: bytes of a file are safe once a flush of that file,
//! begun after they were written, has ended; an entry of a directory is safe once a flush of that directory, begun
//! after the entry was made, changed or removed, has ended. Of the rest anything may be there or not. A flush that
//! fails may have lost what it was to bring to the disk, and no later one brings that: this is what Linux does.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use rand::rngs::StdRng;

const HEAD: usize = 32;

/// Pieces in which the disk takes what was written.
const PIECE: usize = 4096;

/// A file or directory. They are numbered, because the numbers the system gives are used again.
type Node = usize;

const ROOT: Node = 0;

/// What became of bytes and entries that were not flushed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// All are gone.
    Everything,
    /// All are there, as after the end of the process alone.
    Nothing,
    /// Those of each file and directory are there up to some moment.
    Late,
    /// Some are there.
    Some,
}

impl Loss {
    pub(super) fn any(random: &mut StdRng) -> Self {
        [Self::Everything, Self::Nothing, Self::Late, Self::Some][random.random_range(0..4)]
    }
}

#[derive(Debug)]
enum Event {
    /// Entries of a directory are made, replaced or removed at once.
    Names(Node, Vec<(String, Option<Node>)>),
    Write(Node, u64, Range<usize>),
    Truncate(Node, u64),
    /// A flush has ended that began with the event of that number.
    Synced(Node, usize),
    SyncFailed(Node),
    Other,
}

impl Event {
    const fn node(&self) -> Option<Node> {
        match self {
            Self::Names(node, _) | Self::Write(node, ..) | Self::Truncate(node, _) => Some(*node),
            Self::Synced(..) | Self::SyncFailed(_) | Self::Other => None,
        }
    }
}

/// Everything that happened.
#[derive(Debug)]
pub(super) struct Replay {
    log: Vec<u8>,
    root: PathBuf,
    events: Vec<Event>,
    /// Where in the log events end.
    ends: Vec<u64>,
    /// Which nodes are directories.
    folders: Vec<bool>,
}

impl Replay {
    /// Reads a log that began with an empty root.
    pub(super) fn load(log: &Path, root: &Path) -> Self {
        let mut this = Self {
            log: fs::read(log).unwrap(),
            root: root.canonicalize().unwrap(),
            events: Vec::new(),
            ends: Vec::new(),
            folders: vec![true],
        };
        let mut live = Live {
            nodes: HashMap::from([(fs::metadata(root).unwrap().ino(), ROOT)]),
            entries: vec![BTreeMap::new()],
            began: HashMap::new(),
        };
        let mut at = 0;
        // A record may have been cut by the end of the process.
        while let Some((record, end)) = Record::read(&this.log, at) {
            let event = this.event(&mut live, &record);
            this.events.push(event);
            this.ends.push(end as u64);
            at = end;
        }
        this
    }

    /// Moments there are; moment `n` is after `n` events.
    pub(super) fn moments(&self) -> usize {
        self.events.len()
    }

    /// The bytes of the log at a moment.
    pub(super) fn position(&self, moment: usize) -> u64 {
        moment.checked_sub(1).map_or(0, |last| self.ends[last])
    }

    /// The first moment at which the log had so many bytes.
    pub(super) fn moment(&self, position: u64) -> usize {
        self.ends.partition_point(|end| *end <= position)
    }

    /// Writes what the disk would hold if the power went at a moment.
    pub(super) fn restore(&self, moment: usize, loss: Loss, random: &mut StdRng, target: &Path) {
        let mut safe = vec![0; self.folders.len()];
        let mut lost: Vec<Vec<Range<usize>>> = vec![Vec::new(); self.folders.len()];
        for (number, event) in self.events[..moment].iter().enumerate() {
            match event {
                Event::Synced(node, began) => safe[*node] = safe[*node].max(*began),
                Event::SyncFailed(node) => lost[*node].push(safe[*node]..number),
                _ => {}
            }
        }
        let late: Vec<usize> = safe
            .iter()
            .map(|safe| match loss {
                Loss::Late => random.random_range(*safe..=moment),
                Loss::Everything | Loss::Nothing | Loss::Some => 0,
            })
            .collect();
        let mut files: Vec<Vec<u8>> = vec![Vec::new(); self.folders.len()];
        let mut entries: Vec<BTreeMap<&str, Node>> = vec![BTreeMap::new(); self.folders.len()];
        for (number, event) in self.events[..moment].iter().enumerate() {
            let Some(node) = event.node() else { continue };
            let is_lost = lost[node].iter().any(|range| range.contains(&number));
            let is_safe = number < safe[node] && !is_lost;
            let mut is_there = || {
                is_safe
                    || match loss {
                        Loss::Everything => false,
                        Loss::Nothing => true,
                        Loss::Late => number < late[node] && !is_lost,
                        Loss::Some => random.random_bool(0.5),
                    }
            };
            match event {
                Event::Names(_, names) if is_there() => {
                    for (name, target) in names {
                        match target {
                            Some(target) => entries[node].insert(name, *target),
                            None => entries[node].remove(name.as_str()),
                        };
                    }
                }
                Event::Truncate(_, length) if is_there() => {
                    files[node].resize(usize::try_from(*length).unwrap(), 0);
                }
                Event::Write(_, at, bytes) => {
                    let mut at = usize::try_from(*at).unwrap();
                    for piece in self.log[bytes.clone()].chunks(PIECE) {
                        if is_there() {
                            let file = &mut files[node];
                            file.resize(file.len().max(at + piece.len()), 0);
                            file[at..at + piece.len()].copy_from_slice(piece);
                        }
                        at += piece.len();
                    }
                }
                _ => {}
            }
        }
        self.put(ROOT, target, &entries, &files);
    }

    fn put(&self, node: Node, path: &Path, entries: &[BTreeMap<&str, Node>], files: &[Vec<u8>]) {
        for (name, child) in &entries[node] {
            let path = path.join(name);
            if self.folders[*child] {
                fs::create_dir(&path).unwrap();
                self.put(*child, &path, entries, files);
            } else {
                fs::write(path, &files[*child]).unwrap();
            }
        }
    }

    fn event(&mut self, live: &mut Live, record: &Record) -> Event {
        match record.op {
            // CREATE, MKDIR
            1 | 2 => {
                let node = self.folders.len();
                self.folders.push(record.op == 2);
                live.entries.push(BTreeMap::new());
                live.nodes.insert(record.a, node);
                let (folder, name) = self.place(live, record.one(&self.log));
                live.set(folder, name, Some(node))
            }
            // RENAME
            3 => {
                let (from, from_name) = self.place(live, record.one(&self.log));
                let (to, to_name) = self.place(live, record.two(&self.log));
                let node = live.entries[from].remove(&from_name);
                live.entries[to].insert(to_name.clone(), node.unwrap());
                if from == to {
                    return Event::Names(from, vec![(from_name, None), (to_name, node)]);
                }
                self.events.push(Event::Names(to, vec![(to_name, node)]));
                self.ends.push(self.ends.last().copied().unwrap_or(0));
                Event::Names(from, vec![(from_name, None)])
            }
            // UNLINK
            4 => {
                let (folder, name) = self.place(live, record.one(&self.log));
                live.set(folder, name, None)
            }
            // LINK
            5 => {
                let (from, from_name) = self.place(live, record.one(&self.log));
                let (to, to_name) = self.place(live, record.two(&self.log));
                let node = live.entries[from].get(&from_name).copied();
                live.set(to, to_name, node)
            }
            6 => Event::Write(live.nodes[&record.a], record.b, record.one.clone()),
            7 => Event::Truncate(live.nodes[&record.a], record.b),
            // SYNC_BEGINS, SYNC_ENDS
            8 => {
                live.began.insert(record.b, self.events.len());
                Event::Other
            }
            9 => live.began.remove(&record.b).map_or(Event::Other, |began| {
                Event::Synced(live.nodes[&record.a], began)
            }),
            10 => Event::SyncFailed(live.nodes[&record.a]),
            other => unreachable!("the log has a record of sort {other}"),
        }
    }

    /// The directory of a path and the name in it.
    fn place(&self, live: &Live, path: &str) -> (Node, String) {
        let relative = Path::new(path).strip_prefix(&self.root).unwrap();
        let mut names: Vec<String> = relative
            .components()
            .map(|part| part.as_os_str().to_str().unwrap().to_owned())
            .filter(|name| name != ".")
            .collect();
        let name = names.pop().unwrap();
        let folder = names
            .iter()
            .fold(ROOT, |folder, name| live.entries[folder][name]);
        (folder, name)
    }
}

/// The state while the log is read.
struct Live {
    /// By the system's number.
    nodes: HashMap<u64, Node>,
    entries: Vec<BTreeMap<String, Node>>,
    /// The numbers of the events with which flushes began, by ticket.
    began: HashMap<u64, usize>,
}

impl Live {
    fn set(&mut self, folder: Node, name: String, node: Option<Node>) -> Event {
        match node {
            Some(node) => self.entries[folder].insert(name.clone(), node),
            None => self.entries[folder].remove(&name),
        };
        Event::Names(folder, vec![(name, node)])
    }
}

/// One record of the log.
struct Record {
    op: u32,
    a: u64,
    b: u64,
    one: Range<usize>,
    two: Range<usize>,
}

impl Record {
    fn read(log: &[u8], at: usize) -> Option<(Self, usize)> {
        let head = log.get(at..at + HEAD)?;
        let small = |at: usize| u32::from_ne_bytes(head[at..at + 4].try_into().unwrap());
        let large = |at: usize| u64::from_ne_bytes(head[at..at + 8].try_into().unwrap());
        let one = at + HEAD..at + HEAD + small(4) as usize;
        let two = one.end..one.end + small(8) as usize;
        let end = two.end;
        (end <= log.len()).then(|| {
            let (a, b) = (large(16), large(24));
            let op = small(0);
            (Self { op, a, b, one, two }, end)
        })
    }

    fn one<'a>(&self, log: &'a [u8]) -> &'a str {
        std::str::from_utf8(&log[self.one.clone()]).unwrap()
    }

    fn two<'a>(&self, log: &'a [u8]) -> &'a str {
        std::str::from_utf8(&log[self.two.clone()]).unwrap()
    }
}

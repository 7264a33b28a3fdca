//! The ways out.
#![allow(
    unsafe_code,
    reason = "an attacker calls the system as it likes, and keeps no promises"
)]

use std::ffi::{CString, c_long};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;

use crate::attacker::Prey;

/// One way out.
pub struct Attack {
    /// What it is called.
    pub name: &'static str,
    /// Whether it works wherever it is not forbidden, so that its failure there is the test's.
    pub works_everywhere: bool,
    /// Tries it, and says how it got out.
    pub attempt: fn(&Prey) -> io::Result<String>,
}

const fn attack(name: &'static str, attempt: fn(&Prey) -> io::Result<String>) -> Attack {
    Attack {
        name,
        works_everywhere: true,
        attempt,
    }
}

/// What some machines forbid to everybody.
const fn rare(name: &'static str, attempt: fn(&Prey) -> io::Result<String>) -> Attack {
    Attack {
        name,
        works_everywhere: false,
        attempt,
    }
}

/// All of them.
pub const ATTACKS: &[Attack] = &[
    attack("open_a_file", |_| opened("/etc/passwd")),
    attack("open_the_environment_of_the_parent", |prey| {
        opened(&format!("/proc/{}/environ", prey.parent))
    }),
    rare("open_the_memory_of_the_parent", |prey| {
        let mut memory = File::open(format!("/proc/{}/mem", prey.parent))?;
        memory.seek(SeekFrom::Start(prey.address as u64))?;
        memory.read_exact(&mut [0; 8])?;
        Ok("read the memory".to_owned())
    }),
    attack("open_another_document", |prey| {
        opened(&prey.folder.join("blob").display().to_string())
    }),
    attack("open_by_openat2", |_| openat2()),
    attack("look_for_files", |prey| {
        fs::read_dir(&prey.folder).map(|_| "listed".to_owned())
    }),
    attack("ask_whether_a_file_is_there", |prey| {
        fs::metadata(prey.folder.join("blob")).map(|_| "it is there".to_owned())
    }),
    attack("read_what_the_parent_left_open", |prey| {
        let left = prey.inherited.first().ok_or_else(refused)?;
        let mut bytes = [0_u8; 8];
        called(
            libc::SYS_pread64,
            [(*left).into(), address(&mut bytes), 8, 0],
        )
    }),
    rare("trace_the_parent", |prey| {
        called(
            libc::SYS_ptrace,
            [libc::PTRACE_SEIZE.into(), prey.parent.into(), 0, 0],
        )
    }),
    rare("read_the_parent_from_afar", vm_readv),
    rare("take_a_descriptor_of_the_parent", |prey| {
        let parent = called(libc::SYS_pidfd_open, [prey.parent.into(), 0, 0, 0])?;
        let parent: c_long = parent.parse().map_err(io::Error::other)?;
        called(libc::SYS_pidfd_getfd, [parent, 0, 0, 0])
    }),
    attack("signal_the_parent", |prey| {
        called(
            libc::SYS_kill,
            [prey.parent.into(), libc::SIGCONT.into(), 0, 0],
        )
    }),
    attack("signal_a_thread_of_the_parent", |prey| {
        let parent = prey.parent.into();
        called(libc::SYS_tgkill, [parent, parent, libc::SIGCONT.into(), 0])
    }),
    attack("lift_the_limits", |_| {
        called(libc::SYS_prlimit64, [0, libc::RLIMIT_NPROC.into(), 0, 0])
    }),
    attack("make_a_socket", |_| {
        called(
            libc::SYS_socket,
            [libc::AF_INET.into(), libc::SOCK_STREAM.into(), 0, 0],
        )
    }),
    attack("make_a_pair_of_sockets", |_| {
        let mut pair = [0_i32; 2];
        called(libc::SYS_socketpair, [1, 1, 0, address(&mut pair)])
    }),
    attack("connect", |prey| {
        TcpStream::connect(("127.0.0.1", prey.port)).map(|_| "connected".to_owned())
    }),
    attack("run_a_program", |prey| {
        let mark = prey.folder.join("ran").display().to_string();
        Err(Command::new("/usr/bin/touch").arg(mark).exec())
    }),
    attack("start_a_program", |prey| {
        let mark = prey.folder.join("started").display().to_string();
        let ended = Command::new("/usr/bin/touch").arg(mark).status()?;
        Ok(ended.to_string())
    }),
    attack("run_a_file_in_memory", |_| memfd_exec()),
    attack("fork", |_| {
        called(libc::SYS_clone, [libc::SIGCHLD.into(), 0, 0, 0])
    }),
    attack("start_a_thread", |_| {
        std::thread::Builder::new()
            .spawn(|| ())
            .map(|_| "started".to_owned())
    }),
    attack("make_a_file_in_the_folder", |prey| {
        File::create(prey.folder.join("made")).map(|_| "made".to_owned())
    }),
    attack("change_a_document", |prey| {
        File::options()
            .append(true)
            .open(prey.folder.join("blob"))
            .map(|_| "opened to write".to_owned())
    }),
    attack("remove_a_document", |prey| {
        fs::remove_file(prey.folder.join("blob")).map(|()| "removed".to_owned())
    }),
    attack("rename_a_document", |prey| {
        fs::rename(prey.folder.join("blob"), prey.folder.join("gone")).map(|()| "moved".to_owned())
    }),
    attack("link_a_document", |prey| {
        std::os::unix::fs::symlink("/etc/passwd", prey.folder.join("link"))
            .map(|()| "linked".to_owned())
    }),
    attack("make_a_directory", |prey| {
        fs::create_dir(prey.folder.join("directory")).map(|()| "made".to_owned())
    }),
    attack("write_to_another_descriptor", |_| {
        called(libc::SYS_write, [0, address(&mut [b'x']), 1, 0])
    }),
    attack("map_memory_that_runs", |_| {
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: memory of its own.
        let mapped = unsafe { libc::mmap(ptr::null_mut(), 4096, protection, flags, -1, 0) };
        match mapped {
            libc::MAP_FAILED => Err(io::Error::last_os_error()),
            _ => Ok("mapped".to_owned()),
        }
    }),
    attack("have_memory_run", |_| {
        let page = vec![0_u8; 8192];
        let start = (page.as_ptr() as usize).next_multiple_of(4096) as c_long;
        let protection = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
        called(libc::SYS_mprotect, [start, 4096, protection.into(), 0])
    }),
    attack("become_dumpable", |_| {
        called(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 1, 0, 0])
    }),
    rare("io_uring", |_| {
        let mut parameters = [0_u64; 32];
        called(
            libc::SYS_io_uring_setup,
            [4, address(&mut parameters), 0, 0],
        )
    }),
    rare("bpf", |_| {
        // A map of one entry.
        let mut attributes = [0_u32; 32];
        attributes[..4].copy_from_slice(&[2, 4, 4, 1]);
        called(libc::SYS_bpf, [0, address(&mut attributes), 128, 0])
    }),
    rare("keyctl", |_| {
        // The number of the keyring of this session, made if there is none.
        called(libc::SYS_keyctl, [0, -3, 1, 0])
    }),
    rare("mount", |prey| {
        let place = path(&prey.folder.display().to_string());
        // An unknown kind of file system is found out after the right to mount.
        let kind = path("nothing");
        let tried = called(
            libc::SYS_mount,
            [
                kind.as_ptr() as c_long,
                place.as_ptr() as c_long,
                kind.as_ptr() as c_long,
                0,
            ],
        );
        match tried {
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => {
                Ok("only the file system was missing".to_owned())
            }
            other => other,
        }
    }),
    rare("unshare", |_| {
        called(libc::SYS_unshare, [libc::CLONE_NEWUTS.into(), 0, 0, 0])
    }),
    rare("setns", |_| {
        let own = File::open("/proc/self/ns/uts")?;
        let own = std::os::fd::AsRawFd::as_raw_fd(&own);
        called(libc::SYS_setns, [own.into(), 0, 0, 0])
    }),
    rare("chroot", |_| {
        called(libc::SYS_chroot, [path("/").as_ptr() as c_long, 0, 0, 0])
    }),
    rare("userfaultfd", |_| {
        called(libc::SYS_userfaultfd, [0, 0, 0, 0])
    }),
    rare("perf", |_| {
        // A clock of this process.
        let mut event = [0_u32; 32];
        event[..2].copy_from_slice(&[1, 128]);
        let event = address(&mut event);
        called(libc::SYS_perf_event_open, [event, 0, -1, -1])
    }),
    attack("add_a_filter", |_| {
        called(libc::SYS_prctl, [libc::PR_SET_NO_NEW_PRIVS.into(), 1, 0, 0])
    }),
    #[cfg(target_arch = "x86_64")]
    rare("call_by_the_other_numbers", |_| {
        const X32: c_long = 0x4000_0000;
        called(X32 | libc::SYS_getpid, [0; 4])
    }),
];

fn refused() -> io::Error {
    io::Error::other("there is none")
}

fn opened(path: &str) -> io::Result<String> {
    File::open(path).map(|_| format!("opened {path}"))
}

fn path(path: &str) -> CString {
    CString::new(path).unwrap()
}

fn address<T>(of: &mut T) -> c_long {
    ptr::from_mut(of) as c_long
}

/// Any system call.
fn called(call: c_long, arguments: [c_long; 4]) -> io::Result<String> {
    let [one, two, three, four] = arguments;
    // SAFETY: the callers above give what the call wants.
    match unsafe { libc::syscall(call, one, two, three, four, 0, 0) } {
        -1 => Err(io::Error::last_os_error()),
        given => Ok(given.to_string()),
    }
}

fn openat2() -> io::Result<String> {
    // Flags, mode, resolution.
    let mut how = [0_u64; 3];
    let name = path("/etc/passwd");
    called(
        libc::SYS_openat2,
        [
            libc::AT_FDCWD.into(),
            name.as_ptr() as c_long,
            address(&mut how),
            24,
        ],
    )
}

fn vm_readv(prey: &Prey) -> io::Result<String> {
    let mut bytes = [0_u8; 8];
    let ours = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: 8,
    };
    let theirs = libc::iovec {
        iov_base: prey.address as *mut _,
        iov_len: 8,
    };
    // SAFETY: that many bytes may be written.
    match unsafe { libc::process_vm_readv(prey.parent, &ours, 1, &theirs, 1, 0) } {
        -1 => Err(io::Error::last_os_error()),
        read => Ok(format!("read {read} bytes")),
    }
}

/// Copies a program into memory and runs it: it says that it escaped, in the words of the test.
fn memfd_exec() -> io::Result<String> {
    let name = path("program");
    let made = called(libc::SYS_memfd_create, [name.as_ptr() as c_long, 0, 0, 0])?;
    let number: i32 = made.parse().map_err(io::Error::other)?;
    fs::copy("/bin/echo", format!("/proc/self/fd/{number}"))?;
    let error = Command::new(format!("/proc/self/fd/{number}"))
        .arg("escaped: ran from memory")
        .exec();
    Err(error)
}

/// What is open besides the standard three, the worker's socket, and the look at the list itself.
pub fn inherited() -> Vec<i32> {
    let listed = fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    listed
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            let number = entry.file_name().to_str()?.parse().ok()?;
            let is_file = target.ends_with("left-open");
            is_file.then_some(number)
        })
        .collect()
}
